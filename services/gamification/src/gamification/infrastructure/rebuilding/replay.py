"""The event logs of the other services, told once more to this service's own reactions."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import is_away
from babyowl_chassis.event_log import EventLog
from babyowl_chassis.ids import utc_now
from babyowl_chassis.internal import InternalApi
from babyowl_chassis.subscriptions import Dispatcher, Subscription
from babyowl_contracts import Envelope
from babyowl_contracts.identity import UserRegistered
from gamification.infrastructure.rebuilding.shadow import Heard

log = structlog.get_logger(__name__)

ROUND = 1000
"""How many events are told before what they asked to be done later is done."""

AT_ONCE = 8
"""How many learners' events are told at the same time; a connection each."""

TRIES = 3

RECENT = timedelta(hours=1)
"""What happened so shortly before may be on its way to the serving game still."""

_told_at: ContextVar[datetime | None] = ContextVar("told_at", default=None)


class ReplayClock:
    """While an event is told it is the time at which it was told first; else it is now."""

    def __call__(self) -> datetime:
        return _told_at.get() or utc_now()

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """For the block, in this task."""
        token = _told_at.set(moment)
        try:
            yield
        finally:
            _told_at.reset(token)


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that a reaction could not take; the serving game has it among its dead letters."""

    envelope: Envelope
    error: str


@dataclass
class Replay:
    """What is told, to whom, and what has become of it.

    `registered` are the people whom Identity's log has told of, `touched` the learners about whom something was told,
    or with whose points something happened, since it was emptied last. `recent` says of what happened lately whom it
    is about, None for many.
    """

    logs: Sequence[EventLog]
    dispatchers: Sequence[tuple[Subscription, Dispatcher]]
    clock: ReplayClock
    settle: Callable[[], Awaitable[object]]
    touched: set[UUID]
    told: int = 0
    registered: set[UUID] = field(default_factory=set)
    recent: dict[Heard, UUID | None] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    _recent_since: datetime = field(default_factory=lambda: utc_now() - RECENT)
    _ahead: dict[int, deque[Envelope]] = field(default_factory=dict)
    _round: list[Envelope] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        subscriptions: Sequence[Subscription],
        bus: Bus,
        sources: Mapping[str, InternalApi],
        *,
        clock: ReplayClock,
        settle: Callable[[], Awaitable[object]],
        touched: set[UUID],
    ) -> "Replay":
        """All that these subscriptions react to, from the contexts that publish it: `sources`, by their names."""
        reacting = [subscription for subscription in subscriptions if subscription.reactions]
        types = {event for subscription in reacting for event in subscription.reactions} | {UserRegistered}
        if strangers := sorted(event.type for event in types if event.context() not in sources):
            raise ValueError(f"nobody is known who publishes {strangers}")
        logs = [
            EventLog(api, [event for event in types if event.context() == context])
            for context, api in sources.items()
        ]
        return cls(logs, [(each, Dispatcher(each, bus)) for each in reacting], clock, settle, touched)

    @property
    def queues(self) -> list[str]:
        """Those whose events are told."""
        return [subscription.queue for subscription, _ in self.dispatchers]

    @property
    def position(self) -> tuple[int, int]:
        """How far the logs have been read, and how far they go."""
        return sum(each.after for each in self.logs), sum(each.newest for each in self.logs)

    async def read_on(self, after_round: Callable[[], object] = lambda: None) -> None:
        """Tell what the logs have had to tell since the last time.

        It may be cancelled at any point, and gone on with: nothing is left out, or takes effect twice, but `settle`
        has to be called then.
        """
        ended: set[int] = set()
        while await self._next_round(ended):
            await self._tell(self._round)
            self._round = []
            await self.settle()
            after_round()

    async def _next_round(self, ended: set[int]) -> list[Envelope]:
        """The earliest events that are left, of all logs, in the order in which they happened.

        First those of a round that was not told to its end; what was told of them is known by the inbox.
        """
        while len(self._round) < ROUND:
            for index, log_ in enumerate(self.logs):
                ahead = self._ahead.setdefault(index, deque())
                while not ahead and index not in ended:
                    page = await log_.read_on()
                    ahead.extend(page.events)
                    if page.is_last:
                        ended.add(index)
            left = [ahead for ahead in self._ahead.values() if ahead]
            if not left:
                break
            self._round.append(min(left, key=lambda ahead: ahead[0].time).popleft())
        return self._round

    async def _tell(self, envelopes: Sequence[Envelope]) -> None:
        # A learner's events one after the other, as they came; those of others meanwhile.
        lanes: dict[UUID, list[Envelope]] = {}
        for envelope in envelopes:
            learner = learner_of(envelope)
            lanes.setdefault(learner or envelope.subject, []).append(envelope)
            if learner is not None:
                self.touched.add(learner)
            if isinstance(envelope.data, UserRegistered):
                self.registered.add(envelope.data.user_id)
        waiting = deque(lanes.values())

        async def work() -> None:
            while waiting:
                for envelope in waiting.popleft():
                    await self._tell_everybody(envelope)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(waiting))):
                group.create_task(work())
        self.told += len(envelopes)

    async def _tell_everybody(self, envelope: Envelope) -> None:
        with self.clock.at(envelope.time):
            for subscription, dispatcher in self.dispatchers:
                if type(envelope.data) in subscription.reactions:
                    await self._tell_one(envelope, dispatcher)
                    if envelope.time > self._recent_since:
                        self.recent[subscription.queue, envelope.id] = learner_of(envelope)

    async def _tell_one(self, envelope: Envelope, dispatcher: Dispatcher) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                await dispatcher.dispatch(envelope)
            except Exception as error:
                if is_away(error):
                    raise
                if attempt == TRIES:
                    log.exception("not_replayed", event_id=str(envelope.id), type=envelope.type)
                    self.failures.append(Failure(envelope, repr(error)))
            else:
                return


def learner_of(envelope: Envelope) -> UUID | None:
    """Whom an event is about, if it is about one learner."""
    data = envelope.data
    learner: UUID | None = getattr(data, "student_id", None) or getattr(data, "user_id", None)
    return learner
