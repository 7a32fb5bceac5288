"""The quests of the catalogue, as its file says them; what cannot be is refused when the service starts."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gamification.domain.facts import Fact
from gamification.domain.quests import Cadence, Quest, QuestCatalogue, faults_in


class _QuestEntry(BaseModel):
    """A `[[quests]]` of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    cadence: Cadence
    fact: Fact
    target: Annotated[int, Field(ge=1, le=1000)]
    at_least: Annotated[int, Field(ge=1, le=10_000)] | None = None
    xp: Annotated[int, Field(ge=1, le=10_000)]
    title: Annotated[str, Field(min_length=1, max_length=40)]
    text: Annotated[str, Field(min_length=1, max_length=120)]
    since: date = date.min
    until: date = date.max


_ENTRIES = TypeAdapter(list[_QuestEntry])


def read_quests(document: Mapping[str, object]) -> QuestCatalogue:
    """The quests of a document; ValueError says what is wrong with them."""
    quests = tuple(_quest(entry) for entry in _ENTRIES.validate_python(document.get("quests")))
    if faults := faults_in(quests):
        raise ValueError("; ".join(faults))
    return QuestCatalogue(quests)


def _quest(entry: _QuestEntry) -> Quest:
    return Quest(
        id=entry.id,
        cadence=entry.cadence,
        fact=entry.fact,
        target=entry.target,
        xp=entry.xp,
        title=entry.title,
        text=entry.text.replace("{target}", str(entry.target)),
        at_least=entry.at_least or entry.target,
        since=entry.since,
        until=entry.until,
    )
