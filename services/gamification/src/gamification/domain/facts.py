"""What a deed is a fact of: the words in which badges and quests say what they ask for."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from gamification.domain.rules import Outcome, SourceKind

if TYPE_CHECKING:
    from gamification.domain.values import Deed

PERFECT = 100
"""The score of a quiz without a mistake, in percent."""


class Fact(StrEnum):
    """What can be counted of a learner's days; the streaks are not tallied but taken at their longest."""

    EXERCISES = "exercises"
    READINGS = "readings"
    QUIZZES = "quizzes"
    PERFECT_QUIZZES = "perfect_quizzes"
    CODING_EXERCISES = "coding_exercises"
    LESSONS = "lessons"
    COURSES = "courses"
    MEETINGS = "meetings"
    PUNCTUAL_MEETINGS = "punctual_meetings"
    QUESTS = "quests"
    DAY_STREAK = "day_streak"
    WEEK_STREAK = "week_streak"


Tally: TypeAlias = Mapping[Fact, int]
"""How many of each; what is not in it is none."""

_EXERCISES = {"reading": Fact.READINGS, "quiz": Fact.QUIZZES, "coding": Fact.CODING_EXERCISES}


def facts_of(deed: "Deed") -> Tally:
    """What the deed counts as: an absence as nothing, a perfect quiz as an exercise, a quiz and a perfect one."""
    match deed.source.kind, deed.outcome:
        case SourceKind.EXERCISE, Outcome.COMPLETED:
            facts = [Fact.EXERCISES]
            if deed.exercise_kind in _EXERCISES:
                facts.append(_EXERCISES[deed.exercise_kind])
            if deed.exercise_kind == "quiz" and deed.score_percent == PERFECT:
                facts.append(Fact.PERFECT_QUIZZES)
        case SourceKind.LESSON, Outcome.COMPLETED:
            facts = [Fact.LESSONS]
        case SourceKind.COURSE, Outcome.COMPLETED:
            facts = [Fact.COURSES]
        case SourceKind.MEETING, Outcome.PRESENT:
            facts = [Fact.MEETINGS, Fact.PUNCTUAL_MEETINGS]
        case SourceKind.MEETING, Outcome.LATE:
            facts = [Fact.MEETINGS]
        case _:
            facts = []
    return dict.fromkeys(facts, 1)
