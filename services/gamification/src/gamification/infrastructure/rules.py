"""The rulebook, as its file says it; what cannot be is refused when the service starts."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gamification.domain.rules import Outcome, Rulebook, SourceKind, XpRule, faults_in


class _RuleEntry(BaseModel):
    """A `[[rules]]` of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    title: Annotated[str, Field(min_length=1, max_length=40)]
    text: Annotated[str, Field(min_length=1, max_length=120)]
    kind: SourceKind
    outcomes: frozenset[Outcome]
    xp: Annotated[int, Field(ge=1, le=10_000)]
    exercise_kinds: frozenset[Literal["reading", "quiz", "coding"]] | None = None
    min_score: Annotated[int, Field(ge=1, le=100)] | None = None
    daily_cap: Annotated[int, Field(ge=1, le=100_000)] | None = None
    since: date = date.min
    until: date = date.max


_ENTRIES = TypeAdapter(list[_RuleEntry])


def read_rules(document: Mapping[str, object]) -> Rulebook:
    """The rules of a document; ValueError says what is wrong with them."""
    rules = tuple(XpRule(**dict(entry)) for entry in _ENTRIES.validate_python(document.get("rules")))
    if faults := faults_in(rules):
        raise ValueError("; ".join(faults))
    return Rulebook(rules)
