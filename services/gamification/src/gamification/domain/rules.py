"""What is worth how many points: rules as data, each in force from a day to a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gamification.domain.values import Deed, Source


class SourceKind(StrEnum):
    """The sorts of things that points come from; the last two are rewards of the game itself."""

    EXERCISE = "exercise"
    LESSON = "lesson"
    COURSE = "course"
    MEETING = "meeting"
    QUEST = "quest"
    BADGE = "badge"


class Outcome(StrEnum):
    """How it went."""

    COMPLETED = "completed"
    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True, kw_only=True)
class XpRule:
    """So many points for what came to one of these outcomes, under the name by which ledger and API know the rule.

    Learners read its title and text.
    It holds for deeds of the days from `since` to `until`, both included. `daily_cap` is in points, per learner
    and day.
    """

    name: str
    title: str
    text: str
    kind: SourceKind
    outcomes: frozenset[Outcome]
    xp: int
    exercise_kinds: frozenset[str] | None = None
    min_score: int | None = None
    daily_cap: int | None = None
    since: date = date.min
    until: date = date.max

    def rewards(self, deed: "Deed") -> bool:
        """Whether the deed earns points by this rule, as long as no cap is reached."""
        return (
            deed.source.kind is self.kind
            and deed.outcome in self.outcomes
            and self.since <= deed.day <= self.until
            and (self.exercise_kinds is None or deed.exercise_kind in self.exercise_kinds)
            and (self.min_score is None or (deed.score_percent or 0) >= self.min_score)
        )


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules there are, and were. What no rule names earns nothing: an absence, excused or not."""

    rules: tuple[XpRule, ...]

    def rules_for(self, deed: "Deed") -> tuple[XpRule, ...]:
        """The rules by which the deed earns points, in the versions of its day."""
        return tuple(rule for rule in self.rules if rule.rewards(deed))

    def about(self, name: str, day: date) -> XpRule | None:
        """The rule as it was on a day; None for one that the rulebook no longer knows."""
        versions = [rule for rule in self.rules if rule.name == name]
        return next(
            (rule for rule in versions if rule.since <= day <= rule.until), versions[-1] if versions else None
        )

    def grants(self, deeds: Iterable["Deed"]) -> "Mapping[Source, Mapping[str, int]]":
        """The points of one day's deeds, by rule.

        Where a rule is capped, who came first has them, and the deed that reaches the cap what is left of it.
        """
        granted: dict[str, int] = {}
        grants: dict[Source, dict[str, int]] = {}
        for deed in sorted(deeds, key=lambda deed: (deed.happened_at, deed.source.id, deed.source.kind)):
            grants[deed.source] = {}
            for rule in self.rules_for(deed):
                so_far = granted.get(rule.name, 0)
                xp = rule.xp if rule.daily_cap is None else min(rule.xp, rule.daily_cap - so_far)
                if xp > 0:
                    granted[rule.name] = so_far + xp
                    grants[deed.source][rule.name] = xp
        return grants


def faults_in(rules: Iterable[XpRule]) -> list[str]:
    """What is wrong with a rulebook, in words for whoever wrote it."""
    found: list[str] = []
    known: list[XpRule] = []
    for rule in rules:
        if not rule.outcomes:
            found.append(f"{rule.name}: without an outcome it never applies")
        if rule.kind in (SourceKind.QUEST, SourceKind.BADGE):
            found.append(f"{rule.name}: what a {rule.kind} is worth stands in its own catalogue")
        if rule.since > rule.until:
            found.append(f"{rule.name}: ends before it begins")
        if any(
            other.name == rule.name and other.since <= rule.until and rule.since <= other.until for other in known
        ):
            found.append(f"{rule.name}: two versions hold on the same day")
        known.append(rule)
    return found
