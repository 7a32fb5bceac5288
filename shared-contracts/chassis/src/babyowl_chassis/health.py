"""Readiness: whether everything a service needs answers right now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

log = structlog.get_logger(__name__)

CHECK_SECONDS = 2.0


class Readiness:
    """Named checks; one that raises or takes longer than two seconds is failing."""

    def __init__(self, checks: Mapping[str, Callable[[], Awaitable[object]]]) -> None:
        self._checks = dict(checks)
        self.stopping = False

    async def failing(self) -> list[str]:
        """The names of what does not answer; `stopping` once the process has begun to shut down."""
        answers = await asyncio.gather(*(self._answers(name, check) for name, check in self._checks.items()))
        names = [name for name, answered in zip(self._checks, answers, strict=True) if not answered]
        return [*names, "stopping"] if self.stopping else names

    async def _answers(self, name: str, check: Callable[[], Awaitable[object]]) -> bool:
        try:
            await asyncio.wait_for(check(), CHECK_SECONDS)
        except Exception as error:  # noqa: BLE001  whatever it is, the thing does not answer
            log.warning("not_ready", dependency=name, error=repr(error))
            return False
        return True
