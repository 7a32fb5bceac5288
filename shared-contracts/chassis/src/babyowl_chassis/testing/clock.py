"""Time as a test wants it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class TurnableClock:
    """Stands still until it is set or turned."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> None:
        """Let this much time go by."""
        self.now += by
