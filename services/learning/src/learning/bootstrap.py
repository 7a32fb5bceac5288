"""Learning, wired by hand, for web and worker alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.people import People
from babyowl_chassis.service import Parts, Periodic, Resources, Service
from babyowl_chassis.subscriptions import Subscription
from babyowl_contracts.class_ import (
    ClassCreated,
    ClassEdited,
    LessonLocked,
    LessonUnlocked,
    MeetingCancelled,
    MeetingMoved,
    StudentEnrolled,
    StudentWithdrawn,
    SubstituteAssigned,
)
from babyowl_contracts.learning import CoursePublished
from learning.application.handlers import HANDLERS
from learning.application.publishing import published
from learning.application.reactions import (
    note_class,
    note_enrollment,
    note_lessons,
    note_meeting_date,
    note_substitute,
)
from learning.infrastructure.class_context import HttpClassContext
from learning.infrastructure.housekeeping import forget_unused_texts
from learning.infrastructure.tables import metadata
from learning.infrastructure.unit_of_work import LearningUnitOfWork
from learning.interfaces.http import courses, exercises, internal, lessons, progress, sections
from learning.interfaces.worker import AfterPublication
from learning.settings import LearningSettings

CLASS_FACTS = Subscription(
    "learning.class-facts",
    reactions={
        ClassCreated: note_class,
        ClassEdited: note_class,
        SubstituteAssigned: note_substitute,
        MeetingCancelled: note_substitute,
        MeetingMoved: note_meeting_date,
        StudentEnrolled: note_enrollment,
        StudentWithdrawn: note_enrollment,
        LessonUnlocked: note_lessons,
        LessonLocked: note_lessons,
    },
)


@asynccontextmanager
async def build(resources: Resources) -> AsyncIterator[Parts]:
    """Put the parts together."""
    settings: LearningSettings = resources.settings
    database = resources.database
    bus = Bus(SqlTransactions(database, LearningUnitOfWork), publish=published, handlers=HANDLERS)
    people = People(database, resources.internal(settings.identity_url))
    after_publication = AfterPublication(bus, database)
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
        periodic=[Periodic("forget-unused-texts", every=3600.0, run=partial(forget_unused_texts, database))],
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
