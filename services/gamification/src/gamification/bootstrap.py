"""Gamification, wired by hand, for web and worker alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from babyowl_chassis.bus import Bus, Publish, SqlTransactions
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.people import People
from babyowl_chassis.service import Parts, Periodic, Resources, Service
from babyowl_chassis.subscriptions import Subscription
from babyowl_contracts.class_ import (
    AttendanceMarked,
    ClassCancelled,
    ClassCompleted,
    ClassCreated,
    ClassEdited,
    HolidayDeclared,
    HolidayWithdrawn,
    LessonLocked,
    LessonUnlocked,
    MeetingAdded,
    MeetingCancelled,
    MeetingMoved,
    StudentEnrolled,
    StudentWithdrawn,
)
from babyowl_contracts.identity import ProfileUpdated, UserRegistered
from babyowl_contracts.learning import CourseCompleted, CoursePublished, ExerciseCompleted, LessonCompleted
from babyowl_kernel import Clock
from gamification.application.handlers import HANDLERS
from gamification.application.publishing import published
from gamification.application.reactions.classes import note_class, note_member
from gamification.application.reactions.curriculum import note_lessons, note_meetings, note_publication, note_seat
from gamification.application.reactions.deeds import (
    reward_attendance,
    reward_course,
    reward_exercise,
    reward_lesson,
)
from gamification.application.reactions.holidays import note_holiday
from gamification.application.reactions.zones import note_zone
from gamification.application.scorekeeping import Scorekeeper
from gamification.domain.calendar import Academy
from gamification.infrastructure.aliases import load_words
from gamification.infrastructure.board_keeping import BoardKeeper
from gamification.infrastructure.boards import RedisBoards
from gamification.infrastructure.catalogue import load_catalogue
from gamification.infrastructure.closing_time import ClosingTime
from gamification.infrastructure.midnights import Midnights
from gamification.infrastructure.pictures import Artwork
from gamification.infrastructure.recounting import Recounting
from gamification.infrastructure.tables import metadata
from gamification.infrastructure.unit_of_work import GamificationUnitOfWork
from gamification.interfaces.http import (
    appearances,
    badges,
    closed_leaderboards,
    days,
    feed,
    goals,
    leaderboards,
    leagues,
    player_badges,
    players,
    quests,
    rulebook,
)
from gamification.interfaces.rebuild import rebuild_and_show
from gamification.queries.leaderboards import Leaderboards
from gamification.settings import GamificationSettings

REWARDS = Subscription(
    "gamification.rewards",
    reactions={
        ExerciseCompleted: reward_exercise,
        LessonCompleted: reward_lesson,
        CourseCompleted: reward_course,
        AttendanceMarked: reward_attendance,
    },
    lane=lambda deed: deed.student_id,
)
CLASSES = Subscription(
    "gamification.classes",
    reactions={
        ClassCreated: note_class,
        ClassEdited: note_class,
        StudentEnrolled: note_member,
        StudentWithdrawn: note_member,
    },
)

CURRICULUM = Subscription(
    "gamification.curriculum",
    reactions={
        StudentEnrolled: note_seat,
        StudentWithdrawn: note_seat,
        LessonUnlocked: note_lessons,
        LessonLocked: note_lessons,
        CoursePublished: note_publication,
        ClassCreated: note_meetings,
        ClassEdited: note_meetings,
        MeetingAdded: note_meetings,
        MeetingMoved: note_meetings,
        MeetingCancelled: note_meetings,
        ClassCompleted: note_meetings,
        ClassCancelled: note_meetings,
    },
)

RECOUNT_SECONDS = 1.0
MIDNIGHT_SECONDS = 1.0
CLOSING_SECONDS = 15.0
BOARDS_SECONDS = 0.2
WANTED_BOARDS_SECONDS = 1.0

HOLIDAYS = Subscription(
    "gamification.holidays", reactions={HolidayDeclared: note_holiday, HolidayWithdrawn: note_holiday}
)
ZONES = Subscription("gamification.zones", reactions={UserRegistered: note_zone, ProfileUpdated: note_zone})


def wire(resources: Resources, *, clock: Clock = utc_now, publish: Publish = published) -> Parts:
    """Put the parts together; a rebuild has its own clock, and tells nobody what happened long ago."""
    settings: GamificationSettings = resources.settings
    database = resources.database
    academy = Academy(settings.academy_zone, clock)
    bus = Bus(
        SqlTransactions(database, GamificationUnitOfWork),
        publish=publish,
        handlers=HANDLERS,
        dependencies={
            "clock": clock,
            "scorekeeper": Scorekeeper(academy, load_catalogue(), new_id),
            "words": load_words(),
        },
    )
    closing_time = ClosingTime(database, bus, academy, settings.leaderboard_grace, hearing_since=utc_now())
    boards = RedisBoards(resources.redis)
    keeper = BoardKeeper(database, boards)
    people = People(database, resources.internal(settings.identity_url))
    return Parts(
        bus=bus,
        state={
            "leaderboards": Leaderboards(boards),
            "academy": academy,
            "catalogue": load_catalogue(),
            "words": load_words(),
            "artwork": Artwork.load(),
        },
        subscriptions=[REWARDS, CLASSES, CURRICULUM, HOLIDAYS, ZONES, people.subscription("gamification.people")],
        periodic=[
            Periodic("midnights", every=MIDNIGHT_SECONDS, run=Midnights(database, bus, utc_now).run),
            Periodic("recounts", every=RECOUNT_SECONDS, run=Recounting(database, bus, academy.today).run),
            Periodic("boards", every=BOARDS_SECONDS, run=keeper.keep),
            Periodic("wanted boards", every=WANTED_BOARDS_SECONDS, run=keeper.build_wanted),
            Periodic("closing", every=CLOSING_SECONDS, run=closing_time.run),
        ],
    )


@asynccontextmanager
async def build(resources: Resources) -> AsyncIterator[Parts]:
    """The parts as they serve."""
    yield wire(resources)


async def rebuild(
    resources: Resources,
    _: Parts,
    *,
    check: Annotated[bool, typer.Option("--check", help="Only compare; exit with 1 if the two differ.")] = False,
) -> None:
    """Build the game anew from the logs of the other services, while it goes on serving."""
    await rebuild_and_show(resources, service, wire, check=check)


service = Service(
    name="gamification",
    title="Gamification",
    settings=GamificationSettings,
    routers=(
        players.router,
        days.router,
        feed.router,
        goals.router,
        rulebook.router,
        appearances.router,
        leaderboards.router,
        closed_leaderboards.router,
        leagues.router,
        leagues.of_a_player,
        badges.router,
        quests.router,
        player_badges.router,
    ),
    build=build,
    metadata=metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    commands={"rebuild": rebuild},
)
