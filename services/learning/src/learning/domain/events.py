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
    course_id: UUID
    instructor_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEdited(DomainEvent):
    course_id: UUID
    change: Change
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePublished(DomainEvent):
    instructor_id: UUID
    outline: Outline


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseArchived(DomainEvent):
    course_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseCompleted(DomainEvent):
    student_id: UUID
    course_id: UUID
    lesson_id: UUID
    exercise_id: UUID
    kind: ExerciseKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonCompleted(DomainEvent):
    student_id: UUID
    course_id: UUID
    lesson_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseCompleted(DomainEvent):
    student_id: UUID
    course_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevisionFollowed(DomainEvent):
    student_id: UUID
    course_id: UUID
    revision: int
