"""A rebuild that is killed or cannot go on leaves the serving game as it is, and hinders no other."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from babyowl_chassis.event_log import EventLog
from babyowl_chassis.ids import utc_now
from babyowl_chassis.subscriptions import Dispatcher
from babyowl_contracts import Envelope
from gamification.bootstrap import service, wire
from gamification.infrastructure.rebuilding import rebuild as rebuilding
from gamification.infrastructure.rebuilding.replay import Replay
from gamification.infrastructure.rebuilding.shadow import CannotRebuild, Shadow
from gamification.interfaces.rebuild import rebuild_and_show

from .logs import House, Silent
from .reports import exercise
from .term import a_term, contents, told

pytestmark = pytest.mark.infra


class Stop(Exception):
    """The rebuild is killed here."""


class Killer(Silent):
    """Kills the rebuild when a step begins."""

    def __init__(self, step: str) -> None:
        self._step = step

    def read(self, replay: Replay) -> None:
        self.began("Reading")

    def began(self, step: str) -> None:
        if step == self._step:
            raise Stop


@pytest.mark.parametrize("step", ["Reading", "Days roll over", "Comparing", "Changing places"])
async def test_who_is_killed_on_the_way_leaves_the_serving_game_as_it_is(home: House, step: str) -> None:
    await a_term(home)
    before = await contents(home)
    with pytest.raises(Stop):
        await home.rebuild(watcher=Killer(step))
    assert await contents(home) == before
    assert (await home.rebuild()).differences == []


async def test_who_is_killed_while_they_change_places_leaves_the_serving_game_as_it_is(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_term(home)
    before = await contents(home)
    change_places = Shadow._change_places

    async def killed(shadow: Shadow) -> None:
        await change_places(shadow)
        raise Stop

    monkeypatch.setattr(Shadow, "_change_places", killed)
    with pytest.raises(Stop):
        await home.rebuild()
    assert await contents(home) == before
    monkeypatch.undo()
    assert (await home.rebuild()).differences == []


async def test_what_no_log_tells_of_is_not_thrown_away(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, *_ = await a_term(home)
    monkeypatch.setattr(rebuilding, "TRIES", 2)
    await home.hear(told(exercise(ada, utc_now())))
    before = await contents(home)
    with pytest.raises(CannotRebuild, match="no log tells of"):
        await home.rebuild()
    assert await contents(home) == before


async def test_a_log_that_cannot_be_read_is_the_end_of_it(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_term(home)
    before, screen = await contents(home), Console(file=io.StringIO(), width=200)
    monkeypatch.setattr(EventLog, "PATIENCE_SECONDS", 0.0)
    settings = home.resources.settings.model_copy(update={"learning_url": "http://127.0.0.1:1"})
    resources = replace(home.resources, settings=settings)
    with pytest.raises(SystemExit) as given_up:
        await rebuild_and_show(resources, service, wire, check=False, console=screen)
    assert given_up.value.code == 2
    assert "Given up, and nothing was changed" in screen.file.getvalue()  # type: ignore[attr-defined]
    assert await contents(home) == before


async def test_two_do_not_rebuild_at_once(home: House) -> None:
    async with Shadow.opened(service, home.live.database_url):
        with pytest.raises(CannotRebuild, match="another rebuild runs"):
            await home.rebuild()
    await home.rebuild()


async def test_what_a_killed_one_left_is_in_nobodys_way_and_nothing_is_left_behind(home: House) -> None:
    await a_term(home)
    database = home.live.resources.database
    await database.execute("CREATE SCHEMA gamification_rebuild")
    await database.execute("CREATE TABLE gamification_rebuild.players (id int)")
    await database.execute(
        "CREATE FUNCTION gamification_rebuild.mark_place_stale(changed uuid) RETURNS void LANGUAGE sql AS ''"
    )
    assert (await home.rebuild()).differences == []
    left = "SELECT relname FROM pg_class WHERE relnamespace = 'gamification_rebuild'::regnamespace"
    assert await database.fetch(left) == []


async def test_an_event_that_cannot_be_taken_is_named_and_the_game_that_took_it_stays(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, *_ = await a_term(home)
    [taken] = await home.happen(exercise(ada, utc_now()))
    monkeypatch.setattr(rebuilding, "TRIES", 2)
    tell = Dispatcher.dispatch

    async def stumble(dispatcher: Dispatcher, envelope: Envelope) -> bool:
        if envelope.id == taken.id:
            raise ValueError("it cannot be read any more")
        return await tell(dispatcher, envelope)

    monkeypatch.setattr(Dispatcher, "dispatch", stumble)
    before = await contents(home)
    with pytest.raises(CannotRebuild, match=str(taken.id)):
        await home.rebuild()
    assert await contents(home) == before
