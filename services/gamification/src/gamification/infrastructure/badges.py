"""The badges of the catalogue, as its files say them; what cannot be is refused when the service starts."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gamification.domain.badges import Badge, BadgeCatalogue, Picture
from gamification.domain.facts import Fact
from gamification.infrastructure.pictures import Artwork

_Line = Annotated[str, Field(min_length=1, max_length=120)]


class _BadgeEntry(BaseModel):
    """A `[[badges]]` of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    fact: Fact
    at_least: Annotated[int, Field(ge=1, le=1_000_000)]
    xp: Annotated[int, Field(ge=1, le=10_000)]
    title: Annotated[str, Field(min_length=1, max_length=40)]
    text: _Line
    symbol: _Line
    metal: _Line


_ENTRIES = TypeAdapter(list[_BadgeEntry])


def read_badges(document: Mapping[str, object], artwork: Artwork) -> BadgeCatalogue:
    """The badges of a document, each with a picture that can be drawn; ValueError says what is wrong with them."""
    entries = _ENTRIES.validate_python(document.get("badges"))
    unique: dict[str, Sequence[Hashable]] = {
        "id": [entry.id for entry in entries],
        "title": [entry.title for entry in entries],
        "criterion": [(entry.fact, entry.at_least) for entry in entries],
        "picture": [(entry.symbol, entry.metal, entry.at_least) for entry in entries],
    }
    for what, keys in unique.items():
        if doubles := {key for key in keys if keys.count(key) > 1}:
            raise ValueError(f"two badges have the same {what}: {doubles}")
    return BadgeCatalogue(_badge(entry, artwork) for entry in entries)


def _badge(entry: _BadgeEntry, artwork: Artwork) -> Badge:
    text = artwork.describe(entry.symbol, entry.metal, entry.at_least)
    return Badge(
        id=entry.id,
        fact=entry.fact,
        at_least=entry.at_least,
        xp=entry.xp,
        title=entry.title,
        text=entry.text,
        picture=Picture(entry.symbol, entry.metal, text),
    )
