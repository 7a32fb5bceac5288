"""A publication: the course as it stood when it was published. It never changes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from learning.domain.content import Section
from learning.domain.outline import Outline, OutlinedExercise, OutlinedLesson


@dataclass(frozen=True, slots=True)
class Publication:
    """One revision of a course, which students see and are counted against; the greatest one counts."""

    course_id: UUID
    revision: int
    instructor_id: UUID
    title: str
    summary: str
    open: bool
    published_at: datetime
    sections: tuple[Section, ...]

    @property
    def outline(self) -> Outline:
        """Its lessons and exercises without their words."""
        lessons = (lesson for section in self.sections for lesson in section.lessons)
        return Outline(
            course_id=self.course_id,
            revision=self.revision,
            open=self.open,
            lessons=tuple(
                OutlinedLesson(
                    lesson.id,
                    position,
                    tuple(OutlinedExercise(exercise.id, exercise.kind) for exercise in lesson.exercises),
                )
                for position, lesson in enumerate(lessons, start=1)
            ),
        )
