"""What happened in Learning, in its own words; `application/publishing.py` says what others hear of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from babyowl_kernel import DomainEvent
from learning.domain.outline import Outline
from learning.domain.values import ExerciseKind

Change = Literal["details", "sections", "lessons", "exercises", "arrangement", "content"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseBegun(DomainEvent):
    """An instructor has a new, empty course."""

    course_id: UUID
    instructor_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEdited(DomainEvent):
    """The draft is not what it was."""

    course_id: UUID
    change: Change
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePublished(DomainEvent):
    """Students see a new revision."""

    instructor_id: UUID
    outline: Outline


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseArchived(DomainEvent):
    """The course was taken from the shelf."""

    course_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseCompleted(DomainEvent):
    """A student did an exercise, for the first time."""

    student_id: UUID
    course_id: UUID
    lesson_id: UUID
    exercise_id: UUID
    kind: ExerciseKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonCompleted(DomainEvent):
    """A student has done everything in a lesson."""

    student_id: UUID
    course_id: UUID
    lesson_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseCompleted(DomainEvent):
    """A student has completed every lesson of the revision that counts for them."""

    student_id: UUID
    course_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevisionFollowed(DomainEvent):
    """From now on another revision counts for the student."""

    student_id: UUID
    course_id: UUID
    revision: int
