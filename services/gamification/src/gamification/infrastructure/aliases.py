"""The words of aliases, read once from their file; what cannot be is refused when the service starts."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from tomllib import loads

from pydantic import BaseModel, ConfigDict

from gamification.domain.aliases import AliasWords, faults_in


class _Words(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: tuple[str, ...]
    second: tuple[str, ...]


def read_words(document: Mapping[str, object]) -> AliasWords:
    """The words of a document; ValueError says what is wrong with them."""
    words = _Words.model_validate(document)
    if faults := faults_in(words.first, words.second):
        raise ValueError("; ".join(faults))
    return AliasWords(words.first, words.second)


@cache
def load_words() -> AliasWords:
    """The words of this academy; ValueError if the file says what cannot be."""
    return read_words(loads(files("gamification").joinpath("catalogue", "aliases.toml").read_text(encoding="utf-8")))
