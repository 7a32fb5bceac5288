"""The academy as a client sees it: a gateway, a mailbox, and people who sign in."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx

PATIENCE_SECONDS = 20.0

Message: TypeAlias = dict[str, Any]
"""A message as the mailbox shows it."""

_TOKEN = re.compile(r"[?&]token=([A-Za-z0-9_.~-]+)")


class StoryError(Exception):
    """The academy did something else than the story says."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who somebody is at the door."""

    email: str
    password: str


class Person:
    """Somebody with a client app."""

    def __init__(self, name: str, account: Account, gateway: httpx.AsyncClient) -> None:
        self.name = name
        self.account = account
        self.id = ""
        self._gateway = gateway
        self._authorization: dict[str, str] = {}

    async def sign_in(self) -> httpx.Response:
        """Trade address and password for tokens."""
        response = await self.asks(
            "POST", "/api/v1/auth/login", {"email": self.account.email, "password": self.account.password}
        )
        expect(response, 200)
        self._authorization = {"Authorization": f"Bearer {response.json()['access_token']}"}
        me = await self.asks("GET", "/api/v1/me")
        self.id = expect(me, 200)["id"]
        return response

    async def asks(
        self, method: str, path: str, body: Any = None, params: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Send a request, as a polite client: whoever is told to slow down waits as long as told."""
        while True:
            response = await self._gateway.request(
                method, path, json=body, params=params, headers=self._authorization
            )
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return response
            await asyncio.sleep(float(response.headers["Retry-After"]))


class Mailbox:
    """Where the academy's e-mails arrive on this machine."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=10, trust_env=False)

    async def token_sent_to(self, email: str) -> str:
        """The token in the link of the newest message to this address that has one; waits until there is one."""

        def token(message: Message) -> str | None:
            found = _TOKEN.search(message["text"])
            return found and found[1]

        return await self._find(email, token)

    async def letter_to(self, email: str, *, about: str) -> str:
        """The text of the newest message to this address with this subject; waits until there is one."""
        return await self._find(email, lambda message: message["text"] if message["subject"] == about else None)

    async def _find(self, email: str, wanted: Callable[[Message], str | None]) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            response = await self._client.get("/api/messages", params={"to": email})
            response.raise_for_status()
            for message in response.json():
                if found := wanted(message):
                    return found
            await asyncio.sleep(0.1)
        raise StoryError(f"no message for {email} within {PATIENCE_SECONDS:.0f} s")

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()


async def until(person: Person, path: str, holds: Callable[[Any], bool]) -> httpx.Response:
    """The first answer of which this holds: what one service does because of another is seen a moment later."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        response = await person.asks("GET", path)
        if holds(expect(response, httpx.codes.OK)):
            return response
        if time.monotonic() > deadline:
            raise StoryError(f"{_asked(response)}: not what was waited for: {response.text[:500]}")
        await asyncio.sleep(0.1)


async def until_refused(person: Person, path: str) -> httpx.Response:
    """The first answer that is a refusal: what closes something in one service reaches the others a moment later."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (response := await person.asks("GET", path)).is_success and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    return response


def expect(response: httpx.Response, status: int, code: str | None = None) -> Any:
    """The body of an answer that has this status, and this refusal's code. Raises StoryError."""
    if response.status_code != status:
        raise StoryError(f"{_asked(response)}: expected {status}, got {response.status_code} {response.text[:500]}")
    body: Any = response.json() if response.content else None
    if code is not None and body["code"] != code:
        raise StoryError(f"{_asked(response)}: expected the refusal {code}, got {body['code']}")
    return body


def check(true: bool, otherwise: str) -> None:
    """Assert a fact of the story, also when Python runs without assertions."""
    if not true:
        raise StoryError(otherwise)


def _asked(response: httpx.Response) -> str:
    return f"{response.request.method} {response.request.url.path}"
