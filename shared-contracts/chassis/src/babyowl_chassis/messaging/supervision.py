"""Tasks that must not die: started again when they fail, ended only when asked to."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS = 0.1
MAX_PAUSE_SECONDS = 5.0


async def supervised(name: str, work: Callable[[], Awaitable[object]], *, once: bool = False) -> None:
    """Run `work` for ever, or with `once` until it has succeeded; after a pause that doubles up to five seconds.

    A CancelledError counts as a failure unless this very task is being cancelled: aio-pika lets a stray one out
    when a heartbeat fails, and a relay that took it for its own end would be silent ever after. The other way
    round it turns a cancellation into a TimeoutError while it connects, and a relay would never end.
    """
    pause = FIRST_PAUSE_SECONDS
    task = asyncio.current_task()
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await work()
            if once:
                return
        except (asyncio.CancelledError, Exception) as error:  # whatever it is, the work must go on
            if task is None or task.cancelling():
                raise asyncio.CancelledError from error
            log.warning("restarting", task=name, error=repr(error))
        if asyncio.get_running_loop().time() - started > 10 * MAX_PAUSE_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        await asyncio.sleep(pause)
        pause = min(pause * 2, MAX_PAUSE_SECONDS)


def heed_cancellation() -> None:
    """Raise the CancelledError that a library has swallowed; called where a task settles down to wait.

    Before Python 3.12 `asyncio.wait_for`, which the drivers use, drops a cancellation that meets its result.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Let the work come to its end before a cancellation takes effect; only a second one tears it."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
