"""Subscriptions: which events of other contexts a service listens to, and what they cause."""

from asyncio import Lock
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from babyowl_chassis.bus import Bus
from babyowl_contracts import Envelope, Event


class Undeliverable(Exception):
    """No retry would help: the event goes to the dead-letter queue at once, with this reason."""


class NotListening(Exception):
    """The event is none of this subscription's: during a release, a newer replica's may be. Worth a retry."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A queue of its own, bound to the types it names.

    A reaction runs inside the bus' transaction, once per event. What must talk to the outside is a `consume`
    function instead: it runs without a transaction, may see an event more than once, and takes care of that itself.

    Events of one `lane` wait for each other within a process, because at once they would only conflict and be done
    twice: a backlog is drained the faster for it. It promises nothing; another replica handles them beside.
    """

    queue: str
    reactions: Mapping[type[Event], Callable[..., Awaitable[Any]]] = field(default_factory=dict)
    consume: Mapping[type[Event], Callable[..., Awaitable[Any]]] = field(default_factory=dict)
    lane: Callable[[Any], Hashable] | None = None

    def __post_init__(self) -> None:
        if not self.reactions and not self.consume:
            raise ValueError(f"{self.queue} listens to nothing")
        if both := self.reactions.keys() & self.consume.keys():
            raise ValueError(f"{self.queue} both reacts to and consumes {sorted(event.type for event in both)}")

    @property
    def events(self) -> tuple[type[Event], ...]:
        """What it listens to."""
        return (*self.reactions, *self.consume)


class Dispatcher:
    """Brings an envelope to the function that its subscription names for it."""

    def __init__(self, subscription: Subscription, bus: Bus) -> None:
        self._queue = subscription.queue
        self._lane = subscription.lane
        self._lanes: WeakValueDictionary[Hashable, Lock] = WeakValueDictionary()
        self._bus = bus
        self._reactions = {event.type: bus.bind(f, "envelope") for event, f in subscription.reactions.items()}
        self._consumers = {
            event.type: bus.bind(f, "envelope", positional=1) for event, f in subscription.consume.items()
        }

    async def dispatch(self, envelope: Envelope) -> bool:
        """Let the event take its effect; False if it already had. Raises what the function raises."""
        if self._lane is None:
            return await self._handle(envelope)
        lane = self._lane(envelope.data)
        lock = self._lanes.get(lane) or Lock()
        self._lanes[lane] = lock
        async with lock:
            return await self._handle(envelope)

    async def _handle(self, envelope: Envelope) -> bool:
        kind = envelope.data.type
        if (reaction := self._reactions.get(kind)) is not None:
            return await self._bus.react(envelope, reaction, queue=self._queue)
        if (consumer := self._consumers.get(kind)) is not None:
            await consumer(envelope.data, envelope=envelope)
            return True
        raise NotListening(f"{self._queue} does not listen to {kind}")
