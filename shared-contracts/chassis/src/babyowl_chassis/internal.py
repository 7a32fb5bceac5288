"""Calls from service to service: each signs in to Identity with an account of its own."""

import asyncio
import time
from typing import Any

import httpx

from babyowl_chassis.http.problems import MEDIA_TYPE

_GONE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.GONE})


class ServiceTokens:
    """This service's own access token, fetched when needed and renewed before it expires."""

    RENEW_BEFORE_SECONDS = 30.0

    def __init__(self, identity_url: str, client_id: str, secret: str, http: httpx.AsyncClient) -> None:
        self._url = f"{identity_url}/internal/v1/service-tokens"
        self._credentials = {"client_id": client_id, "client_secret": secret}
        self._http = http
        self._token = ""
        self._expires_at = 0.0
        self._fetching: asyncio.Task[None] | None = None

    async def get(self) -> str:
        """A token with at least half a minute to live. Raises httpx.HTTPError when Identity does not give one.

        Who asks while a fetch is under way shares its outcome, be it good or bad.
        """
        if time.monotonic() > self._expires_at - self.RENEW_BEFORE_SECONDS:
            if self._fetching is None or self._fetching.done():
                self._fetching = asyncio.create_task(self._fetch())
            await asyncio.shield(self._fetching)
        return self._token

    async def _fetch(self) -> None:
        asked_at = time.monotonic()
        response = await self._http.post(self._url, json=self._credentials)
        response.raise_for_status()
        answer = response.json()
        self._token = answer["access_token"]
        self._expires_at = asked_at + answer["expires_in"]

    def forget(self) -> None:
        """Fetch anew next time: the token was refused."""
        self._expires_at = 0.0


class InternalApi:
    """Another service's internal API. Answers are the caller's to interpret; faults raise httpx.HTTPError."""

    def __init__(self, base_url: str, http: httpx.AsyncClient, tokens: ServiceTokens) -> None:
        self._base_url = base_url.rstrip("/")
        self._http = http
        self._tokens = tokens

    async def get(self, path: str, params: dict[str, Any] | None = None) -> httpx.Response:
        """GET an internal path."""
        return await self._request("GET", path, params=params)

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        """POST to an internal path."""
        return await self._request("POST", path, json=body)

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        response = await self._send(method, path, **options)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._tokens.forget()
            response = await self._send(method, path, **options)
        return response

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._tokens.get()}"}
        return await self._http.request(method, f"{self._base_url}{path}", headers=headers, **options)


def is_gone(response: httpx.Response) -> bool:
    """Whether the owner says that it has no such thing; a 404 from somewhere else is a fault, as of a wrong URL."""
    if response.status_code not in _GONE or response.headers.get("content-type") != MEDIA_TYPE:
        return False
    return bool(response.json()["code"] != "not_found")
