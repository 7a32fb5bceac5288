"""Closed periods and leagues: what was fixed when a week or month ended, and is never computed anew.

Nothing here refers to `players`: these rows stay when the players are rebuilt from what others report.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint

from gamification.infrastructure.tables.base import Table, key, moment, text_

_LEAGUES = "('bronze', 'silver', 'gold', 'sapphire', 'diamond')"


class ClosedPeriodRow(Table, table=True):
    """A week or month whose final places are fixed; `starts_on` is a Monday or a first of the month."""

    __tablename__ = "closed_periods"
    __table_args__ = (
        UniqueConstraint("cycle", "starts_on", name="uq_closed_periods_once"),
        CheckConstraint("cycle IN ('week', 'month')", name="ck_closed_periods_cycle"),
    )

    id: UUID = key()
    version: int
    cycle: str = text_()
    starts_on: date
    closed_at: datetime = moment()


class FinalPlaceRow(Table, table=True):
    """Where a learner stood at the close, on one board; no two have the same `position`, equal points one `rank`."""

    __tablename__ = "final_places"
    __table_args__ = (
        UniqueConstraint("cycle", "starts_on", "scope", "scope_id", "position", name="uq_final_places_position"),
        CheckConstraint("scope IN ('academy', 'class', 'course')", name="ck_final_places_scope"),
    )

    cycle: str = key(of=Text)
    starts_on: date = key()
    scope: str = key(of=Text)
    scope_id: UUID = key()
    player_id: UUID = key()
    position: int
    rank: int
    xp: int


class LeagueSeatRow(Table, table=True):
    """The cohort in which a learner spends a week, named by its Monday; one a week, by the key."""

    __tablename__ = "league_seats"
    __table_args__ = (
        CheckConstraint(f"league IN {_LEAGUES}", name="ck_league_seats_league"),
        Index("ix_league_seats_cohort", "week", "league", "cohort"),
    )

    player_id: UUID = key()
    week: date = key()
    league: str = text_()
    cohort: int


class LeagueResultRow(Table, table=True):
    """How a learner came out of a week; without rank who was on no leaderboard, without next league who left."""

    __tablename__ = "league_results"
    __table_args__ = (
        CheckConstraint(f"league IN {_LEAGUES}", name="ck_league_results_league"),
        CheckConstraint(f"next_league IN {_LEAGUES}", name="ck_league_results_next_league"),
        CheckConstraint(
            "move IN ('promoted', 'stayed', 'relegated', 'rested', 'left')"
            " AND (move = 'left') = (next_league IS NULL)",
            name="ck_league_results_move",
        ),
    )

    player_id: UUID = key()
    week: date = key()
    league: str = text_()
    cohort: int
    rank: int | None
    xp: int
    move: str = text_()
    next_league: str | None = text_()
