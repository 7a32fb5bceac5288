"""The services' OpenAPI documents, fetched when asked for, and kept when a service is away."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import structlog

from gateway.openapi import merge
from gateway.routes import RouteTable, Service

log = structlog.get_logger(__name__)

FRESH_SECONDS = 60.0
_FETCH_SECONDS = 3.0


class MergedDocument:
    """The one document, at most a minute old for the services that answer."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        base_urls: Mapping[Service, str],
        table: RouteTable,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._base_urls = base_urls
        self._table = table
        self._clock = clock
        self._known: dict[Service, dict[str, Any]] = {}
        self._merged = b""
        self._fetched_at = -FRESH_SECONDS
        self._lock = asyncio.Lock()

    async def current(self) -> bytes:
        """The document, JSON. A service that never answered is missing from it."""
        if not self._merged:
            async with self._lock:
                if not self._merged:
                    await self._fetch()
        elif self._is_stale() and not self._lock.locked():
            async with self._lock:
                await self._fetch()
        return self._merged

    def _is_stale(self) -> bool:
        return self._clock() - self._fetched_at > FRESH_SECONDS or len(self._known) < len(self._base_urls)

    async def _fetch(self) -> None:
        fetched = await asyncio.gather(*(self._fetch_one(service) for service in self._base_urls))
        self._known.update({service: document for service, document in fetched if document is not None})
        in_order = {service: self._known[service] for service in Service if service in self._known}
        self._merged = json.dumps(merge(in_order, self._table), ensure_ascii=False).encode()
        self._fetched_at = self._clock()

    async def _fetch_one(self, service: Service) -> tuple[Service, dict[str, Any] | None]:
        try:
            response = await self._client.get(f"{self._base_urls[service]}/openapi.json", timeout=_FETCH_SECONDS)
            response.raise_for_status()
            document = response.json()
        except (httpx.HTTPError, ValueError) as error:
            log.warning("openapi_not_fetched", service=service.value, error=repr(error))
            return service, None
        return service, document if isinstance(document, dict) else None
