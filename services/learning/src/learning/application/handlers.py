"""Every command and who carries it out."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from babyowl_kernel import Command
from learning.application.commands import (
    catch_up,
    complete_exercise,
    create_course,
    edit_course,
    edit_exercises,
    edit_lessons,
    edit_sections,
    note_access,
    publish_course,
)

HANDLERS: Final[Mapping[type[Command[Any]], Callable[..., Awaitable[Any]]]] = {
    create_course.CreateCourse: create_course.create_course,
    edit_course.DescribeCourse: edit_course.describe_course,
    edit_course.ArrangeCourse: edit_course.arrange_course,
    edit_course.WriteCourse: edit_course.write_course,
    edit_course.ArchiveCourse: edit_course.archive_course,
    publish_course.PublishCourse: publish_course.publish_course,
    edit_sections.AddSection: edit_sections.add_section,
    edit_sections.RenameSection: edit_sections.rename_section,
    edit_sections.RemoveSection: edit_sections.remove_section,
    edit_lessons.AddLesson: edit_lessons.add_lesson,
    edit_lessons.RewriteLesson: edit_lessons.rewrite_lesson,
    edit_lessons.RemoveLesson: edit_lessons.remove_lesson,
    edit_lessons.ArrangeExercises: edit_lessons.arrange_exercises,
    edit_exercises.AddExercise: edit_exercises.add_exercise,
    edit_exercises.RewriteExercise: edit_exercises.rewrite_exercise,
    edit_exercises.RemoveExercise: edit_exercises.remove_exercise,
    complete_exercise.CompleteExercise: complete_exercise.complete_exercise,
    catch_up.CatchUp: catch_up.catch_up,
    note_access.NoteAccess: note_access.note_access,
}
