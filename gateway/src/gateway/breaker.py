"""A circuit breaker: a service that fails is left alone for a while, and then tried by one request."""

import time
from collections import deque
from collections.abc import Callable
from enum import IntEnum


class State(IntEnum):
    """As numbers, for the metric."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Open(Exception):
    """The service is being left alone; `retry_after` in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Breaker:
    """Opens when of at least `volume` requests within `window` seconds half did not get an answer.

    Any answer counts as one, also an error's: a service that says 503 is alive and knows what it says.
    """

    def __init__(
        self,
        *,
        volume: int = 5,
        window: float = 10.0,
        rest: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._volume = volume
        self._window = window
        self._rest = rest
        self._clock = clock
        self._failures: deque[float] = deque()
        self._successes: deque[float] = deque(maxlen=1000)
        self._opened_at = 0.0
        self._phase = 0
        self.state = State.CLOSED

    def admit(self) -> int:
        """Let a request pass, or raise Open. The number is handed back with the outcome: exactly one of the three."""
        if self.state is State.CLOSED:
            return self._phase
        left = self._opened_at + self._rest - self._clock()
        if self.state is State.OPEN and left <= 0:
            self._enter(State.HALF_OPEN)
            return self._phase
        raise Open(max(1, round(left)))

    def succeeded(self, phase: int) -> None:
        """The service answered."""
        if phase != self._phase:
            return
        if self.state is State.CLOSED:
            self._successes.append(self._clock())
        else:
            self._failures.clear()
            self._successes.clear()
            self._enter(State.CLOSED)

    def failed(self, phase: int) -> None:
        """The service could not be reached, or did not answer in time."""
        if phase != self._phase:
            return
        now = self._clock()
        if self.state is State.CLOSED:
            self._failures.append(now)
            if not self._has_failed_too_often(now):
                return
        self._opened_at = now
        self._enter(State.OPEN)

    def abandoned(self, phase: int) -> None:
        """The client went away before the outcome was known; if this was the trial, another request makes it."""
        if phase == self._phase and self.state is State.HALF_OPEN:
            self._enter(State.OPEN)

    def _enter(self, state: State) -> None:
        # A request let pass in an earlier phase must not decide this one, however late its outcome comes.
        self._phase += 1
        self.state = state

    def _has_failed_too_often(self, now: float) -> bool:
        for outcomes in (self._failures, self._successes):
            while outcomes and outcomes[0] < now - self._window:
                outcomes.popleft()
        failures, total = len(self._failures), len(self._failures) + len(self._successes)
        return total >= self._volume and failures * 2 >= total
