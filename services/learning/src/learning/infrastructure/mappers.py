"""Aggregates to rows and back; pure functions."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from babyowl_chassis.unit_of_work import AggregateMapping, Row, Rows
from learning.domain.content import Exercise, Lesson, Section
from learning.domain.course import Course
from learning.domain.outline import Outline, OutlinedExercise, OutlinedLesson
from learning.domain.progress import ExerciseProgress, StudentProgress
from learning.domain.publication import Publication
from learning.domain.values import CourseStatus, ExerciseKind, TextRef
from learning.infrastructure.tables import (
    CompletedExerciseRow,
    CompletedLessonRow,
    CourseRow,
    ExerciseRow,
    LessonRow,
    ProgressRow,
    PublicationRow,
    PublishedExerciseRow,
    PublishedLessonRow,
    SectionRow,
)


def course_to_rows(course: Course) -> Rows:
    """The course's row, and those of its sections, lessons and exercises."""
    positions = {lesson.id: position for position, lesson in enumerate(course.lessons, start=1)}
    return {
        CourseRow: [
            {
                "id": course.id,
                "version": course.version,
                "instructor_id": course.instructor_id,
                "title": course.title,
                "summary": course.summary,
                "open": course.open,
                "status": course.status.value,
                "revision": course.revision,
                "has_unpublished_changes": course.has_unpublished_changes,
                "created_at": course.created_at,
                "updated_at": course.updated_at,
                "published_at": course.published_at,
            }
        ],
        SectionRow: [
            {"id": section.id, "course_id": course.id, "position": position, "title": section.title}
            for position, section in enumerate(course.sections, start=1)
        ],
        LessonRow: [
            {
                "id": lesson.id,
                "course_id": course.id,
                "section_id": section.id,
                "position": positions[lesson.id],
                "title": lesson.title,
                "text_digest": lesson.text.digest,
                "text_size": lesson.text.size,
                "video_url": lesson.video_url,
            }
            for section in course.sections
            for lesson in section.lessons
        ],
        ExerciseRow: [
            {
                "id": exercise.id,
                "course_id": course.id,
                "lesson_id": lesson.id,
                "position": position,
                "kind": exercise.kind.value,
                "title": exercise.title,
                "text_digest": exercise.text.digest,
                "text_size": exercise.text.size,
                "required_minutes": exercise.required_minutes,
            }
            for lesson in course.lessons
            for position, exercise in enumerate(lesson.exercises, start=1)
        ],
    }


def course_from_rows(rows: Rows) -> Course:
    """The course, its parts in their order."""
    [root] = rows[CourseRow]
    exercises: dict[UUID, list[Exercise]] = defaultdict(list)
    for row in _in_order(rows.get(ExerciseRow, [])):
        exercises[row["lesson_id"]].append(
            Exercise(row["id"], ExerciseKind(row["kind"]), row["title"], _text(row), row["required_minutes"])
        )
    lessons: dict[UUID, list[Lesson]] = defaultdict(list)
    for row in _in_order(rows.get(LessonRow, [])):
        lessons[row["section_id"]].append(
            Lesson(row["id"], row["title"], _text(row), row["video_url"], exercises[row["id"]])
        )
    return Course(
        id=root["id"],
        version=root["version"],
        instructor_id=root["instructor_id"],
        title=root["title"],
        summary=root["summary"],
        open=root["open"],
        status=CourseStatus(root["status"]),
        revision=root["revision"],
        has_unpublished_changes=root["has_unpublished_changes"],
        created_at=root["created_at"],
        updated_at=root["updated_at"],
        published_at=root["published_at"],
        sections=[
            Section(row["id"], row["title"], lessons[row["id"]]) for row in _in_order(rows.get(SectionRow, []))
        ],
    )


COURSES = AggregateMapping(
    root=CourseRow,
    children={SectionRow: "course_id", LessonRow: "course_id", ExerciseRow: "course_id"},
    to_rows=course_to_rows,
    from_rows=course_from_rows,
)


def progress_to_rows(progress: StudentProgress) -> Rows:
    """The progress' row, and a row per completed exercise and lesson."""
    return {
        ProgressRow: [
            {
                "id": progress.id,
                "version": progress.version,
                "student_id": progress.student_id,
                "course_id": progress.course_id,
                "revision": progress.revision,
                "exercises_done": progress.exercises_done,
                "exercises_total": progress.exercises_total,
                "lessons_done": progress.lessons_done,
                "lessons_total": progress.lessons_total,
                "started_at": progress.started_at,
                "last_activity_at": progress.last_activity_at,
                "completed_at": progress.completed_at,
            }
        ],
        CompletedExerciseRow: [
            {
                "progress_id": progress.id,
                "exercise_id": exercise_id,
                "lesson_id": done.lesson_id,
                "completed_at": done.completed_at,
            }
            for exercise_id, done in progress.exercises.items()
        ],
        CompletedLessonRow: [
            {"progress_id": progress.id, "lesson_id": lesson_id, "completed_at": completed_at}
            for lesson_id, completed_at in progress.lessons.items()
        ],
    }


def progress_from_rows(rows: Rows) -> StudentProgress:
    """The progress with all that was completed."""
    [root] = rows[ProgressRow]
    return StudentProgress(
        id=root["id"],
        version=root["version"],
        student_id=root["student_id"],
        course_id=root["course_id"],
        revision=root["revision"],
        exercises_done=root["exercises_done"],
        exercises_total=root["exercises_total"],
        lessons_done=root["lessons_done"],
        lessons_total=root["lessons_total"],
        started_at=root["started_at"],
        last_activity_at=root["last_activity_at"],
        completed_at=root["completed_at"],
        exercises={
            row["exercise_id"]: ExerciseProgress(row["lesson_id"], row["completed_at"])
            for row in rows.get(CompletedExerciseRow, [])
        },
        lessons={row["lesson_id"]: row["completed_at"] for row in rows.get(CompletedLessonRow, [])},
    )


PROGRESS = AggregateMapping(
    root=ProgressRow,
    children={CompletedExerciseRow: "progress_id", CompletedLessonRow: "progress_id"},
    to_rows=progress_to_rows,
    from_rows=progress_from_rows,
)


def publication_to_rows(publication: Publication) -> Rows:
    """The rows a publication leaves behind, once and for all."""
    revision = {"course_id": publication.course_id, "revision": publication.revision}
    outline = publication.outline
    lessons = [(section, lesson) for section in publication.sections for lesson in section.lessons]
    return {
        PublicationRow: [
            {
                **revision,
                "instructor_id": publication.instructor_id,
                "title": publication.title,
                "summary": publication.summary,
                "open": publication.open,
                "lessons_total": len(outline.lessons),
                "exercises_total": outline.exercise_count,
                "published_at": publication.published_at,
            }
        ],
        PublishedLessonRow: [
            {
                **revision,
                "lesson_id": lesson.id,
                "position": position,
                "section_id": section.id,
                "section_title": section.title,
                "title": lesson.title,
                "text_digest": lesson.text.digest,
                "video_url": lesson.video_url,
            }
            for position, (section, lesson) in enumerate(lessons, start=1)
        ],
        PublishedExerciseRow: [
            {
                **revision,
                "exercise_id": exercise.id,
                "lesson_id": lesson.id,
                "position": position,
                "kind": exercise.kind.value,
                "title": exercise.title,
                "text_digest": exercise.text.digest,
                "required_minutes": exercise.required_minutes,
            }
            for _, lesson in lessons
            for position, exercise in enumerate(lesson.exercises, start=1)
        ],
    }


def outline_from_rows(rows: list[dict[str, Any]]) -> Outline | None:
    """The outline of one publication from its exercises, each with its lesson's position and its course."""
    if not rows:
        return None
    lessons: dict[tuple[int, UUID], list[OutlinedExercise]] = defaultdict(list)
    for row in _in_order(rows):
        exercise = OutlinedExercise(row["exercise_id"], ExerciseKind(row["kind"]))
        lessons[row["lesson_position"], row["lesson_id"]].append(exercise)
    return Outline(
        course_id=rows[0]["course_id"],
        revision=rows[0]["revision"],
        open=rows[0]["open"],
        lessons=tuple(
            OutlinedLesson(lesson_id, position, tuple(exercises))
            for (position, lesson_id), exercises in sorted(lessons.items())
        ),
    )


def _in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["position"])


def _text(row: Row) -> TextRef:
    return TextRef(row["text_digest"], row["text_size"])
