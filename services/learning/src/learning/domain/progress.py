"""A student's way through a course: what they have completed, counted against what they saw."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from babyowl_kernel import AggregateRoot
from learning.domain.events import (
    CourseCompleted,
    ExerciseCompleted,
    LessonCompleted,
    NewRevisionFollowed,
)
from learning.domain.outline import Outline, OutlinedExercise, OutlinedLesson
from learning.domain.values import percent_of

PROGRESS = UUID("5f2d1f0e-6d3b-5d0c-9a52-3c1b7b1c8e10")
"""Namespace of the ids below."""


def progress_id(student_id: UUID, course_id: UUID) -> UUID:
    """The id of the one progress a student has in a course."""
    return uuid5(PROGRESS, f"{student_id}/{course_id}")


@dataclass(frozen=True, slots=True)
class ExerciseProgress:
    """An exercise was completed, in this lesson, for the first time at this time."""

    lesson_id: UUID
    completed_at: datetime


@dataclass(kw_only=True)
class StudentProgress(AggregateRoot):
    """How far one student is in one course.

    It is counted against the newest publication in which the student has completed something. What is
    completed stays completed: a lesson when exercises join it, the course when lessons do. From then on
    the counts no longer move.
    """

    student_id: UUID
    course_id: UUID
    revision: int = 0
    exercises_done: int = 0
    exercises_total: int = 0
    lessons_done: int = 0
    lessons_total: int = 0
    started_at: datetime
    last_activity_at: datetime
    completed_at: datetime | None = None
    exercises: dict[UUID, ExerciseProgress] = field(default_factory=dict)
    lessons: dict[UUID, datetime] = field(default_factory=dict)

    @classmethod
    def start(cls, student_id: UUID, course_id: UUID, *, now: datetime) -> "StudentProgress":
        """The progress of a student who has not completed anything yet."""
        return cls(
            id=progress_id(student_id, course_id),
            student_id=student_id,
            course_id=course_id,
            started_at=now,
            last_activity_at=now,
        )

    @property
    def percent(self) -> int:
        """Completed exercises per hundred, rounded down: 100 only when the course is complete."""
        return percent_of(self.exercises_done, self.exercises_total)

    def complete(
        self, lesson: OutlinedLesson, exercise: OutlinedExercise, outline: Outline, *, now: datetime
    ) -> ExerciseProgress:
        """Note that the student completed an exercise of the publication; a repeat earns nothing."""
        if exercise.id not in self.exercises:
            self.exercises[exercise.id] = ExerciseProgress(lesson.id, now)
            self.last_activity_at = now
            self.record(
                ExerciseCompleted(
                    student_id=self.student_id,
                    course_id=self.course_id,
                    lesson_id=lesson.id,
                    exercise_id=exercise.id,
                    kind=exercise.kind,
                    at=now,
                )
            )
        self._settle(outline, now)
        return self.exercises[exercise.id]

    def catch_up(self, outline: Outline, *, now: datetime) -> None:
        """Complete the course if the publication has nothing in it that is left to do; else leave all as it is."""
        if all(self._has_done(lesson) for lesson in outline.lessons):
            self._settle(outline, now)

    def _has_done(self, lesson: OutlinedLesson) -> bool:
        return lesson.id in self.lessons or all(exercise.id in self.exercises for exercise in lesson.exercises)

    def _settle(self, outline: Outline, now: datetime) -> None:
        """Complete what is full in this publication, and count against it unless the course is complete."""
        for lesson in outline.lessons:
            if lesson.id not in self.lessons and self._has_done(lesson):
                self.lessons[lesson.id] = now
                self.record(
                    LessonCompleted(student_id=self.student_id, course_id=self.course_id, lesson_id=lesson.id, at=now)
                )
        if self.completed_at is not None or outline.revision < self.revision:
            return
        self._follow(outline)
        if self.lessons_done == self.lessons_total:
            self.completed_at = now
            self.record(CourseCompleted(student_id=self.student_id, course_id=self.course_id, at=now))

    def _follow(self, outline: Outline) -> None:
        if outline.revision > self.revision:
            self.revision = outline.revision
            self.record(
                NewRevisionFollowed(student_id=self.student_id, course_id=self.course_id, revision=outline.revision)
            )
        done = [lesson for lesson in outline.lessons if lesson.id in self.lessons]
        self.lessons_done, self.lessons_total = len(done), len(outline.lessons)
        self.exercises_total = outline.exercise_count
        # A completed lesson counts whole, so that exercises which joined it later cost the student nothing.
        self.exercises_done = sum(
            len(lesson.exercises)
            if lesson.id in self.lessons
            else sum(exercise.id in self.exercises for exercise in lesson.exercises)
            for lesson in outline.lessons
        )
