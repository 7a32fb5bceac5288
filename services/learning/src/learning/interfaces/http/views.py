"""What authors and students are shown of courses."""

from datetime import datetime
from itertools import count
from typing import Any, Literal, Self
from uuid import UUID

from babyowl_chassis.http import View
from learning.application.commands.editing import Edited
from learning.domain.content import Exercise, Lesson, Section
from learning.domain.course import Course
from learning.domain.values import CourseStatus, ExerciseKind
from learning.queries.course_detail import CourseDraft


class CatalogueView(View):
    """A published course."""

    id: UUID
    revision: int
    title: str
    summary: str
    open: bool
    lessons_total: int
    exercises_total: int
    published_at: datetime
    instructor_id: UUID
    instructor_name: str | None
    instructor_avatar_url: str | None


class ManagedCourseView(View):
    """A course in its author's list."""

    id: UUID
    version: int
    instructor_id: UUID
    instructor_name: str | None
    title: str
    summary: str
    open: bool
    status: CourseStatus
    revision: int
    has_unpublished_changes: bool
    lessons_total: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None


class ExerciseLine(View):
    """An exercise in an outline."""

    id: UUID
    kind: ExerciseKind
    title: str
    required_minutes: int | None


class LessonLine(View):
    """A lesson in an outline; `position` counts from 1 through all sections."""

    id: UUID
    position: int
    title: str
    video_url: str | None
    exercises: list[ExerciseLine]


class SectionLine(View):
    """A section in an outline."""

    id: UUID
    title: str
    lessons: list[LessonLine]


class CourseDraftView(View):
    """A course as its author sees it. `version` is also the ETag; `revision` counts publications."""

    edition: Literal["draft"] = "draft"
    id: UUID
    version: int
    instructor_id: UUID
    title: str
    summary: str
    open: bool
    status: CourseStatus
    revision: int
    has_unpublished_changes: bool
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    sections: list[SectionLine]

    @classmethod
    def of(cls, value: Course | CourseDraft) -> Self:
        """From the aggregate, just written, or from the query."""
        if isinstance(value, CourseDraft):
            return cls.model_validate(value)
        named = {name: getattr(value, name) for name in cls.model_fields.keys() - {"edition", "sections"}}
        return cls(sections=_sections(value), **named)


def _sections(course: Course) -> list[SectionLine]:
    positions = count(1)
    return [
        SectionLine(
            id=section.id,
            title=section.title,
            lessons=[
                LessonLine(
                    id=lesson.id,
                    position=next(positions),
                    title=lesson.title,
                    video_url=lesson.video_url,
                    exercises=[ExerciseLine.of(exercise) for exercise in lesson.exercises],
                )
                for lesson in section.lessons
            ],
        )
        for section in course.sections
    ]


class ExerciseText(ExerciseLine):
    """An exercise with its words."""

    text: str


class LessonText(View):
    """A lesson with its words."""

    id: UUID
    title: str
    text: str
    video_url: str | None
    exercises: list[ExerciseText]


class SectionText(View):
    """A section with all its words."""

    id: UUID
    title: str
    lessons: list[LessonText]


class CourseContentView(View):
    """A course's whole draft; what was read can be changed and sent back."""

    id: UUID
    version: int
    sections: list[SectionText]


class ExerciseForMe(ExerciseLine):
    """An exercise in an outline, as the viewer stands to it."""

    completed: bool


class LessonForMe(View):
    """A lesson in an outline, as the viewer stands to it."""

    id: UUID
    position: int
    title: str
    video_url: str | None
    unlocked: bool
    completed: bool
    exercises: list[ExerciseForMe]


class SectionForMe(View):
    """A section in an outline, as the viewer stands to it."""

    id: UUID
    title: str
    lessons: list[LessonForMe]


class PublishedCourseView(View):
    """A course as students see it; `unlocked` and `completed` are the viewer's own."""

    edition: Literal["published"] = "published"
    id: UUID
    revision: int
    status: CourseStatus
    instructor_id: UUID
    instructor_name: str | None
    title: str
    summary: str
    open: bool
    published_at: datetime
    sections: list[SectionForMe]


class SectionView(View):
    """A section that was just written; `version` is the course's."""

    id: UUID
    course_id: UUID
    version: int
    title: str

    @classmethod
    def of(cls, value: Edited[Section]) -> Self:
        """The section with its course's version."""
        return cls(id=value.part.id, course_id=value.course_id, version=value.version, title=value.part.title)


class LessonView(View):
    """A lesson that was just written; `version` is the course's."""

    id: UUID
    course_id: UUID
    version: int
    title: str
    text_bytes: int
    video_url: str | None
    exercises: list[ExerciseLine]

    @classmethod
    def of(cls, value: Edited[Lesson]) -> Self:
        """The lesson with its course's version."""
        lesson = value.part
        return cls(
            id=lesson.id,
            course_id=value.course_id,
            version=value.version,
            title=lesson.title,
            text_bytes=lesson.text.size,
            video_url=lesson.video_url,
            exercises=[ExerciseLine.of(exercise) for exercise in lesson.exercises],
        )


class ExerciseView(View):
    """An exercise that was just written; `version` is the course's."""

    id: UUID
    course_id: UUID
    version: int
    kind: ExerciseKind
    title: str
    text_bytes: int
    required_minutes: int | None

    @classmethod
    def of(cls, value: Edited[Exercise]) -> Self:
        """The exercise with its course's version."""
        exercise = value.part
        return cls(
            id=exercise.id,
            course_id=value.course_id,
            version=value.version,
            kind=exercise.kind,
            title=exercise.title,
            text_bytes=exercise.text.size,
            required_minutes=exercise.required_minutes,
        )


class DraftLessonView(View):
    """A lesson as its author sees it; `version` is the course's."""

    edition: Literal["draft"] = "draft"
    id: UUID
    course_id: UUID
    version: int
    section_id: UUID
    position: int
    title: str
    text: str
    video_url: str | None
    exercises: list[ExerciseLine]


class PublishedLessonView(View):
    """A lesson as students see it; `completed` is the viewer's own."""

    edition: Literal["published"] = "published"
    id: UUID
    course_id: UUID
    revision: int
    section_id: UUID
    position: int
    title: str
    text: str
    video_url: str | None
    completed: bool
    exercises: list[ExerciseForMe]


class DraftExerciseView(View):
    """An exercise as its author sees it; `version` is the course's."""

    edition: Literal["draft"] = "draft"
    id: UUID
    course_id: UUID
    lesson_id: UUID
    version: int
    kind: ExerciseKind
    title: str
    text: str
    required_minutes: int | None


class PublishedExerciseView(View):
    """An exercise as students see it; `completed_at` is the viewer's own."""

    edition: Literal["published"] = "published"
    id: UUID
    course_id: UUID
    lesson_id: UUID
    revision: int
    kind: ExerciseKind
    title: str
    text: str
    required_minutes: int | None
    completed_at: datetime | None


def for_all(sections: list[dict[str, Any]]) -> list[SectionForMe]:
    """The outline for somebody to whom every lesson is open."""
    return [
        SectionForMe.model_validate(
            section | {"lessons": [lesson | {"unlocked": True} for lesson in section["lessons"]]}
        )
        for section in sections
    ]
