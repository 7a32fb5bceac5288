"""The course: what an instructor writes, and publishes revision by revision."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Refusal, Result
from learning.domain.content import Exercise, ExerciseDraft, Lesson, LessonDraft, Section, WrittenSection
from learning.domain.errors import (
    ArrangementIncomplete,
    CourseIncomplete,
    CourseIsArchived,
    CourseNotPublished,
    CourseTooLarge,
    ExerciseNotFound,
    LessonNotFound,
    SectionNotFound,
    StaleVersion,
    TooManyExercises,
    TooManyLessons,
    TooManySections,
)
from learning.domain.events import Change, CourseArchived, CourseBegun, CoursePublished, DraftEdited
from learning.domain.policies import (
    only_a_fit_exercise,
    only_a_fit_lesson,
    only_a_fit_title,
    only_fit_details,
)
from learning.domain.publication import Publication
from learning.domain.values import (
    COURSE_TEXT_BYTES,
    EXERCISES_PER_COURSE,
    EXERCISES_PER_LESSON,
    LESSONS_PER_COURSE,
    SECTIONS_PER_COURSE,
    CourseStatus,
)
from learning.domain.writing import sections_of


@dataclass(kw_only=True)
class Course(AggregateRoot):
    """A course as its author sees it: the draft, and how often it was published.

    What students see is the latest `Publication`; an edit reaches them with the next one.
    """

    instructor_id: UUID
    title: str
    summary: str
    open: bool = False
    status: CourseStatus = CourseStatus.DRAFT
    revision: int = 0
    has_unpublished_changes: bool = True
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None = None
    sections: list[Section] = field(default_factory=list)

    @classmethod
    def begin(
        cls, course_id: UUID, instructor_id: UUID, title: str, summary: str, *, now: datetime
    ) -> "Result[Course, Refusal]":
        """Start an empty course that nobody else sees."""
        if refusal := only_fit_details(title, summary):
            return Err(refusal)
        course = cls(
            id=course_id,
            instructor_id=instructor_id,
            title=title,
            summary=summary,
            created_at=now,
            updated_at=now,
        )
        course.record(CourseBegun(course_id=course_id, instructor_id=instructor_id))
        return Ok(course)

    @property
    def lessons(self) -> list[Lesson]:
        """All lessons in their order; the first has position 1."""
        return [lesson for section in self.sections for lesson in section.lessons]

    def section(self, section_id: UUID) -> Section | None:
        """The section of this id."""
        return next((section for section in self.sections if section.id == section_id), None)

    def lesson(self, lesson_id: UUID) -> Lesson | None:
        """The lesson of this id."""
        return next((lesson for lesson in self.lessons if lesson.id == lesson_id), None)

    def exercise(self, exercise_id: UUID) -> tuple[Lesson, Exercise] | None:
        """The exercise of this id, and its lesson."""
        for lesson in self.lessons:
            for exercise in lesson.exercises:
                if exercise.id == exercise_id:
                    return lesson, exercise
        return None

    def changed_since(self, version: int | None) -> StaleVersion | None:
        """Whether somebody else has changed the course since its editor read it."""
        if version is None or version == self.version:
            return None
        return StaleVersion(expected=version, current=self.version)

    def describe(self, title: str, summary: str, *, is_open: bool, now: datetime) -> "Result[Course, Refusal]":
        """Change what the catalogue says, and whether students may study it without a class."""
        if refusal := self._closed_to_edits() or only_fit_details(title, summary):
            return Err(refusal)
        if (self.title, self.summary, self.open) != (title, summary, is_open):
            self.title, self.summary, self.open = title, summary, is_open
            self._edited("details", now)
        return Ok(self)

    def add_section(self, section_id: UUID, title: str, *, now: datetime) -> Result[Section, Refusal]:
        """Append an empty section."""
        if refusal := self._closed_to_edits() or only_a_fit_title(title):
            return Err(refusal)
        if len(self.sections) >= SECTIONS_PER_COURSE:
            return Err(TooManySections(SECTIONS_PER_COURSE))
        section = Section(section_id, title)
        self.sections.append(section)
        self._edited("sections", now)
        return Ok(section)

    def rename_section(self, section_id: UUID, title: str, *, now: datetime) -> Result[Section, Refusal]:
        """Give a section another title."""
        if refusal := self._closed_to_edits() or only_a_fit_title(title):
            return Err(refusal)
        section = self.section(section_id)
        if section is None:
            return Err(SectionNotFound(section_id))
        if section.title != title:
            section.title = title
            self._edited("sections", now)
        return Ok(section)

    def remove_section(self, section_id: UUID, *, now: datetime) -> Result[Section, Refusal]:
        """Drop a section with all its lessons."""
        if refusal := self._closed_to_edits():
            return Err(refusal)
        section = self.section(section_id)
        if section is None:
            return Err(SectionNotFound(section_id))
        self.sections.remove(section)
        self._edited("sections", now)
        return Ok(section)

    def add_lesson(
        self, lesson_id: UUID, section_id: UUID, draft: LessonDraft, *, now: datetime
    ) -> Result[Lesson, Refusal]:
        """Append a lesson to a section."""
        if refusal := self._closed_to_edits() or only_a_fit_lesson(draft):
            return Err(refusal)
        section = self.section(section_id)
        if section is None:
            return Err(SectionNotFound(section_id))
        if len(self.lessons) >= LESSONS_PER_COURSE:
            return Err(TooManyLessons(LESSONS_PER_COURSE))
        lesson = Lesson.of(lesson_id, draft, [])
        if refusal := self._overfull(lesson.text.size):
            return Err(refusal)
        section.lessons.append(lesson)
        self._edited("lessons", now)
        return Ok(lesson)

    def rewrite_lesson(self, lesson_id: UUID, draft: LessonDraft, *, now: datetime) -> Result[Lesson, Refusal]:
        """Replace a lesson's title, text and video; its exercises stay."""
        if refusal := self._closed_to_edits() or only_a_fit_lesson(draft):
            return Err(refusal)
        lesson = self.lesson(lesson_id)
        if lesson is None:
            return Err(LessonNotFound(lesson_id))
        written = Lesson.of(lesson_id, draft, lesson.exercises)
        if refusal := self._overfull(written.text.size - lesson.text.size):
            return Err(refusal)
        if written != lesson:
            lesson.title, lesson.text, lesson.video_url = written.title, written.text, written.video_url
            self._edited("lessons", now)
        return Ok(lesson)

    def remove_lesson(self, lesson_id: UUID, *, now: datetime) -> Result[Lesson, Refusal]:
        """Drop a lesson with its exercises."""
        if refusal := self._closed_to_edits():
            return Err(refusal)
        for section in self.sections:
            for lesson in section.lessons:
                if lesson.id == lesson_id:
                    section.lessons.remove(lesson)
                    self._edited("lessons", now)
                    return Ok(lesson)
        return Err(LessonNotFound(lesson_id))

    def add_exercise(
        self, exercise_id: UUID, lesson_id: UUID, draft: ExerciseDraft, *, now: datetime
    ) -> Result[Exercise, Refusal]:
        """Append an exercise to a lesson."""
        if refusal := self._closed_to_edits() or only_a_fit_exercise(draft):
            return Err(refusal)
        lesson = self.lesson(lesson_id)
        if lesson is None:
            return Err(LessonNotFound(lesson_id))
        if len(lesson.exercises) >= EXERCISES_PER_LESSON:
            return Err(TooManyExercises(EXERCISES_PER_LESSON))
        if sum(len(lesson.exercises) for lesson in self.lessons) >= EXERCISES_PER_COURSE:
            return Err(TooManyExercises(EXERCISES_PER_COURSE))
        exercise = Exercise.of(exercise_id, draft)
        if refusal := self._overfull(exercise.text.size):
            return Err(refusal)
        lesson.exercises.append(exercise)
        self._edited("exercises", now)
        return Ok(exercise)

    def rewrite_exercise(
        self, exercise_id: UUID, draft: ExerciseDraft, *, now: datetime
    ) -> Result[Exercise, Refusal]:
        """Replace what an exercise says."""
        if refusal := self._closed_to_edits() or only_a_fit_exercise(draft):
            return Err(refusal)
        found = self.exercise(exercise_id)
        if found is None:
            return Err(ExerciseNotFound(exercise_id))
        lesson, exercise = found
        written = Exercise.of(exercise_id, draft)
        if refusal := self._overfull(written.text.size - exercise.text.size):
            return Err(refusal)
        if written != exercise:
            lesson.exercises[lesson.exercises.index(exercise)] = written
            self._edited("exercises", now)
        return Ok(written)

    def remove_exercise(self, exercise_id: UUID, *, now: datetime) -> Result[Exercise, Refusal]:
        """Drop an exercise."""
        if refusal := self._closed_to_edits():
            return Err(refusal)
        found = self.exercise(exercise_id)
        if found is None:
            return Err(ExerciseNotFound(exercise_id))
        lesson, exercise = found
        lesson.exercises.remove(exercise)
        self._edited("exercises", now)
        return Ok(exercise)

    def arrange(
        self, order: tuple[tuple[UUID, tuple[UUID, ...]], ...], *, now: datetime
    ) -> "Result[Course, Refusal]":
        """Put sections, and the lessons in and across them, into another order.

        `order` names every section once, each with its lessons; every lesson is named once.
        """
        if refusal := self._closed_to_edits():
            return Err(refusal)
        sections = {section.id: section for section in self.sections}
        lessons = {lesson.id: lesson for lesson in self.lessons}
        named = [lesson_id for _, lesson_ids in order for lesson_id in lesson_ids]
        if not _names_all(sections, [section_id for section_id, _ in order]) or not _names_all(lessons, named):
            return Err(ArrangementIncomplete())
        arranged = [
            Section(section_id, sections[section_id].title, [lessons[lesson_id] for lesson_id in lesson_ids])
            for section_id, lesson_ids in order
        ]
        if arranged != self.sections:
            self.sections = arranged
            self._edited("arrangement", now)
        return Ok(self)

    def arrange_exercises(
        self, lesson_id: UUID, order: tuple[UUID, ...], *, now: datetime
    ) -> Result[Lesson, Refusal]:
        """Put the exercises of a lesson into another order."""
        if refusal := self._closed_to_edits():
            return Err(refusal)
        lesson = self.lesson(lesson_id)
        if lesson is None:
            return Err(LessonNotFound(lesson_id))
        exercises = {exercise.id: exercise for exercise in lesson.exercises}
        if not _names_all(exercises, list(order)):
            return Err(ArrangementIncomplete())
        arranged = [exercises[exercise_id] for exercise_id in order]
        if arranged != lesson.exercises:
            lesson.exercises = arranged
            self._edited("arrangement", now)
        return Ok(lesson)

    def write(
        self, written: tuple[WrittenSection, ...], *, new_id: NewId, now: datetime
    ) -> "Result[Course, Refusal]":
        """Replace the whole content at once; what has a known id stays itself, what is left out is dropped."""
        if refusal := self._closed_to_edits():
            return Err(refusal)
        match sections_of(written, self.sections, new_id):
            case Err() as refused:
                return refused
            case Ok(sections):
                if sections != self.sections:
                    self.sections = sections
                    self._edited("content", now)
                return Ok(self)

    def publish(self, *, now: datetime) -> Result[Publication | None, Refusal]:
        """Show the draft to students as the next revision; None if they see exactly it already."""
        if refusal := self._closed_to_edits() or self._incomplete():
            return Err(refusal)
        if not self.has_unpublished_changes:
            return Ok(None)
        self.revision += 1
        self.status = CourseStatus.PUBLISHED
        self.has_unpublished_changes = False
        self.published_at = self.updated_at = now
        publication = Publication(
            course_id=self.id,
            revision=self.revision,
            instructor_id=self.instructor_id,
            title=self.title,
            summary=self.summary,
            open=self.open,
            published_at=now,
            sections=tuple(deepcopy(self.sections)),
        )
        self.record(CoursePublished(instructor_id=self.instructor_id, outline=publication.outline))
        return Ok(publication)

    def archive(self, *, now: datetime) -> "Result[Course, Refusal]":
        """Take the course from the shelf: no new class of it; running ones go on. Twice is as once."""
        if self.status is CourseStatus.DRAFT:
            return Err(CourseNotPublished())
        if self.status is CourseStatus.PUBLISHED:
            self.status = CourseStatus.ARCHIVED
            self.updated_at = now
            self.record(CourseArchived(course_id=self.id))
        return Ok(self)

    def _closed_to_edits(self) -> CourseIsArchived | None:
        return CourseIsArchived() if self.status is CourseStatus.ARCHIVED else None

    def _incomplete(self) -> CourseIncomplete | None:
        empty_sections = tuple(section.id for section in self.sections if not section.lessons)
        empty_lessons = tuple(lesson.id for lesson in self.lessons if not lesson.exercises)
        if self.sections and not empty_sections and not empty_lessons:
            return None
        return CourseIncomplete(empty_sections, empty_lessons)

    def _overfull(self, growth: int) -> CourseTooLarge | None:
        size = sum(lesson.text_bytes for lesson in self.lessons)
        return CourseTooLarge(COURSE_TEXT_BYTES) if size + growth > COURSE_TEXT_BYTES else None

    def _edited(self, change: Change, now: datetime) -> None:
        self.has_unpublished_changes = True
        self.updated_at = now
        self.record(DraftEdited(course_id=self.id, change=change, at=now))


def _names_all(things: dict[UUID, Section] | dict[UUID, Lesson] | dict[UUID, Exercise], ids: list[UUID]) -> bool:
    return len(ids) == len(things) and set(ids) == set(things)
