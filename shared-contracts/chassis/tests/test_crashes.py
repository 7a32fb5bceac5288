"""kill -9 at every step on an event's way, from the commit of a command to the last acknowledgement.

Nothing is lost, nothing counts twice, and each aggregate's events arrive in their order.
"""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from jars_process import STEPS
from processes import identity, process
from shelves import JARS, everything_counted_once, fill, published
from wire import assert_told_in_order, wire

from babyowl_chassis.ids import new_id
from babyowl_chassis.messaging import relay as relay_module
from babyowl_chassis.messaging.topology import declare_topology
from babyowl_chassis.testing import Serving
from babyowl_chassis.worker import working

KILLED = -signal.SIGKILL
IN_THE_WORKER = [step for step in STEPS if step != "events written"]
ESSENTIAL = {"published, not confirmed", "confirmed, not deleted", "effect taken", "before ack"}


def cases() -> list[Any]:
    """Each step, at its first pass and later; a few of them always, all of them under chaos."""
    return [
        pytest.param(step, passes, marks=[] if passes == 7 and step in ESSENTIAL else [pytest.mark.chaos])
        for step in IN_THE_WORKER
        for passes in ((0,) if step == "batch deleted" else (0, 1, 7, 40))  # all fits into one batch
    ]


@pytest.fixture
async def vhost(short_ladder: None, served: Serving, fresh_vhost: Callable[[], str]) -> str:
    url = fresh_vhost()
    await declare_topology(url, "learning", served.running.parts.subscriptions)
    async with wire(url) as own:
        await own.audit()
    return url


async def assert_nothing_is_lost_and_nothing_counted_twice(served: Serving, vhost: str) -> None:
    """Let a worker in this process do what the dead one left behind, and look at all of it."""
    object.__setattr__(served.running.resources.settings, "amqp_url", _Secret(vhost))
    async with working(served.running):
        await everything_counted_once(served)
    async with wire(vhost) as own:
        assert_told_in_order(await own.audited(), expected=await published(served))


class _Secret(str):
    def get_secret_value(self) -> str:
        return str(self)


@pytest.mark.parametrize(("step", "passes"), cases())
async def test_a_worker_killed_at_any_step_loses_and_repeats_nothing(
    served: Serving, vhost: str, tmp_path: Path, step: str, passes: int
) -> None:
    await fill(served.as_("staff"), jars=6, marbles=9)
    dying = {"DIE_AT": step, "DIE_AFTER": str(passes)}
    async with process("worker", served, amqp_url=vhost, log=tmp_path / "log", **dying) as worker:
        assert await worker.ended() == KILLED, worker.log
    await assert_nothing_is_lost_and_nothing_counted_twice(served, vhost)


@pytest.mark.parametrize(
    "step", ["events written", "after commit", pytest.param("before commit", marks=pytest.mark.chaos)]
)
async def test_a_command_whose_process_is_killed_is_carried_out_wholly_or_not_at_all(
    served: Serving, vhost: str, tmp_path: Path, step: str
) -> None:
    body, key = {"label": "blue", "capacity": 1}, {"Idempotency-Key": str(new_id())}
    async with (
        identity() as url,
        process("web", served, amqp_url=vhost, log=tmp_path / "log", identity_url=url, DIE_AT=step) as dying,
    ):
        await dying.ready()
        with pytest.raises(httpx.TransportError):
            await dying.client.post(JARS, json=body, headers=key)
        assert await dying.ended() == KILLED, dying.log
        carried_out = len(await published(served))
        assert carried_out == (1 if step == "after commit" else 0)
        repeated = await served.as_("staff", dying.user_id).post(JARS, json=body, headers=key)
    assert repeated.status_code == 201
    assert ("Idempotent-Replayed" in repeated.headers) == bool(carried_out)
    assert len(await published(served)) == 1
    await assert_nothing_is_lost_and_nothing_counted_twice(served, vhost)


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.chaos)])
async def test_relays_that_are_killed_between_confirm_and_delete_are_succeeded_in_order(
    served: Serving, vhost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int
) -> None:
    monkeypatch.setattr(relay_module, "STANDBY_SECONDS", 0.05)
    for _ in range(kills):
        dying = {"DIE_AT": "confirmed, not deleted", "DIE_AFTER": "5"}
        async with (
            process("worker", served, amqp_url=vhost, log=tmp_path / "one", **dying) as one,
            process("worker", served, amqp_url=vhost, log=tmp_path / "two", **dying) as two,
        ):
            await asyncio.gather(one.ready(), two.ready())
            filling = asyncio.create_task(fill(served.as_("staff"), jars=4, marbles=20))
            assert [await one.ended(), await two.ended()] == [KILLED, KILLED]
            await filling
    await assert_nothing_is_lost_and_nothing_counted_twice(served, vhost)
