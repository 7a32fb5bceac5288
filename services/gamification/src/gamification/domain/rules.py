"""What is worth how many points. The whole rulebook is this table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """The sorts of things that points come from."""

    EXERCISE = "exercise"
    LESSON = "lesson"
    COURSE = "course"
    MEETING = "meeting"


class Outcome(StrEnum):
    """How it went."""

    COMPLETED = "completed"
    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class XpRule:
    """So many points, under the name by which ledger and API know the rule."""

    name: str
    xp: int


RULEBOOK: Mapping[tuple[SourceKind, Outcome], tuple[XpRule, ...]] = {
    (SourceKind.EXERCISE, Outcome.COMPLETED): (XpRule("exercise_completed", 20),),
    (SourceKind.LESSON, Outcome.COMPLETED): (XpRule("lesson_completed", 50),),
    (SourceKind.COURSE, Outcome.COMPLETED): (XpRule("course_completed", 500),),
    (SourceKind.MEETING, Outcome.PRESENT): (XpRule("meeting_present", 30),),
    (SourceKind.MEETING, Outcome.LATE): (XpRule("meeting_late", 15),),
}
"""What is not in here earns nothing: an absence, excused or not."""


def rules_for(kind: SourceKind, outcome: Outcome) -> tuple[XpRule, ...]:
    """The rules that apply when a source came to this outcome."""
    return RULEBOOK.get((kind, outcome), ())
