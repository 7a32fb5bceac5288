"""The end of a week or month of the academy: what it fixed, and whom it moved to another league."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from babyowl_kernel import AggregateRoot
from gamification.domain.events import LeagueChanged, PeriodClosed
from gamification.domain.leagues import League, Result
from gamification.domain.periods import ClosingPeriod, Cycle


@dataclass(kw_only=True)
class ClosedPeriod(AggregateRoot):
    """A period whose final places are fixed. Its id says which, so there is no second one of it."""

    cycle: Cycle
    starts_on: date
    closed_at: datetime

    @classmethod
    def close(cls, period: ClosingPeriod, *, now: datetime, quietly: bool = False) -> "ClosedPeriod":
        """Close it for good; quietly if that is no news to anybody."""
        closed = cls(id=period.id, cycle=period.cycle, starts_on=period.starts_on, closed_at=now)
        if not quietly:
            closed.record(PeriodClosed(period=period.cycle, starts_on=period.starts_on))
        return closed

    @property
    def period(self) -> ClosingPeriod:
        """Which one it is."""
        return ClosingPeriod(self.cycle, self.starts_on)

    def move(self, league: League, results: Iterable[Result]) -> None:
        """Tell who goes up and who goes down; who stays, rests or leaves is told nothing."""
        for result in results:
            if result.next_league is not None and result.next_league is not league:
                self.record(
                    LeagueChanged(
                        player_id=result.player_id, league=result.next_league, previous=league, week=self.starts_on
                    )
                )
