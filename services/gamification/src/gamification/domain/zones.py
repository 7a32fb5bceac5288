"""Where a learner has lived: by whose calendar a moment is dated."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from gamification.domain.calendar import day_of, zone_or

SHORTEST_STAY = timedelta(days=1)
"""Who moves again sooner goes on by the clock of the place before, until the day is over."""
BEFORE_ALL_MOVES = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """From this moment on the learner lives in this zone, an IANA name."""

    since: datetime
    zone: str


class ZoneHistory:
    """The zones of a learner, each from the moment the learner moved there.

    Before the first known move the learner lived where that one went; who has none lives by the academy's clock.
    Every move but the first known one holds for a day at least: nobody lives through three dates in a minute, and
    earns what three days are worth.
    """

    __slots__ = ("_sinces", "_zones")

    def __init__(self, changes: Iterable[ZoneChange], otherwise: ZoneInfo) -> None:
        """Take the moves in any order, and the academy's zone."""
        stays: list[tuple[datetime, ZoneInfo]] = []
        for change in sorted(changes, key=lambda change: change.since):
            since, zone = change.since, zone_or(change.zone, otherwise)
            if stays and since < stays[-1][0]:
                since, _ = stays.pop()  # instead of a move that is still to come
            elif len(stays) > 1:
                since = max(since, stays[-1][0] + SHORTEST_STAY)
            if not stays or zone != stays[-1][1]:
                stays.append((since, zone))
        self._sinces = [since for since, _ in stays]
        self._zones = [zone for _, zone in stays] or [otherwise]

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

    def latest_begun(self, moment: datetime) -> date:
        """The latest day that had begun by then; who flies west does not make it end again."""
        date_in_utc = moment.astimezone(UTC).date()
        candidates = (date_in_utc + timedelta(days=days) for days in (1, 0))
        return next((day for day in candidates if self.begins(day) <= moment), date_in_utc - timedelta(days=1))

    def differs_since(self, other: "ZoneHistory") -> datetime | None:
        """From which moment on the learner lived elsewhere than the other history says; None if they never did.

        The earliest moment there is stands for all that came before the first known move.
        """
        moments = [BEFORE_ALL_MOVES, *sorted({*self._sinces, *other._sinces})]
        return next((moment for moment in moments if self.at(moment).key != other.at(moment).key), None)

    def _stays(self) -> Iterable[tuple[datetime | None, datetime | None]]:
        return pairwise([None, *self._sinces[1:], None])
