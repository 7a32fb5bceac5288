"""Waiting for what happens soon: by looking, never by sleeping a guessed time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(check: Callable[[], Awaitable[T]], *, timeout: float = 10, every: float = 0.02) -> T: ...


@overload
async def eventually(check: Callable[[], T], *, timeout: float = 10, every: float = 0.02) -> T: ...


async def eventually(check: Callable[[], T | Awaitable[T]], *, timeout: float = 10, every: float = 0.02) -> T:
    """Call `check` until it returns something true, and return that.

    An AssertionError from `check` counts as not yet; the last one is raised when `timeout` seconds are over.
    """
    deadline = time.monotonic() + timeout
    while True:
        failure: AssertionError | None = None
        try:
            outcome = check()
            found: T = await outcome if inspect.isawaitable(outcome) else outcome
            if found:
                return found
        except AssertionError as not_yet:
            failure = not_yet
        if time.monotonic() > deadline:
            raise failure or AssertionError(f"{check} did not come true within {timeout} s")
        await asyncio.sleep(every)
