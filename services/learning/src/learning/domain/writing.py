"""From a whole written course to its sections: ids are kept where given, and bounds are checked at once."""

from collections.abc import Iterator
from uuid import UUID

from babyowl_kernel import Err, NewId, Ok, Refusal, Result
from learning.domain.content import Exercise, Lesson, Section, WrittenLesson, WrittenSection
from learning.domain.errors import (
    CourseTooLarge,
    RepeatedContentId,
    TooManyExercises,
    TooManyLessons,
    TooManySections,
    UnknownContentId,
)
from learning.domain.policies import only_a_fit_exercise, only_a_fit_lesson, only_a_fit_title
from learning.domain.values import (
    COURSE_TEXT_BYTES,
    EXERCISES_PER_COURSE,
    EXERCISES_PER_LESSON,
    LESSONS_PER_COURSE,
    SECTIONS_PER_COURSE,
)


def sections_of(
    written: tuple[WrittenSection, ...], kept: list[Section], new_id: NewId
) -> Result[list[Section], Refusal]:
    """Build the sections that were written; an id must be one of those kept, of the same kind, and only once."""
    if refusal := _unfit(written) or _misused_id(written, kept):
        return Err(refusal)
    sections = [
        Section(section.id or new_id(), section.title, [_lesson_of(lesson, new_id) for lesson in section.lessons])
        for section in written
    ]
    if refusal := beyond_bounds(sections):
        return Err(refusal)
    return Ok(sections)


def beyond_bounds(sections: list[Section]) -> Refusal | None:
    """Which bound of a course the sections overstep."""
    lessons = [lesson for section in sections for lesson in section.lessons]
    if len(sections) > SECTIONS_PER_COURSE:
        return TooManySections(SECTIONS_PER_COURSE)
    if len(lessons) > LESSONS_PER_COURSE:
        return TooManyLessons(LESSONS_PER_COURSE)
    if any(len(lesson.exercises) > EXERCISES_PER_LESSON for lesson in lessons):
        return TooManyExercises(EXERCISES_PER_LESSON)
    if sum(len(lesson.exercises) for lesson in lessons) > EXERCISES_PER_COURSE:
        return TooManyExercises(EXERCISES_PER_COURSE)
    if sum(lesson.text_bytes for lesson in lessons) > COURSE_TEXT_BYTES:
        return CourseTooLarge(COURSE_TEXT_BYTES)
    return None


def _lesson_of(written: WrittenLesson, new_id: NewId) -> Lesson:
    exercises = [Exercise.of(exercise.id or new_id(), exercise.draft) for exercise in written.exercises]
    return Lesson.of(written.id or new_id(), written.draft, exercises)


def _unfit(written: tuple[WrittenSection, ...]) -> Refusal | None:
    for section in written:
        if refusal := only_a_fit_title(section.title):
            return refusal
        for lesson in section.lessons:
            if unfit := only_a_fit_lesson(lesson.draft):
                return unfit
            for exercise in lesson.exercises:
                if unfit := only_a_fit_exercise(exercise.draft):
                    return unfit
    return None


def _misused_id(
    written: tuple[WrittenSection, ...], kept: list[Section]
) -> UnknownContentId | RepeatedContentId | None:
    known = set(_ids(kept))
    seen = set()
    for pair in _ids(written):
        kind, given = pair
        if given is None:
            continue
        if (kind, given) in seen:
            return RepeatedContentId(given)
        if (kind, given) not in known:
            return UnknownContentId(given)
        seen.add(pair)
    return None


def _ids(
    sections: tuple[WrittenSection, ...] | list[Section],
) -> Iterator[tuple[str, UUID | None]]:
    for section in sections:
        yield "section", section.id
        for lesson in section.lessons:
            yield "lesson", lesson.id
            for exercise in lesson.exercises:
                yield "exercise", exercise.id
