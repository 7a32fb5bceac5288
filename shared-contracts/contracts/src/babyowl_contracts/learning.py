"""What Learning tells the others: courses, and what students have done in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from babyowl_contracts.event import Event

ExerciseKind = Literal["reading", "quiz", "coding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonOutline:
    """A lesson's place in its course; `position` counts from 1 through all sections.

    `exercise_kinds` has a kind for each of the exercises, in their order; it is empty in what was told before
    kinds were.
    """

    lesson_id: UUID
    position: int
    exercise_ids: tuple[UUID, ...]
    exercise_kinds: tuple[ExerciseKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseCreated(Event, type="learning.CourseCreated.v1"):
    """An instructor has begun a course; nobody else sees it yet."""

    course_id: UUID
    instructor_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePublished(Event, type="learning.CoursePublished.v1"):
    """The course can be taught. `revision` grows by one with each publication; the greatest one counts."""

    course_id: UUID
    instructor_id: UUID
    revision: int
    open: bool
    lessons: tuple[LessonOutline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseArchived(Event, type="learning.CourseArchived.v1"):
    """No new class can be made of the course; running ones go on."""

    course_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseCompleted(Event, type="learning.ExerciseCompleted.v1"):
    """A student has completed an exercise for the first time; a repeat is no event.

    `revision` grows when the score is regraded; the greatest counts, and `completed_at` stays what it was.
    """

    student_id: UUID
    course_id: UUID
    lesson_id: UUID
    exercise_id: UUID
    kind: ExerciseKind
    score_percent: int | None
    completed_at: datetime
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonCompleted(Event, type="learning.LessonCompleted.v1"):
    """A student has completed every exercise of a lesson."""

    student_id: UUID
    course_id: UUID
    lesson_id: UUID
    completed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseCompleted(Event, type="learning.CourseCompleted.v1"):
    """A student has completed every lesson of a course, in the revision they saw."""

    student_id: UUID
    course_id: UUID
    completed_at: datetime
