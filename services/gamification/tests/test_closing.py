"""Weeks and months close once, whole, and for good."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import assert_rows_round_trip
from babyowl_contracts.gamification import LeagueChanged, PeriodClosed
from gamification.application.commands.close_period import ClosePeriod
from gamification.domain.closing import ClosedPeriod
from gamification.domain.periods import ClosingPeriod, Cycle
from gamification.infrastructure.closings import CLOSED_PERIODS, SqlClosings
from gamification.infrastructure.unit_of_work import GamificationUnitOfWork

from .season import WEEK, Season, week

pytestmark = pytest.mark.infra

MONTH = date(2026, 3, 1)


@pytest.fixture
def season(pool: Pool) -> Season:
    return Season(pool)


async def test_the_places_of_a_week_are_fixed_an_hour_after_its_end(season: Season) -> None:
    ada, ben, cem = await season.learners(20, 50, 20)
    assert await season.pass_to("2026-03-09T00:59:59") == 0
    assert await season.places() == []
    assert await season.pass_to("2026-03-09T01:00:00") == 1
    assert await season.places() == [(ben, 1, 1, 50), (ada, 2, 2, 20), (cem, 3, 2, 20)]


async def test_a_week_ends_by_the_academys_clock(pool: Pool) -> None:
    season = Season(pool, zone=ZoneInfo("Asia/Jakarta"))
    await season.learners(20)
    assert await season.pass_to("2026-03-08T17:59:59") == 0
    assert await season.pass_to("2026-03-08T18:00:00") == 1


async def test_a_month_closes_beside_its_weeks(season: Season) -> None:
    [ada] = await season.learners(20)
    await season.score(ada, 70, cycle=Cycle.MONTH, starts_on=MONTH)
    assert await season.pass_to("2026-04-01T00:59:59") == 4
    assert await season.closed(Cycle.MONTH) == []
    assert await season.pass_to("2026-04-01T01:00:00") == 1
    assert await season.places(cycle=Cycle.MONTH, starts_on=MONTH) == [(ada, 1, 1, 70)]


async def test_only_who_stands_on_leaderboards_has_a_place(season: Season) -> None:
    ada, hidden, former, gone, late = await season.learners(10, 50, 40, 30, 20)
    await season.hide(hidden)
    await season.person(role="staff", person_id=former)
    await season.person(status="deactivated", person_id=gone)
    await season.hide(late)
    await season.hide(late, hidden=False)
    await season.pass_to("2026-03-09T01:00:00")
    assert await season.places() == [(late, 1, 1, 20), (ada, 2, 2, 10)]


async def test_a_class_ranks_who_has_a_seat_when_the_week_closes_by_all_their_points(season: Season) -> None:
    ada, ben, cem = await season.learners(30, 20, 10)
    owls = await season.class_of(ada, ben, cem)
    await season.attend(owls, ada, active=False)
    await season.pass_to("2026-03-09T01:00:00")
    assert await season.places(scope="class", of=owls) == [(ben, 1, 1, 20), (cem, 2, 2, 10)]


async def test_a_course_ranks_by_the_points_of_that_course(season: Season) -> None:
    ada, ben, cem = await season.learners(90, 80, 70)
    python, scratch = new_id(), new_id()
    for player_id, xp, course_id in ((ada, 10, python), (ben, 40, python), (cem, 30, scratch)):
        await season.score(player_id, xp, course_id=course_id)
    await season.pass_to("2026-03-09T01:00:00")
    assert await season.places(scope="course", of=python) == [(ben, 1, 1, 40), (ada, 2, 2, 10)]
    assert await season.places(scope="course", of=scratch) == [(cem, 1, 1, 30)]


async def test_what_becomes_known_later_changes_no_place(season: Season) -> None:
    ada, ben = await season.learners(20, 10)
    await season.pass_to("2026-03-09T01:00:00")
    frozen = await season.places()
    await season.score(ben, 90)
    await season.hide(ada)
    assert await season.pass_to("2026-03-09T13:00:00") == 0
    assert await season.places() == frozen == [(ada, 1, 1, 20), (ben, 2, 2, 10)]


async def test_many_replicas_close_a_week_once(season: Season) -> None:
    players = await season.learners(*range(400, 0, -10))
    await season.pass_to("2026-03-04T12:00:00")
    season.clock.now = season.clock.now.replace(day=9)
    await asyncio.gather(*(season.closing.run() for _ in range(5)))
    assert len(await season.places()) == len(await season.results()) == len(players)
    told = Counter(map(type, await season.told()))
    assert (told[PeriodClosed], told[LeagueChanged]) == (1, 8)
    assert Counter((await season.leagues(week(1))).values()) == {"silver": 8, "bronze": 32}


async def test_all_boards_of_a_close_are_of_one_moment(season: Season) -> None:
    players = await season.learners(*range(400, 0, -10))
    owls, over = await season.class_of(*players), asyncio.Event()
    await season.pass_to("2026-03-04T12:00:00")

    async def earn_on() -> int:
        number = 0
        while not over.is_set():
            number += 1
            await season.score(players[number % len(players)], 1000 + number)
        return number

    earning = asyncio.create_task(earn_on())
    await season.pass_to("2026-03-09T01:00:00")
    over.set()
    assert await earning > 0
    academy = await season.places()
    assert len(academy) == len(players)
    assert await season.places(scope="class", of=owls) == academy


class Interrupted(Exception):
    """The process was killed here."""


class KilledClosings(SqlClosings):
    def add(self, aggregate: object) -> None:
        raise Interrupted


class Killed(GamificationUnitOfWork):
    """Everything has been written but that the period is closed."""

    def __init__(self, connection: object, *, locking: bool = False) -> None:
        super().__init__(connection, locking=locking)  # type: ignore[arg-type]
        self.closings = KilledClosings(self)


async def test_a_close_that_is_interrupted_leaves_nothing_and_is_made_up_for(season: Season) -> None:
    await season.learners(20, 10)
    season.unit_of_work = Killed
    with pytest.raises(Interrupted):
        await season.pass_to("2026-03-09T01:00:00")
    assert (await season.places(), await season.results(), await season.told()) == ([], {}, [])
    season.unit_of_work = GamificationUnitOfWork
    assert await season.pass_to("2026-03-09T01:00:15") == 1
    assert len(await season.places()) == 2


async def test_what_waited_for_a_worker_has_the_grace_too(season: Season) -> None:
    ada, ben = await season.learners(20, 10)
    season.hearing_since = datetime(2026, 3, 9, 8, tzinfo=UTC)
    assert await season.pass_to("2026-03-09T08:00:15") == 0
    await season.score(ben, 30)
    assert await season.pass_to("2026-03-09T08:59:59") == 0
    assert await season.pass_to("2026-03-09T09:00:00") == 1
    assert await season.places() == [(ben, 1, 1, 30), (ada, 2, 2, 20)]


async def test_weeks_that_were_missed_close_in_order(season: Season) -> None:
    [ada] = await season.learners(20)
    await season.score(ada, 30, starts_on=week(2))
    assert await season.pass_to("2026-03-09T01:00:00") == 1
    assert await season.pass_to("2026-03-24T12:00:00") == 2
    told = [(event.period, event.starts_on) for event in await season.told() if isinstance(event, PeriodClosed)]
    assert told == [("week", week(0)), ("week", week(1)), ("week", week(2))]
    assert [len(await season.places(starts_on=week(number))) for number in range(4)] == [1, 0, 1, 0]


async def standing_of(season: Season, weeks: int) -> list[object]:
    found: list[object] = []
    for number in range(weeks):
        found += [await season.places(starts_on=week(number)), await season.seats(week(number))]
        found.append(await season.results(week(number)))
    return found


async def test_who_catches_up_comes_to_the_same_as_who_closed_in_time(season: Season) -> None:
    players = await season.learners(*range(700, 0, -10))
    for number in range(1, 4):
        for place, player_id in enumerate(players):
            await season.score(player_id, (place * (number + 3)) % 11 * 10, starts_on=week(number), second=place)
    assert await season.pass_to("2026-03-09T01:00:00") == 1
    assert await season.pass_to("2026-03-31T12:00:00") == 3
    at_once = await standing_of(season, 5)
    for table in ("closed_periods", "final_places", "league_seats", "league_results"):
        await season.pool.execute(f"DELETE FROM {table}")
    for day in ("09", "16", "23", "30"):
        assert await season.pass_to(f"2026-03-{day}T01:00:00") == 1
    in_time = await standing_of(season, 5)
    assert in_time == at_once


async def whole_past(season: Season) -> list[UUID]:
    """Three learners with points in four weeks and a month, of which nothing was closed."""
    players = await season.learners(30, 20, 10)
    for number in range(1, 4):
        for player_id in players:
            await season.score(player_id, 10 * number, starts_on=week(number))
    await season.score(players[0], 90, cycle=Cycle.MONTH, starts_on=date(2026, 2, 1))
    return players


async def test_who_has_lost_what_was_closed_closes_it_quietly_but_the_last(season: Season) -> None:
    players = await whole_past(season)
    assert await season.pass_to("2026-03-31T12:00:00") == 5
    assert [len(await season.places(starts_on=week(number))) for number in range(4)] == [3, 3, 3, 3]
    told = await season.told()
    assert [event.starts_on for event in told if isinstance(event, PeriodClosed)] == [date(2026, 2, 1), week(3)]
    assert [(event.student_id, event.week) for event in told if isinstance(event, LeagueChanged)] == [
        (players[0], week(3))
    ]
    assert [len(await season.results(week(number))) for number in range(4)] == [0, 0, 0, 3]
    assert (await season.leagues(week(4)))[players[0]] == "silver"


async def test_a_quiet_close_that_is_interrupted_goes_on_quietly(season: Season) -> None:
    await whole_past(season)
    season.clock.now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    await season.bus.execute(ClosePeriod(ClosingPeriod(Cycle.WEEK, WEEK), quietly=True))
    assert await season.closing.run() == 4
    told = [event.starts_on for event in await season.told() if isinstance(event, PeriodClosed)]
    assert told == [date(2026, 2, 1), week(3)]


async def test_a_week_before_the_first_closed_one_closes_when_it_is_heard_of_and_moves_nobody(season: Season) -> None:
    [ada] = await season.learners(20, starts_on=week(1))
    await season.pass_to("2026-03-16T01:00:00")
    seats, told = await season.seats(week(2)), len(await season.told())
    await season.score(ada, 50, starts_on=WEEK)
    assert await season.pass_to("2026-03-16T02:00:00") == 1
    assert await season.places() == [(ada, 1, 1, 50)]
    assert await season.seats(week(2)) == seats == {ada: ("silver", 0)}
    assert (await season.results(), len(await season.told())) == ({}, told + 1)


def test_no_part_of_a_closed_period_is_lost_on_the_way_to_the_rows_and_back() -> None:
    closed = ClosedPeriod(
        id=new_id(), version=3, cycle=Cycle.MONTH, starts_on=MONTH, closed_at=datetime(2026, 4, 1, 1, tzinfo=UTC)
    )
    assert_rows_round_trip(CLOSED_PERIODS, closed)


async def test_an_academy_where_nothing_has_happened_yet_closes_nothing(season: Season) -> None:
    assert await season.pass_to("2026-06-01T12:00:00") == 0


async def test_the_positions_of_a_board_are_all_there_once(season: Season) -> None:
    points = [number % 7 * 10 + 10 for number in range(60)]
    players = await season.learners(*points)
    await season.pass_to("2026-03-09T01:00:00")
    places = await season.places()
    assert [position for _, position, _, _ in places] == list(range(1, 61))
    ahead: dict[UUID, int] = {
        player: sum(other > xp for other in points) for player, xp in zip(players, points, strict=True)
    }
    assert all(rank == ahead[player] + 1 for player, _, rank, _ in places)
