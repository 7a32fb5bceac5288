"""The sample service as a process of its own, which may be told to die at a certain step.

    python jars_process.py all|web|worker

DIE_AT names the step and DIE_AFTER how often it is passed before; death is SIGKILL. The production code has no
such points: its functions are wrapped here.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import aio_pika
import asyncpg.transaction
import jars

from babyowl_chassis import inbox, outbox, runtime
from babyowl_chassis.messaging import topology
from babyowl_chassis.messaging.relay import Relay

Function = Callable[..., Any]


class Death:
    """Comes when its step is passed once too often."""

    def __init__(self, after: int) -> None:
        self._passes_left = after

    def pass_by(self) -> None:
        self._passes_left -= 1
        if self._passes_left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, owner: Any, name: str) -> None:
        """Die before `owner.name` does anything."""
        self._wrap(owner, name, self._dying_before)

    def after(self, owner: Any, name: str) -> None:
        """Die when `owner.name` has done its work, before anyone learns of it."""
        self._wrap(owner, name, self._dying_after)

    def during(self, owner: Any, name: str) -> None:
        """Die when `owner.name` has sent what it has to send and waits for an answer."""
        self._wrap(owner, name, self._dying_during)

    def _wrap(self, owner: Any, name: str, wrapper: Callable[[Function], Function]) -> None:
        setattr(owner, name, wrapper(getattr(owner, name)))

    def _dying_before(self, function: Function) -> Function:
        @wraps(function)
        async def dying(*args: Any, **kwargs: Any) -> Any:
            self.pass_by()
            return await function(*args, **kwargs)

        return dying

    def _dying_after(self, function: Function) -> Function:
        @wraps(function)
        async def dying(*args: Any, **kwargs: Any) -> Any:
            outcome = await function(*args, **kwargs)
            self.pass_by()
            return outcome

        return dying

    def _dying_during(self, function: Function) -> Function:
        @wraps(function)
        async def dying(*args: Any, **kwargs: Any) -> Any:
            task = asyncio.ensure_future(function(*args, **kwargs))
            await asyncio.wait([task], timeout=0.0005)
            self.pass_by()
            return await task

        return dying


STEPS: dict[str, Callable[[Death], None]] = {
    "events written": lambda death: death.after(outbox, "post"),
    "before commit": lambda death: death.before(asyncpg.transaction.Transaction, "__aexit__"),
    "after commit": lambda death: death.after(asyncpg.transaction.Transaction, "__aexit__"),
    "before publish": lambda death: death.before(aio_pika.Exchange, "publish"),
    "published, not confirmed": lambda death: death.during(aio_pika.Exchange, "publish"),
    "confirmed, not deleted": lambda death: death.after(aio_pika.Exchange, "publish"),
    "batch deleted": lambda death: death.after(Relay, "_publish"),
    "inbox noted": lambda death: death.after(inbox, "note"),
    "effect taken": lambda death: death.after(jars, "count"),
    "before ack": lambda death: death.before(aio_pika.IncomingMessage, "ack"),
    "after ack": lambda death: death.after(aio_pika.IncomingMessage, "ack"),
}


def main() -> None:
    topology.RETRY_LADDER = {"10ms": 10, "20ms": 20, "40ms": 40}
    if step := os.environ.get("DIE_AT"):
        STEPS[step](Death(int(os.environ.get("DIE_AFTER", "0"))))
    runtime.run(jars.service, sys.argv[1])  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
