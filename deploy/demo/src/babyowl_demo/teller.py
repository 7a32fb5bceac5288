"""The teller: says what happens, what the service answered, and which events followed."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import httpx
from rich.console import Console

from babyowl_demo.academy import PATIENCE_SECONDS, Person, StoryError, expect


class Teller:
    """Tells the story to a console. Events are read from the services' event logs, as an operator does."""

    def __init__(self, console: Console, operator: Person) -> None:
        self._console = console
        self._operator = operator
        self._steps = 0

    @property
    def steps(self) -> int:
        """How many steps were told."""
        return self._steps

    def act(self, title: str) -> None:
        """A new act begins."""
        self._console.print(f"\n[bold]{title}[/bold]")

    async def tell(self, sentence: str, answer: httpx.Response, said: str = "", *, then: Sequence[str] = ()) -> None:
        """One step: what somebody did, what came back, and the events it led to, which are waited for.

        `then` names event types, as often as they must occur, e.g. `class.StudentEnrolled`.
        """
        self._steps += 1
        colour = "green" if answer.is_success else "yellow"
        status = f"[{colour}]{answer.status_code}[/{colour}]"
        self._console.print(
            f"  {sentence}  [dim]→[/dim] {status} [dim]{said or _problem(answer)}[/dim]", highlight=False
        )
        if then:
            followed = Counter(await self._events_after(answer, then))
            events = ", ".join(event if times == 1 else f"{times} × {event}" for event, times in followed.items())
            self._console.print(f"      [cyan]⚡ {events}[/cyan]", highlight=False)

    def note(self, sentence: str) -> None:
        """Something that is true now."""
        self._console.print(f"      {sentence}", highlight=False)

    async def _events_after(self, answer: httpx.Response, types: Sequence[str]) -> list[str]:
        correlation = answer.headers["X-Correlation-ID"]
        services = list(dict.fromkeys(event.partition(".")[0] for event in types))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            seen = [event for service in services for event in await self._events(service, correlation)]
            missing = Counter(types) - Counter(seen)
            if not missing:
                return seen
            if time.monotonic() > deadline:
                raise StoryError(f"these events did not follow: {dict(missing)}; seen: {seen}")
            await asyncio.sleep(0.15)

    async def _events(self, service: str, correlation: str) -> list[str]:
        response = await self._operator.asks(
            "GET", f"/api/v1/operations/{service}/events", params={"correlation_id": correlation, "limit": 100}
        )
        return [event["type"].removesuffix(".v1") for event in expect(response, 200)["items"]]


def _problem(answer: httpx.Response) -> str:
    if answer.is_success or not answer.content:
        return ""
    document = answer.json()
    return f"{document['code']}: {document['detail']}"
