"""Passwords: bcrypt, in threads of its own, and never more of it than the machine bears."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from hmac import digest
from threading import BoundedSemaphore
from typing import TypeVar

import bcrypt
from fastapi import HTTPException

from identity.domain.policies import normal_form
from identity.domain.values import PasswordHash

T = TypeVar("T")


class HashingBusy(HTTPException):
    """So many passwords wait already that another would wait for too long: answered 503, come back soon."""

    def __init__(self) -> None:
        super().__init__(503, "Too many are signing in at this moment; try again.", {"Retry-After": "3"})


class BcryptPasswords:
    """bcrypt over base64(HMAC-SHA-384(pepper, password)).

    bcrypt reads 72 bytes at most and ends at a NUL; the 64 signs of the digest stay within that whatever the
    password's length. Stolen hashes are worth nothing without the pepper, which is not in the database.
    """

    def __init__(self, pepper: str, *, rounds: int, threads: int, queue: int) -> None:
        self._pepper = pepper.encode()
        self._rounds = rounds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bcrypt")
        self._places = BoundedSemaphore(threads + queue)
        # Checking against it is as much work as against a real one; no password has this digest.
        self._nobodys = f"$2b${rounds:02}${'.' * 53}".encode()

    async def hash(self, password: str) -> PasswordHash:
        """What is kept of this password. Raises HashingBusy."""
        text = self._prehashed(password)
        kept = await self._run(lambda: bcrypt.hashpw(text, bcrypt.gensalt(self._rounds)))
        return PasswordHash(kept.decode())

    async def verify(self, password: str, kept: PasswordHash | None) -> bool:
        """Whether it is the password. With nothing kept: False, after the same work. Raises HashingBusy."""
        text = self._prehashed(password)
        against = self._nobodys if kept is None else kept.encode()
        matches = await self._run(lambda: bcrypt.checkpw(text, against))
        return matches and kept is not None

    def close(self) -> None:
        """Let go of the threads; what runs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _prehashed(self, password: str) -> bytes:
        return b64encode(digest(self._pepper, normal_form(password).encode(), "sha384"))

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise HashingBusy
        running: Future[T] = self._pool.submit(work)
        # Freed when the thread is done: a client that hangs up does not make room before.
        running.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(running)
