"""What Class knows of Learning's courses: the lessons that can be unlocked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from babyowl_kernel import AggregateRoot
from class_management.domain.errors import CourseArchived, CourseNotPublished, CourseRefused
from class_management.domain.values import LessonId


@dataclass(kw_only=True)
class CourseOutline(AggregateRoot):
    """The lessons of a course as last published; Learning is the source, and tells it in no order.

    The greatest revision counts, and the later one of publishing and archiving. `lessons` maps a lesson to its
    position, which counts from 1 through all sections.
    """

    revision: int = 0
    published_at: datetime | None = None
    archived_at: datetime | None = None
    lessons: dict[LessonId, int] = field(default_factory=dict)

    def publish(self, revision: int, lessons: Mapping[LessonId, int], *, at: datetime) -> None:
        """Take over a publication, unless a later one is known."""
        if revision <= self.revision:
            return
        self.revision, self.published_at = revision, at
        self.lessons = dict(lessons)

    def lessons_up_to(self, lesson_id: LessonId) -> tuple[LessonId, ...]:
        """The lesson and all before it, in their order; none if the course does not have it."""
        last = self.lessons.get(lesson_id, 0)
        in_order = sorted(self.lessons.items(), key=lambda item: item[1])
        return tuple(lesson for lesson, position in in_order if position <= last)

    def archive(self, *, at: datetime) -> None:
        """Note that no new class can be made of the course."""
        self.archived_at = max(at, self.archived_at or at)

    @property
    def refusal_of_new_classes(self) -> CourseRefused | None:
        """A class is made of a published course; an archived one goes on in its classes, but gets no new ones."""
        if self.published_at is None:
            return CourseNotPublished(self.id)
        if self.archived_at is not None and self.archived_at >= self.published_at:
            return CourseArchived(self.id)
        return None
