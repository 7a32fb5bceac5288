"""Class, wired by hand, for web and worker alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.people import People
from babyowl_chassis.service import Parts, Periodic, Resources, Service
from babyowl_chassis.subscriptions import Subscription
from babyowl_contracts.learning import CourseArchived, CoursePublished
from class_management.application.handlers import HANDLERS
from class_management.application.publishing import published
from class_management.application.reactions import note_archived_course, note_published_course
from class_management.infrastructure.courses import Courses
from class_management.infrastructure.due_vouchers import DueVouchers
from class_management.infrastructure.expiry import Expiry
from class_management.infrastructure.tables import metadata
from class_management.infrastructure.unit_of_work import ClassUnitOfWork
from class_management.infrastructure.waiting_lists import WaitingLists
from class_management.interfaces.http import (
    accounts,
    attendance,
    calendars,
    classes,
    endings,
    enrollments,
    holidays,
    internal,
    meetings,
    reports,
    seats,
    timetable,
    unlocks,
    vouchers,
)
from class_management.settings import ClassSettings

COURSES = Subscription(
    "class.courses",
    reactions={CoursePublished: note_published_course, CourseArchived: note_archived_course},
)


@asynccontextmanager
async def build(resources: Resources) -> AsyncIterator[Parts]:
    """Put the parts together."""
    settings: ClassSettings = resources.settings
    database = resources.database
    bus = Bus(SqlTransactions(database, ClassUnitOfWork), publish=published, handlers=HANDLERS)
    people = People(database, resources.internal(settings.identity_url))
    courses = Courses(database, resources.internal(settings.learning_url), bus)
    yield Parts(
        bus=bus,
        state={"people": people, "courses": courses, "link_base": settings.link_base},
        subscriptions=[COURSES, people.subscription("class.people")],
        periodic=[
            Periodic("lapse-credits", every=60.0, run=Expiry(database, bus).lapse_due),
            Periodic("end-vouchers", every=60.0, run=DueVouchers(database, bus).end),
            Periodic("move-up-waiting-lists", every=30.0, run=WaitingLists(database, bus).move_up),
        ],
    )


service = Service(
    name="class",
    title="Class",
    settings=ClassSettings,
    routers=(
        classes.router,
        endings.router,
        enrollments.router,
        seats.router,
        seats.offers,
        attendance.router,
        vouchers.excuses,
        vouchers.router,
        accounts.router,
        unlocks.router,
        meetings.router,
        timetable.router,
        holidays.router,
        reports.router,
        calendars.router,
        internal.router,
    ),
    build=build,
    metadata=metadata,
    migrations=Path(__file__).parents[2] / "migrations",
)
