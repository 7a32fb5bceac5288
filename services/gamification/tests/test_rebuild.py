"""The game is built anew from the logs of the others, and is the same; nothing is lost meanwhile."""

import asyncio
import io
import random
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from rich.console import Console

from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.migrations import differences as schema_differences
from babyowl_chassis.subscriptions import Dispatcher
from babyowl_contracts import Envelope
from gamification.bootstrap import service, wire
from gamification.domain.scores import ACADEMY_ID, ALL_TIME, Scope, ScoreKey, ScorePeriod
from gamification.infrastructure.board_keeping import BoardKeeper
from gamification.infrastructure.boards import RedisBoards
from gamification.infrastructure.rebuilding.shadow import (
    KEPT,
    REBUILT,
    Shadow,
)
from gamification.infrastructure.tables import metadata
from gamification.interfaces.rebuild import rebuild_and_show

from .logs import House, Silent, house
from .reports import exercise
from .stories import Story, stories
from .term import a_term, contents, player, told

pytestmark = pytest.mark.infra


def test_it_is_known_of_every_table_whether_it_is_rebuilt() -> None:
    assert sorted((*REBUILT, *KEPT)) == sorted(metadata.tables)
    for name in KEPT:
        for key in metadata.tables[name].foreign_keys:
            assert key.column.table.name in KEPT, f"{name} refers to what is thrown away"


async def test_what_is_rebuilt_is_what_serves(home: House) -> None:
    await a_term(home)
    before = await contents(home)
    report = await home.rebuild(check=True)
    assert report.differences == []
    assert await contents(home) == before


@given(told=stories())
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
async def test_whatever_was_told_in_whatever_order_is_rebuilt_as_it_serves(home: House, told: Story) -> None:
    arrivals = await home.log(*told.arrivals)
    await home.hear(*arrivals)
    await home.settle()
    report = await home.rebuild(check=True)
    assert (report.differences, report.left_out) == ([], 0)


async def test_what_takes_over_serves_the_same_and_remembers_what_it_told(home: House) -> None:
    students = await a_term(home)
    shown = [await player(home, student) for student in students]
    ledger = "SELECT id, recorded_at, number, amount FROM xp_transactions ORDER BY id"
    lines = await home.live.resources.database.fetch(ledger)
    announced = "SELECT id, announced_level, told_streak FROM players ORDER BY id"
    told = await home.live.resources.database.fetch(announced)
    events = await home.live.events()
    assert (await home.rebuild()).differences == []
    assert [await player(home, student) for student in students] == shown
    # Of what was given late, taken back and given again only what came of it is left.
    kept = await home.live.resources.database.fetch(ledger)
    assert kept
    assert set(kept) <= set(lines)
    assert await home.live.resources.database.fetch(announced) == told
    assert await home.live.events() == events
    assert not await schema_differences(service, home.live.database_url)
    assert (await home.rebuild(check=True)).differences == []


async def test_the_game_goes_on_after_it_was_rebuilt(home: House) -> None:
    students = await a_term(home)
    await home.rebuild()
    before = (await player(home, students[0]))["total_xp"]
    [again] = await home.happen(exercise(students[0], utc_now()))
    await home.hear(again, again)
    assert (await player(home, students[0]))["total_xp"] > before
    assert (await home.rebuild(check=True)).differences == []


async def test_an_emptied_game_is_restored(home: House) -> None:
    students = await a_term(home)
    shown = [await player(home, student) for student in students]
    await home.live.resources.database.execute(f"TRUNCATE {', '.join((*REBUILT, 'people'))} CASCADE")
    report = await home.rebuild()
    assert {difference.table for difference in report.differences} >= {"players", "deeds", "xp_transactions"}
    assert all(difference.only_live == 0 for difference in report.differences)
    assert [await player(home, student) for student in students] == shown
    names = await home.live.resources.database.fetch("SELECT display_name FROM people ORDER BY 1")
    assert [row["display_name"] for row in names] == ["Ada", "Bo", "Cy", "Di"]
    assert (await home.rebuild(check=True)).differences == []


async def test_what_is_wrong_is_named_and_mended(home: House) -> None:
    ada, bo, *_ = await a_term(home)
    database = home.live.resources.database
    right = await player(home, ada)
    await database.execute("UPDATE players SET total_xp = total_xp + 1000 WHERE id = $1", ada)
    await database.execute("DELETE FROM badges WHERE player_id = $1", bo)
    report = await home.rebuild(check=True)
    found = {difference.table: difference for difference in report.differences}
    assert set(found) == {"players", "badges"}
    assert (found["players"].only_live, found["players"].only_rebuilt, found["players"].some) == (1, 1, (ada,))
    assert (found["badges"].only_live, found["badges"].some) == (0, (bo,))
    assert await player(home, ada) != right
    await home.rebuild()
    assert await player(home, ada) == right
    assert (await home.rebuild(check=True)).differences == []


async def test_what_happens_meanwhile_is_neither_lost_nor_held_up_for_long(home: House) -> None:
    students = [*await a_term(home), *(new_id() for _ in range(40))]
    done, numbers = asyncio.Event(), count()
    longest = 0.0

    async def go_on() -> None:
        nonlocal longest
        while not done.is_set():
            student = students[next(numbers) % len(students)]
            [envelope] = [told(exercise(student, utc_now()))]
            await home.log(envelope)
            await asyncio.sleep(random.uniform(0, 0.1))  # the way through the broker
            began = asyncio.get_running_loop().time()
            await home.hear(envelope)
            longest = max(longest, asyncio.get_running_loop().time() - began)

    async def look() -> None:
        while not done.is_set():
            await player(home, students[0])
            await asyncio.sleep(0.02)

    going_on = [asyncio.create_task(work()) for work in (go_on, go_on, go_on, look)]
    try:
        for _ in range(2):
            assert (await home.rebuild()).differences == []
    finally:
        done.set()
        await asyncio.gather(*going_on)
    assert next(numbers) > 50
    assert longest < 5
    await home.settle()
    database = home.live.resources.database
    published = await home.sources["learning"].resources.database.fetchval("SELECT count(*) FROM event_log")
    assert await database.fetchval("SELECT count(*) FROM inbox WHERE queue = 'gamification.rewards'") >= published
    assert (await home.rebuild(check=True)).differences == []


async def test_what_was_published_and_not_heard_yet_has_its_effect_once(home: House) -> None:
    ada, *_ = await a_term(home)
    late = told(exercise(ada, utc_now()))
    await home.log(late)
    report = await home.rebuild()
    assert (report.differences, report.left_out) == ([], 1)
    total = (await player(home, ada))["total_xp"]
    await home.hear(late)
    assert (await player(home, ada))["total_xp"] == total


async def test_decisions_that_no_event_tells_of_stay(home: House) -> None:
    ada, bo, *_ = await a_term(home)
    changed = await home.live.as_("student", ada).patch("/api/v1/players/me", json={"alias": "Star Owl"})
    assert changed.status_code == 200
    badges = "SELECT badge FROM badges WHERE player_id = $1 ORDER BY badge"
    badge = await home.live.resources.database.fetchval(badges, bo)
    path = f"/api/v1/players/{bo}/badges/{badge}/revocation"
    revoked = await home.live.as_("staff").post(path, json={"reason": "It was somebody else's work."})
    assert revoked.is_success, revoked.text
    held = await home.live.resources.database.fetch(badges, bo)
    assert (await home.rebuild()).differences == []
    assert (await player(home, ada))["alias"] == "Star Owl"
    assert await home.live.resources.database.fetch(badges, bo) == held


async def test_a_badge_taken_away_meanwhile_stays_taken_away(home: House) -> None:
    ada, *_ = await a_term(home)
    badges = "SELECT badge FROM badges WHERE player_id = $1 ORDER BY badge"
    badge = await home.live.resources.database.fetchval(badges, ada)

    class Staff(Silent):
        """Takes a badge away when the rebuild is nearly done."""

        def began(self, step: str) -> None:
            if step == "Changing places":
                self.revoking = asyncio.create_task(self.revoke())

        async def revoke(self) -> None:
            path = f"/api/v1/players/{ada}/badges/{badge}/revocation"
            await home.live.as_("staff").post(path, json={"reason": "It was somebody else's work."})

    staff = Staff()
    await home.rebuild(watcher=staff)
    await staff.revoking
    assert badge not in [row["badge"] for row in await home.live.resources.database.fetch(badges, ada)]
    assert (await home.rebuild(check=True)).differences == []


async def test_dead_letters_hinder_nobody(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, *_ = await a_term(home)
    [dead] = await home.log(told(exercise(ada, utc_now())))
    tell = Dispatcher.dispatch

    async def stumble(dispatcher: Dispatcher, envelope: Envelope) -> bool:
        if envelope.id == dead.id:
            raise ValueError("it cannot be read at all")
        return await tell(dispatcher, envelope)

    monkeypatch.setattr(Dispatcher, "dispatch", stumble)
    report = await home.rebuild()
    assert report.differences == []
    assert [failure.envelope for failure in report.failures] == [dead]


async def test_boards_are_built_anew(postgres_admin_url: str, fresh_redis: Callable[[], str]) -> None:
    async with house(postgres_admin_url, redis_url=fresh_redis()) as home:
        ada, *_ = await a_term(home)
        boards = RedisBoards(home.resources.redis)
        keeper = BoardKeeper(home.resources.database, boards)
        board = ScoreKey(Scope.ACADEMY, ACADEMY_ID, ScorePeriod.ALL, ALL_TIME)
        await keeper.build(board)
        right = await boards.top(board, 10)
        assert right
        assert len(right) == 4
        await home.live.resources.database.execute("UPDATE scores SET xp = 1 WHERE player_id = $1", ada)
        await keeper.build(board)
        assert await boards.top(board, 10) != right
        await home.rebuild()
        assert await boards.top(board, 10) == right


async def test_the_operator_sees_what_was_found(home: House) -> None:
    ada, *_ = await a_term(home)
    screen = Console(file=io.StringIO(), width=200)

    async def ask(*, check: bool) -> str:
        await rebuild_and_show(home.resources, service, wire, check=check, console=screen)
        return screen.file.getvalue()  # type: ignore[attr-defined, no-any-return]

    assert "the serving game is what the logs say" in await ask(check=True)
    await home.live.resources.database.execute("UPDATE players SET total_xp = total_xp + 1 WHERE id = $1", ada)
    with pytest.raises(SystemExit) as differs:
        await ask(check=True)
    assert differs.value.code == 1
    shown = await ask(check=False)
    assert str(ada) in shown
    assert "What was rebuilt serves." in shown
    async with Shadow.opened(service, home.live.database_url):
        with pytest.raises(SystemExit) as hindered:
            await ask(check=True)
    assert hindered.value.code == 2
