"""Where a learner has lived: by whose calendar a moment is dated."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from gamification.domain.calendar import day_of, zone_or


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """From this moment on the learner lives in this zone, an IANA name."""

    since: datetime
    zone: str


class ZoneHistory:
    """The zones of a learner, each from the moment the learner moved there.

    Before the first known move the learner lived where that one went; who has none lives by the academy's clock.
    """

    __slots__ = ("_sinces", "_zones")

    def __init__(self, changes: Iterable[ZoneChange], otherwise: ZoneInfo) -> None:
        """Take the moves in any order, and the academy's zone."""
        ordered = sorted(changes, key=lambda change: change.since)
        self._sinces = [change.since for change in ordered]
        self._zones = [zone_or(change.zone, otherwise) for change in ordered] or [otherwise]

    def at(self, moment: datetime) -> ZoneInfo:
        """The zone the learner lived in at that moment."""
        return self._zones[max(0, bisect_right(self._sinces, moment) - 1)]

    def day_of(self, moment: datetime) -> date:
        """The learner's own day at that moment."""
        return day_of(moment, self.at(moment))

    def begins(self, day: date) -> datetime:
        """The first moment, in UTC, at which it was that day, or a later one, where the learner was."""
        for zone, (since, until) in zip(self._zones, self._stays(), strict=True):
            midnight = datetime.combine(day, time(0), zone).astimezone(UTC)
            begun = midnight if since is None else max(since, midnight)
            if until is None or begun < until:
                return begun
        raise AssertionError("the last stay has no end")

    def _stays(self) -> Iterable[tuple[datetime | None, datetime | None]]:
        return pairwise([None, *self._sinces[1:], None])
