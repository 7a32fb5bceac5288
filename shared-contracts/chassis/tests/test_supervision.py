"""Work that must go on goes on, and ends when it is told to."""

import asyncio

import pytest

from babyowl_chassis.messaging import supervision
from babyowl_chassis.messaging.supervision import supervised, uninterrupted
from babyowl_chassis.testing import eventually


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "FIRST_PAUSE_SECONDS", 0.001)


class Work:
    """Fails with each of these in turn, then works until it is cancelled."""

    def __init__(self, *failures: BaseException, deaf: bool = False) -> None:
        self.failures = list(failures)
        self.starts = 0
        self.deaf = deaf

    async def run(self) -> None:
        self.starts += 1
        if self.failures:
            raise self.failures.pop(0)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if self.deaf:
                raise TimeoutError from None
            raise


@pytest.mark.parametrize("failure", [ValueError("fault"), asyncio.CancelledError(), ConnectionError()], ids=repr)
async def test_what_fails_is_started_again(failure: BaseException) -> None:
    work = Work(failure, failure)
    task = asyncio.create_task(supervised("work", work.run))
    await eventually(lambda: work.starts == 3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_it_ends_even_when_its_cancellation_comes_out_as_another_error() -> None:
    work = Work(deaf=True)
    task = asyncio.create_task(supervised("work", work.run))
    await eventually(lambda: work.starts == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)
    assert work.starts == 1


async def test_what_has_to_succeed_once_ends_with_its_success() -> None:
    failures = [ValueError("not yet"), ValueError("not yet")]

    async def declare() -> None:
        if failures:
            raise failures.pop()

    await asyncio.wait_for(supervised("declare", declare, once=True), 1)
    assert failures == []


async def test_a_first_cancellation_waits_for_the_end_of_the_work_and_a_second_does_not() -> None:
    begun, release, outcomes = asyncio.Event(), asyncio.Event(), []

    async def work() -> None:
        begun.set()
        try:
            await release.wait()
            outcomes.append("done")
        except asyncio.CancelledError:
            outcomes.append("torn")
            raise

    for cancellations, outcome in ((1, "done"), (2, "torn")):
        begun.clear()
        release.clear()
        task = asyncio.create_task(uninterrupted(work()))
        await begun.wait()
        for _ in range(cancellations):
            task.cancel()
            await asyncio.wait([task], timeout=0.02)
        release.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert outcomes.pop() == outcome
