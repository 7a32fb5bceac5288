"""What happens in the serving game around the moment in which the rebuilt one takes its place."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.people import People
from babyowl_contracts.class_ import HolidayDeclared
from babyowl_contracts.gamification import XpEarned
from babyowl_contracts.identity import UserRegistered
from gamification.infrastructure.rebuilding import rebuild as rebuilding
from gamification.infrastructure.rebuilding.rebuild import Settling
from gamification.infrastructure.rebuilding.shadow import Connection, NotReady, Shadow
from gamification.interfaces import rebuild as commanded

from .logs import House, Silent
from .reports import exercise
from .term import a_term, contents, player, told

pytestmark = pytest.mark.infra

MISSED = date(2026, 3, 4)


async def learners_of_weeks(home: House, weeks: int) -> list[UUID]:
    """Some learners, known to Identity, who have done something in each of the last weeks; nobody has heard of it."""
    students = [new_id() for _ in range(3)]
    for number, student in enumerate(students):
        await home.knows(student, f"Learner {number}")
        await home.log(told(UserRegistered(user_id=student, role="student")))
        for week in range(1, weeks + 1):
            await home.log(told(exercise(student, utc_now() - timedelta(weeks=week, minutes=number))))
    return students


async def test_weeks_of_a_lost_game_close_with_the_people_who_were_in_them(home: House) -> None:
    students = await learners_of_weeks(home, 4)
    database = home.live.resources.database
    await database.execute("TRUNCATE people")
    [closing] = [job for job in home.live.running.parts.periodic if job.name == "closing"]

    class Worker(Silent):
        """Looks at the clock as soon as there is something to close."""

        def began(self, step: str) -> None:
            if step == "Boards":
                self.looking = asyncio.ensure_future(closing.run())

    worker = Worker()
    await home.rebuild(watcher=worker)
    await worker.looking
    places = """
    SELECT starts_on, count(place.player_id) AS places FROM closed_periods LEFT JOIN final_places AS place
    USING (cycle, starts_on) WHERE cycle = 'week' AND scope = 'academy' GROUP BY starts_on
    """
    assert [row["places"] for row in await database.fetch(places)] == [len(students)] * 4


async def test_without_identity_nobody_takes_over(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await learners_of_weeks(home, 1)
    before = await contents(home)
    monkeypatch.setattr(commanded, "PEOPLE_PAUSE_SECONDS", 0.0)
    asked = 0

    async def away(*_: object) -> None:
        nonlocal asked
        asked += 1
        raise httpx.ConnectError("nobody is there")

    monkeypatch.setattr(People, "ensure_known", away)
    with pytest.raises(httpx.ConnectError):
        await home.rebuild()
    assert asked == commanded.PEOPLE_TRIES
    assert await contents(home) == before


async def a_badge_is_revoked(home: House, learner: UUID) -> None:
    badges = "SELECT badge FROM badges WHERE player_id = $1 ORDER BY badge"
    badge = await home.live.resources.database.fetchval(badges, learner)
    path = f"/api/v1/players/{learner}/badges/{badge}/revocation"
    answer = await home.live.as_("staff").post(path, json={"reason": "It was somebody else's work."})
    assert answer.is_success, answer.text


async def a_holiday_is_declared(home: House, _: UUID) -> None:
    await home.happen(HolidayDeclared(holiday_id=new_id(), first_date=MISSED, last_date=MISSED))
    await home.settle()


async def something_is_done(home: House, learner: UUID) -> None:
    await home.happen(exercise(learner, utc_now()))


@pytest.mark.parametrize("happens", [a_badge_is_revoked, a_holiday_is_declared, something_is_done])
@pytest.mark.parametrize("most", [0, rebuilding.MOST_REMEMBERED], ids=["of too many", "of few"])
async def test_what_others_hear_of_while_they_change_places_stays_under_its_id(
    home: House, monkeypatch: pytest.MonkeyPatch, happens: Callable[[House, UUID], Awaitable[None]], most: int
) -> None:
    monkeypatch.setattr(rebuilding, "MOST_REMEMBERED", most)
    ada = new_id()
    await home.knows(ada, "Ada")
    for day in (2, 3, 5):
        at = datetime(2026, 3, day, 12, tzinfo=UTC)
        await home.happen(exercise(ada, at), at=at)
    await home.settle()
    before = await told_of_lines(home)
    after_all_was_remembered(monkeypatch, lambda: happens(home, ada))
    await home.rebuild()
    assert await told_of_lines(home) - before, "nothing has happened"
    await all_lines_were_told_of(home)


async def test_ledgers_of_many_are_not_gone_through_while_others_wait(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, *_ = await a_term(home)
    monkeypatch.setattr(rebuilding, "MOST_REMEMBERED", 0)
    hold, holds = Shadow.while_nobody_hears, 0

    @asynccontextmanager
    async def while_nobody_hears(shadow: Shadow) -> AsyncIterator[Connection]:
        nonlocal holds
        holds += 1
        async with hold(shadow) as connection:
            if holds == 2:
                await home.log(told(exercise(ada, utc_now())))
            yield connection

    monkeypatch.setattr(Shadow, "while_nobody_hears", while_nobody_hears)
    await home.rebuild()
    assert holds == 3, "one to compare, one given up, one to change places"


async def test_what_is_heard_late_stays_under_the_id_that_is_told_then(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, *_ = await a_term(home)
    [late] = await home.log(told(exercise(ada, utc_now())))
    kept = await lines(home)
    after_all_was_remembered(monkeypatch, lambda: home.hear(late))
    await home.rebuild()
    new = await lines(home) - kept
    assert new
    assert new <= await told_of_lines(home)


def after_all_was_remembered(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[None]]) -> None:
    differ = Shadow.about_whom_they_differ

    async def differ_and_go_on(shadow: Shadow, table: str) -> set[UUID]:
        found = await differ(shadow, table)
        if table == "scores":
            await happens()
        return found

    monkeypatch.setattr(Shadow, "about_whom_they_differ", differ_and_go_on)


async def lines(home: House) -> set[UUID]:
    return {row["id"] for row in await home.live.resources.database.fetch("SELECT id FROM xp_transactions")}


async def told_of_lines(home: House) -> set[UUID]:
    return {envelope.data.transaction_id for envelope in await home.live.events(XpEarned)}  # type: ignore[attr-defined]


async def all_lines_were_told_of(home: House) -> None:
    assert await lines(home) <= await told_of_lines(home)


async def test_nobody_is_held_up_by_what_has_to_be_done_for_many(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, *_ = await a_term(home)
    monkeypatch.setattr(rebuilding, "HOLD_SECONDS", 0.3)
    hold, settle = Shadow.while_nobody_hears, Settling.settle
    held, given_up = False, 0

    @asynccontextmanager
    async def while_nobody_hears(shadow: Shadow) -> AsyncIterator[Connection]:
        nonlocal held, given_up
        async with hold(shadow) as connection:
            if not given_up:
                await home.log(told(exercise(ada, utc_now())))
            held = True
            try:
                yield connection
            except NotReady:
                given_up += 1
                raise
            finally:
                held = False

    async def settle_for_long(settling: Settling) -> None:
        if held:
            await asyncio.Event().wait()
        await settle(settling)

    monkeypatch.setattr(Shadow, "while_nobody_hears", while_nobody_hears)
    monkeypatch.setattr(Settling, "settle", settle_for_long)
    before = (await player(home, ada))["total_xp"]
    async with asyncio.timeout(60):
        report = await home.rebuild()
    assert given_up == 1
    assert (report.differences, report.left_out) == ([], 1)
    assert (await player(home, ada))["total_xp"] > before
