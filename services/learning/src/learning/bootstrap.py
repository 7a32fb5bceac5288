"""Learning, wired by hand."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from babyowl_chassis.bus import Bus, Function, SqlTransactions
from babyowl_chassis.people import People
from babyowl_chassis.service import Parts, Periodic, Resources, Service
from babyowl_chassis.subscriptions import Subscription
from babyowl_contracts.class_ import ClassCreated, LessonUnlocked, StudentEnrolled
from babyowl_contracts.learning import CoursePublished
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
from learning.application.publishing import published
from learning.application.reactions import remember_class, remember_enrollment, remember_unlock
from learning.infrastructure.class_context import HttpClassContext
from learning.infrastructure.housekeeping import forget_unused_texts
from learning.infrastructure.tables import metadata
from learning.infrastructure.unit_of_work import LearningUnitOfWork
from learning.interfaces.http import courses, exercises, internal, lessons, progress, sections
from learning.interfaces.worker import AfterPublication
from learning.settings import LearningSettings

HANDLERS: Mapping[type[Command[Any]], Function] = {
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

CLASS_FACTS = Subscription(
    "learning.class-facts",
    reactions={
        ClassCreated: remember_class,
        StudentEnrolled: remember_enrollment,
        LessonUnlocked: remember_unlock,
    },
)


@asynccontextmanager
async def build(resources: Resources) -> AsyncIterator[Parts]:
    """Wire the bus, the subscriptions, and what the routes need besides."""
    settings: LearningSettings = resources.settings
    people = People(resources.database, resources.internal(settings.identity_url))
    bus = Bus(SqlTransactions(resources.database, LearningUnitOfWork), publish=published, handlers=HANDLERS)
    after_publication = AfterPublication(bus, resources.database)

    async def forget() -> int:
        return await forget_unused_texts(resources.database)

    yield Parts(
        bus=bus,
        state={
            "people": people,
            "class_context": HttpClassContext(resources.internal(settings.class_url)),
        },
        subscriptions=[
            CLASS_FACTS,
            people.subscription("learning.people"),
            Subscription(
                "learning.after-publication",
                consume={CoursePublished: after_publication.complete_what_is_done},
            ),
        ],
        periodic=[Periodic("forget-unused-texts", every=3600.0, run=forget)],
    )


service = Service(
    name="learning",
    title="Learning",
    settings=LearningSettings,
    routers=(
        courses.router,
        sections.router,
        lessons.router,
        exercises.router,
        progress.router,
        internal.router,
    ),
    build=build,
    metadata=metadata,
    migrations=Path(__file__).parents[2] / "migrations",
)
