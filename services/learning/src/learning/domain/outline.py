"""The bones of a publication: what a student's progress is counted against."""

from dataclasses import dataclass
from uuid import UUID

from learning.domain.values import ExerciseKind


@dataclass(frozen=True, slots=True)
class OutlinedExercise:
    """An exercise of a publication."""

    id: UUID
    kind: ExerciseKind


@dataclass(frozen=True, slots=True)
class OutlinedLesson:
    """A lesson's place in a publication; `position` counts from 1 through all sections."""

    id: UUID
    position: int
    exercises: tuple[OutlinedExercise, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """One publication of a course, without its words."""

    course_id: UUID
    revision: int
    open: bool
    lessons: tuple[OutlinedLesson, ...]

    def find(self, exercise_id: UUID) -> tuple[OutlinedLesson, OutlinedExercise] | None:
        """The exercise and the lesson it belongs to."""
        for lesson in self.lessons:
            for exercise in lesson.exercises:
                if exercise.id == exercise_id:
                    return lesson, exercise
        return None

    @property
    def exercise_count(self) -> int:
        """How many exercises all lessons have together."""
        return sum(len(lesson.exercises) for lesson in self.lessons)
