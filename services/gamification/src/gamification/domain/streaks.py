"""Streaks: the days on which a learner was active, and how long they hold together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Streak:
    """What a learner is shown; days are those of the learner's own zone."""

    current_days: int
    longest_days: int
    last_active_on: date | None


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """Consecutive active days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it holds."""
        return (self.last - self.first).days + 1

    def touches(self, day: date) -> bool:
        """Whether the day is in the run, or would make it longer."""
        return self.first - ONE_DAY <= day <= self.last + ONE_DAY


class ActiveDays:
    """A set of days, held as its runs, which are the same whatever the order the days came in.

    It may hold a part of a learner's runs only. What it says is right as long as that part has the runs
    that touch the changed days and today, and of the others the longest and the latest.
    """

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self._runs = set(runs)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs, earliest first; no two of them touch."""
        return tuple(sorted(self._runs))

    def add(self, day: date) -> None:
        """Make a day active: a run begins, grows, or closes a gap. Once more changes nothing."""
        joined = {run for run in self._runs if run.touches(day)}
        first = min([day, *(run.first for run in joined)])
        last = max([day, *(run.last for run in joined)])
        self._runs = (self._runs - joined) | {Run(first, last)}

    def remove(self, day: date) -> None:
        """Make a day inactive: the run that has it shrinks, parts, or ends."""
        for run in self._runs:
            if run.first <= day <= run.last:
                break
        else:
            return
        self._runs.remove(run)
        if run.first < day:
            self._runs.add(Run(run.first, day - ONE_DAY))
        if day < run.last:
            self._runs.add(Run(day + ONE_DAY, run.last))

    def streak(self, today: date) -> Streak:
        """How long the run is that today belongs to, or that today would carry on; and the longest ever."""
        return Streak(
            current_days=self._current(today),
            longest_days=max((run.days for run in self._runs), default=0),
            last_active_on=max((run.last for run in self._runs), default=None),
        )

    def _current(self, today: date) -> int:
        # Tomorrow comes last: after a flight westward the learner's calendar is a day behind the last deed.
        for day in (today, today - ONE_DAY, today + ONE_DAY):
            for run in self._runs:
                if run.first <= day <= run.last:
                    return (min(run.last, today + ONE_DAY) - run.first).days + 1
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ActiveDays) and self._runs == other._runs

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ActiveDays({list(self.runs)})"
