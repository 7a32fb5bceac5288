"""Players and what belongs to them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text

from gamification.infrastructure.tables.base import Table, belongs_to_player, key, moment, text_


class PlayerRow(Table, table=True):
    """The root: what a learner's deeds add up to, and how the learner appears."""

    __tablename__ = "players"
    __table_args__ = (
        UniqueConstraint("alias_key", name="uq_players_alias"),
        CheckConstraint("total_xp >= 0", name="ck_players_total_xp"),
        CheckConstraint("leaderboard IN ('shown', 'hidden')", name="ck_players_leaderboard"),
        CheckConstraint("(alias IS NULL) = (alias_key IS NULL)", name="ck_players_alias"),
        Index(
            "ix_players_ranking",
            text("total_xp DESC"),
            "reached_at",
            "id",
            postgresql_where=text("leaderboard = 'shown' AND total_xp > 0"),
        ),
    )

    id: UUID = key()
    version: int
    total_xp: int
    reached_at: datetime | None = moment()
    announced_level: int
    leaderboard: str = text_()
    alias: str | None = text_()
    alias_key: str | None = text_()


class DeedRow(Table, table=True):
    """What a learner did, in its greatest revision; once per source, by the key."""

    __tablename__ = "deeds"
    __table_args__ = (
        belongs_to_player("deeds"),
        CheckConstraint("revision >= 1", name="ck_deeds_revision"),
        Index(
            "ix_deeds_active",
            "player_id",
            "day",
            "week",
            "happened_at",
            postgresql_where=text("active"),
        ),
    )

    player_id: UUID = key()
    source_kind: str = key(of=Text)
    source_id: UUID = key()
    outcome: str = text_()
    revision: int
    active: bool
    day: date
    week: date
    happened_at: datetime = moment()


class XpTransactionRow(Table, table=True):
    """The ledger, insert-only: its sum is the total. A revision gives by a rule, and takes back, once."""

    __tablename__ = "xp_transactions"
    __table_args__ = (
        belongs_to_player("xp_transactions"),
        UniqueConstraint(
            "player_id",
            "source_kind",
            "source_id",
            "rule",
            "revision",
            "reversal",
            name="uq_xp_transactions_once",
        ),
        CheckConstraint("amount <> 0 AND (amount < 0) = reversal", name="ck_xp_transactions_amount"),
        Index("ix_xp_transactions_history", "player_id", text("recorded_at DESC"), text("id DESC")),
    )

    id: UUID = key()
    player_id: UUID
    source_kind: str = text_()
    source_id: UUID
    rule: str = text_()
    revision: int
    reversal: bool
    amount: int
    earned_on: date
    week: date
    recorded_at: datetime = moment()


class WeeklyXpRow(Table, table=True):
    """A learner's points in one week of the academy."""

    __tablename__ = "weekly_xp"
    __table_args__ = (
        belongs_to_player("weekly_xp"),
        CheckConstraint("xp > 0", name="ck_weekly_xp_xp"),
        Index("ix_weekly_xp_ranking", "week", text("xp DESC"), "reached_at", "player_id"),
    )

    player_id: UUID = key()
    week: date = key()
    xp: int
    reached_at: datetime = moment()


class ActiveRunRow(Table, table=True):
    """Consecutive active days of a learner, both ends included; runs never touch."""

    __tablename__ = "active_runs"
    __table_args__ = (
        belongs_to_player("active_runs"),
        CheckConstraint("days = last_day - first_day + 1 AND days >= 1", name="ck_active_runs_days"),
        Index("ix_active_runs_longest", "player_id", text("days DESC")),
    )

    player_id: UUID = key()
    first_day: date = key()
    last_day: date
    days: int
