"""The tables of the context. Days and weeks are dates (a week is its Monday), moments are UTC."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from babyowl_chassis.tables import add_chassis_tables


class Table(SQLModel, registry=registry()):
    """Base of this service's tables; its metadata are theirs alone."""


def _key(*, of: Any = None) -> Any:
    return Field(primary_key=True, sa_type=of) if of else Field(primary_key=True)


def _text() -> Any:
    return Field(sa_type=Text)


def _moment() -> Any:
    return Field(sa_type=DateTime(timezone=True))


def _belongs_to_player(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["player_id"], ["players.id"], name=f"fk_{table}_player_id", ondelete="CASCADE")


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

    id: UUID = _key()
    version: int
    total_xp: int
    reached_at: datetime | None = _moment()
    announced_level: int
    leaderboard: str = _text()
    alias: str | None = _text()
    alias_key: str | None = _text()


class DeedRow(Table, table=True):
    """What a learner did, in its greatest revision; once per source, by the key."""

    __tablename__ = "deeds"
    __table_args__ = (
        _belongs_to_player("deeds"),
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

    player_id: UUID = _key()
    source_kind: str = _key(of=Text)
    source_id: UUID = _key()
    outcome: str = _text()
    revision: int
    active: bool
    day: date
    week: date
    happened_at: datetime = _moment()


class XpTransactionRow(Table, table=True):
    """The ledger, insert-only: its sum is the total. A revision gives by a rule, and takes back, once."""

    __tablename__ = "xp_transactions"
    __table_args__ = (
        _belongs_to_player("xp_transactions"),
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

    id: UUID = _key()
    player_id: UUID
    source_kind: str = _text()
    source_id: UUID
    rule: str = _text()
    revision: int
    reversal: bool
    amount: int
    earned_on: date
    week: date
    recorded_at: datetime = _moment()


class WeeklyXpRow(Table, table=True):
    """A learner's points in one week of the academy."""

    __tablename__ = "weekly_xp"
    __table_args__ = (
        _belongs_to_player("weekly_xp"),
        CheckConstraint("xp > 0", name="ck_weekly_xp_xp"),
        Index("ix_weekly_xp_ranking", "week", text("xp DESC"), "reached_at", "player_id"),
    )

    player_id: UUID = _key()
    week: date = _key()
    xp: int
    reached_at: datetime = _moment()


class ActiveRunRow(Table, table=True):
    """Consecutive active days of a learner, both ends included; runs never touch."""

    __tablename__ = "active_runs"
    __table_args__ = (
        _belongs_to_player("active_runs"),
        CheckConstraint("days = last_day - first_day + 1 AND days >= 1", name="ck_active_runs_days"),
        Index("ix_active_runs_longest", "player_id", text("days DESC")),
    )

    player_id: UUID = _key()
    first_day: date = _key()
    last_day: date
    days: int


class ClassRow(Table, table=True):
    """Who teaches a class; Class is the source.

    `sequence`, here and below, is the place of the fact among the events of the class: the latest counts.
    """

    __tablename__ = "classes"

    id: UUID = _key()
    course_id: UUID
    instructor_id: UUID
    sequence: int


class ClassMemberRow(Table, table=True):
    """Who attends a class; not `active` once the seat is given up. May be known before the class itself is."""

    __tablename__ = "class_members"
    __table_args__ = (Index("ix_class_members_student_id", "student_id"),)

    class_id: UUID = _key()
    student_id: UUID = _key()
    active: bool
    sequence: int


metadata = Table.metadata
add_chassis_tables(metadata, people=True)
