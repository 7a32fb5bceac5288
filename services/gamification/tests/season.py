"""Weeks of an academy, on Postgres: its learners' scores are set by hand, and its clock is turned."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import TurnableClock, acquaint, recorded
from babyowl_contracts import Event
from gamification.application.commands.close_period import ClosePeriod, close_period
from gamification.application.commands.seat_newcomers import SeatNewcomers, seat_newcomers
from gamification.application.publishing import published
from gamification.domain.calendar import Academy
from gamification.domain.periods import Cycle
from gamification.domain.scores import ACADEMY_ID
from gamification.infrastructure.closing_time import ClosingTime
from gamification.infrastructure.unit_of_work import GamificationUnitOfWork

WEEK = date(2026, 3, 2)
"""A Monday."""

_SCORE = """
INSERT INTO scores (player_id, scope, scope_id, period, starts_on, xp, reached_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (player_id, scope, scope_id, period, starts_on) DO UPDATE SET xp = excluded.xp
"""
_PLAY = "INSERT INTO players (id, version, total_xp, announced_level) VALUES ($1, 1, 0, 1) ON CONFLICT DO NOTHING"
_HIDE = """
INSERT INTO appearances (id, version, leaderboard) VALUES ($1, 1, $2)
ON CONFLICT (id) DO UPDATE SET leaderboard = excluded.leaderboard
"""
_JOIN = """
INSERT INTO class_members (class_id, student_id, active, sequence) VALUES ($1, $2, $3, 1)
ON CONFLICT (class_id, student_id) DO UPDATE SET active = excluded.active
"""
_PLACES = """
SELECT player_id, position, rank, xp FROM final_places
WHERE cycle = $1 AND starts_on = $2 AND scope = $3 AND scope_id = $4 ORDER BY position
"""


def week(number: int) -> date:
    """The Monday so many weeks after the first one."""
    return WEEK + timedelta(weeks=number)


@dataclass
class Season:
    """What closes periods, at a time the test sets."""

    pool: Pool
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    clock: TurnableClock = field(default_factory=lambda: TurnableClock(datetime(2026, 3, 4, 12, tzinfo=UTC)))
    unit_of_work: type[GamificationUnitOfWork] = GamificationUnitOfWork
    hearing_since: datetime = datetime(2026, 3, 4, 12, tzinfo=UTC)

    @property
    def bus(self) -> Bus:
        """What carries out that a period closes."""
        return Bus(
            SqlTransactions(self.pool, self.unit_of_work),
            publish=published,
            handlers={ClosePeriod: close_period, SeatNewcomers: seat_newcomers},
            dependencies={"clock": self.clock},
        )

    @property
    def closing(self) -> ClosingTime:
        """One replica of the job."""
        return ClosingTime(self.pool, self.bus, Academy(self.zone, self.clock), hearing_since=self.hearing_since)

    async def pass_to(self, moment: str) -> int:
        """It is this moment, in UTC, when the job looks; how many periods it closed."""
        self.clock.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        return await self.closing.run()

    async def person(self, *, role: str = "student", status: str = "active", person_id: UUID | None = None) -> UUID:
        """Somebody whom Identity has told us about."""
        return await acquaint(self.pool, person_id, role=role, status=status)

    async def learners(self, *points: int, starts_on: date = WEEK) -> list[UUID]:
        """Students with these points in a week; of equals the first named had them first."""
        found = [await self.person() for _ in points]
        for number, (player_id, xp) in enumerate(zip(found, points, strict=True)):
            await self.score(player_id, xp, starts_on=starts_on, second=number)
        return found

    async def score(
        self,
        player_id: UUID,
        xp: int,
        *,
        cycle: Cycle = Cycle.WEEK,
        starts_on: date = WEEK,
        course_id: UUID | None = None,
        second: int = 0,
    ) -> None:
        """A learner has these points in a period; none leave no trace."""
        await self.pool.execute(_PLAY, player_id)
        reached_at = datetime.combine(starts_on, datetime.min.time(), UTC) + timedelta(seconds=second)
        if xp:
            scope, scope_id = ("course", course_id) if course_id else ("academy", ACADEMY_ID)
            await self.pool.execute(_SCORE, player_id, scope, scope_id, cycle.value, starts_on, xp, reached_at)

    async def hide(self, player_id: UUID, *, hidden: bool = True) -> None:
        """A learner leaves the leaderboards, or comes back to them."""
        await self.pool.execute(_HIDE, player_id, "hidden" if hidden else "shown")

    async def class_of(self, *students: UUID) -> UUID:
        """A class with these students."""
        class_id = new_id()
        for student_id in students:
            await self.attend(class_id, student_id)
        return class_id

    async def attend(self, class_id: UUID, student_id: UUID, *, active: bool = True) -> None:
        """A student has a seat in a class, or has given it up."""
        await self.pool.execute(_JOIN, class_id, student_id, active)

    async def places(
        self, *, cycle: Cycle = Cycle.WEEK, starts_on: date = WEEK, scope: str = "academy", of: UUID = ACADEMY_ID
    ) -> list[tuple[UUID, int, int, int]]:
        """A closed board: who, at which position, with which rank and points."""
        return [tuple(row) for row in await self.pool.fetch(_PLACES, cycle.value, starts_on, scope, of)]

    async def closed(self, cycle: Cycle = Cycle.WEEK) -> list[date]:
        """What is closed, by first days, in the order in which it was."""
        query = "SELECT starts_on FROM closed_periods WHERE cycle = $1 ORDER BY closed_at, starts_on"
        return [row["starts_on"] for row in await self.pool.fetch(query, cycle.value)]

    async def seats(self, starts_on: date = WEEK) -> dict[UUID, tuple[str, int]]:
        """Who sits where in a week."""
        query = "SELECT player_id, league, cohort FROM league_seats WHERE week = $1"
        return {player_id: (league, cohort) for player_id, league, cohort in await self.pool.fetch(query, starts_on)}

    async def leagues(self, starts_on: date = WEEK) -> dict[UUID, str]:
        """In which league everybody is in a week."""
        return {player_id: league for player_id, (league, _) in (await self.seats(starts_on)).items()}

    async def results(self, starts_on: date = WEEK) -> dict[UUID, tuple[int | None, int, str]]:
        """How everybody came out of a week: rank, points, move."""
        query = "SELECT player_id, rank, xp, move FROM league_results WHERE week = $1"
        return {row["player_id"]: tuple(row)[1:] for row in await self.pool.fetch(query, starts_on)}

    async def told(self) -> list[Event]:
        """What others were told, oldest first."""
        return [envelope.data for envelope in await recorded(self.pool)]
