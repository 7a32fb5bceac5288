"""What authors send."""

from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import Field, StringConstraints

from babyowl_chassis.http import Body
from learning.domain.content import (
    ExerciseDraft,
    LessonDraft,
    WrittenExercise,
    WrittenLesson,
    WrittenSection,
)
from learning.domain.values import (
    EXERCISES_PER_LESSON,
    LESSONS_PER_COURSE,
    REQUIRED_MINUTES,
    SECTIONS_PER_COURSE,
    SUMMARY_LENGTH,
    TEXT_BYTES,
    TITLE_LENGTH,
    VIDEO_URL_LENGTH,
    ExerciseKind,
)

Title: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=TITLE_LENGTH)]
Summary: TypeAlias = Annotated[str, StringConstraints(max_length=SUMMARY_LENGTH)]
# Leading blanks mean something in Markdown, so texts are kept as they were written.
Markdown: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=False, max_length=TEXT_BYTES)]
SomeMarkdown: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=False, min_length=1, max_length=TEXT_BYTES)
]
VideoUrl: TypeAlias = Annotated[
    str,
    StringConstraints(max_length=VIDEO_URL_LENGTH, pattern=r"^https://\S+$"),
    Field(examples=["https://video.example/1"]),
]
Minutes: TypeAlias = Annotated[int, Field(ge=1, le=REQUIRED_MINUTES)]


class NewCourseBody(Body):
    """Staff name the instructor; instructors begin courses of their own."""

    title: Title
    summary: Summary = ""
    instructor_id: UUID | None = None


class CourseBody(Body):
    """Students see it with the next publication. An open course can be studied without a class."""

    title: Title
    summary: Summary
    open: bool


class SectionBody(Body):
    """A section's title."""

    title: Title


class LessonBody(Body):
    """A lesson: Markdown, and perhaps a video."""

    title: Title
    text: Markdown = ""
    video_url: VideoUrl | None = None

    def draft(self) -> LessonDraft:
        """In the domain's words."""
        return LessonDraft(self.title, self.text, self.video_url)


class ExerciseBody(Body):
    """An exercise; `required_minutes` says how long it takes, if that matters."""

    kind: Literal["reading"]
    title: Title
    text: SomeMarkdown
    required_minutes: Minutes | None = None

    def draft(self) -> ExerciseDraft:
        """In the domain's words."""
        return ExerciseDraft(ExerciseKind(self.kind), self.title, self.text, self.required_minutes)


class ContentExercise(ExerciseBody):
    """An exercise of a whole course; leave the id out if it is new."""

    id: UUID | None = None


class ContentLesson(LessonBody):
    """A lesson of a whole course; leave the id out if it is new."""

    id: UUID | None = None
    exercises: Annotated[list[ContentExercise], Field(max_length=EXERCISES_PER_LESSON, default_factory=list)]

    def written(self) -> WrittenLesson:
        """In the domain's words."""
        exercises = tuple(WrittenExercise(exercise.id, exercise.draft()) for exercise in self.exercises)
        return WrittenLesson(self.id, self.draft(), exercises)


class ContentSection(SectionBody):
    """A section of a whole course; leave the id out if it is new."""

    id: UUID | None = None
    lessons: Annotated[list[ContentLesson], Field(max_length=LESSONS_PER_COURSE, default_factory=list)]


class ContentBody(Body):
    """The whole content of a course, in its order. What is left out is dropped."""

    sections: Annotated[list[ContentSection], Field(max_length=SECTIONS_PER_COURSE)]

    def written(self) -> tuple[WrittenSection, ...]:
        """In the domain's words."""
        return tuple(
            WrittenSection(section.id, section.title, tuple(lesson.written() for lesson in section.lessons))
            for section in self.sections
        )


class SectionOrder(Body):
    """A section, and the lessons it shall have."""

    section_id: UUID
    lesson_ids: Annotated[list[UUID], Field(max_length=LESSONS_PER_COURSE)]


class CourseOrderBody(Body):
    """Every section and every lesson, once."""

    sections: Annotated[list[SectionOrder], Field(max_length=SECTIONS_PER_COURSE)]

    def order(self) -> tuple[tuple[UUID, tuple[UUID, ...]], ...]:
        """In the domain's words."""
        return tuple((section.section_id, tuple(section.lesson_ids)) for section in self.sections)


class LessonOrderBody(Body):
    """Every exercise of the lesson, once."""

    exercise_ids: Annotated[list[UUID], Field(max_length=EXERCISES_PER_LESSON)]
