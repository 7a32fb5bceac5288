"""Gamification, wired by hand, for web and worker alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.people import People
from babyowl_chassis.service import Parts, Periodic, Resources, Service
from babyowl_chassis.subscriptions import Subscription
from babyowl_contracts.class_ import (
    AttendanceMarked,
    ClassCreated,
    ClassEdited,
    HolidayDeclared,
    HolidayWithdrawn,
    StudentEnrolled,
    StudentWithdrawn,
)
from babyowl_contracts.identity import ProfileUpdated, UserRegistered
from babyowl_contracts.learning import CourseCompleted, ExerciseCompleted, LessonCompleted
from gamification.application.handlers import HANDLERS
from gamification.application.publishing import published
from gamification.application.reactions.classes import note_class, note_member
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
from gamification.infrastructure.badges import load_badges
from gamification.infrastructure.board_keeping import BoardKeeper
from gamification.infrastructure.boards import RedisBoards
from gamification.infrastructure.catalogue import load_catalogue
from gamification.infrastructure.closing_time import ClosingTime
from gamification.infrastructure.pictures import Artwork
from gamification.infrastructure.recounting import Recounting
from gamification.infrastructure.tables import metadata
from gamification.infrastructure.unit_of_work import GamificationUnitOfWork
from gamification.interfaces.http import (
    appearances,
    badges,
    days,
    feed,
    leaderboards,
    player_badges,
    players,
    rulebook,
)
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

RECOUNT_SECONDS = 1.0
CLOSING_SECONDS = 15.0
BOARDS_SECONDS = 0.2

HOLIDAYS = Subscription(
    "gamification.holidays", reactions={HolidayDeclared: note_holiday, HolidayWithdrawn: note_holiday}
)
ZONES = Subscription("gamification.zones", reactions={UserRegistered: note_zone, ProfileUpdated: note_zone})


@asynccontextmanager
async def build(resources: Resources) -> AsyncIterator[Parts]:
    """Put the parts together."""
    settings: GamificationSettings = resources.settings
    database = resources.database
    academy = Academy(settings.academy_zone, utc_now)
    bus = Bus(
        SqlTransactions(database, GamificationUnitOfWork),
        publish=published,
        handlers=HANDLERS,
        dependencies={"clock": utc_now, "scorekeeper": Scorekeeper(academy, load_catalogue(), new_id)},
    )
    closing_time = ClosingTime(database, bus, academy, settings.leaderboard_grace)
    boards = RedisBoards(resources.redis)
    keeper = BoardKeeper(database, boards)
    people = People(database, resources.internal(settings.identity_url))
    yield Parts(
        bus=bus,
        state={
            "leaderboards": Leaderboards(boards),
            "academy": academy,
            "catalogue": load_catalogue(),
            "badges": load_badges(),
            "artwork": Artwork.load(),
        },
        subscriptions=[REWARDS, CLASSES, HOLIDAYS, ZONES, people.subscription("gamification.people")],
        periodic=[
            Periodic("recounts", every=RECOUNT_SECONDS, run=Recounting(database, bus, academy.today).run),
            Periodic("boards", every=BOARDS_SECONDS, run=keeper.keep),
            Periodic("wanted boards", every=BOARDS_SECONDS, run=keeper.build_wanted),
            Periodic("closing", every=CLOSING_SECONDS, run=closing_time.run),
        ],
    )


service = Service(
    name="gamification",
    title="Gamification",
    settings=GamificationSettings,
    routers=(
        players.router,
        days.router,
        feed.router,
        rulebook.router,
        appearances.router,
        leaderboards.router,
        badges.router,
        player_badges.router,
    ),
    build=build,
    metadata=metadata,
    migrations=Path(__file__).parents[2] / "migrations",
)
