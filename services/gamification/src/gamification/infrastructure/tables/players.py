"""Players and what belongs to them: what they did, and what follows from it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from gamification.infrastructure.tables.base import Table, belongs_to_player, key, moment, text_


def _json() -> Any:
    return Field(sa_type=JSONB)


class PlayerRow(Table, table=True):
    """The root: what a learner's deeds add up to, and what others were told of it."""

    __tablename__ = "players"
    __table_args__ = (
        CheckConstraint("total_xp >= 0", name="ck_players_total_xp"),
        Index("ix_players_rolls_over_at", "rolls_over_at", postgresql_where=text("rolls_over_at IS NOT NULL")),
    )

    id: UUID = key()
    version: int
    total_xp: int
    announced_level: int
    told_streak: dict[str, Any] | None = _json()
    rolls_over_at: datetime | None = moment()


class DeedRow(Table, table=True):
    """What a learner did, in its greatest revision; once per source, by the key."""

    __tablename__ = "deeds"
    __table_args__ = (
        belongs_to_player("deeds"),
        CheckConstraint("revision >= 1", name="ck_deeds_revision"),
        CheckConstraint("xp >= 0", name="ck_deeds_xp"),
        Index("ix_deeds_day", "player_id", "day"),
    )

    player_id: UUID = key()
    source_kind: str = key(of=Text)
    source_id: UUID = key()
    outcome: str = text_()
    revision: int
    course_id: UUID | None
    class_id: UUID | None
    exercise_kind: str | None = text_()
    score_percent: int | None
    happened_at: datetime = moment()
    zone: str = text_()
    day: date
    counts_on: date
    xp: int
    active: bool


class DayRow(Table, table=True):
    """An active day of a learner, and how things stood after it."""

    __tablename__ = "days"
    __table_args__ = (
        belongs_to_player("days"),
        CheckConstraint("first_at <= last_at", name="ck_days_moments"),
        CheckConstraint("xp >= 0", name="ck_days_xp"),
    )

    player_id: UUID = key()
    day: date = key()
    tally: dict[str, Any] = _json()
    first_at: datetime = moment()
    last_at: datetime = moment()
    first_zone: str = text_()
    last_zone: str = text_()
    counts_on: date
    xp: int
    standing: dict[str, Any] = _json()


class XpTransactionRow(Table, table=True):
    """The ledger, insert-only; its sum is the total. Of a source and rule, odd lines give and even ones take back."""

    __tablename__ = "xp_transactions"
    __table_args__ = (
        belongs_to_player("xp_transactions"),
        UniqueConstraint("player_id", "source_kind", "source_id", "rule", "number", name="uq_xp_transactions_once"),
        CheckConstraint("amount <> 0 AND (mod(number, 2) = 0) = (amount < 0)", name="ck_xp_transactions_amount"),
        Index("ix_xp_transactions_history", "player_id", text("recorded_at DESC"), text("id DESC")),
        Index("ix_xp_transactions_earned_on", "player_id", "earned_on"),
        Index("ix_xp_transactions_corrected", "player_id", postgresql_where=text("number > 1")),
    )

    id: UUID = key()
    player_id: UUID
    source_kind: str = text_()
    source_id: UUID
    rule: str = text_()
    number: int
    amount: int
    earned_on: date
    counts_on: date
    course_id: UUID | None
    recorded_at: datetime = moment()


class QuestRow(Table, table=True):
    """A quest drawn for a learner and a day or week, and how far they are with it."""

    __tablename__ = "quests"
    __table_args__ = (
        belongs_to_player("quests"),
        CheckConstraint("cadence IN ('daily', 'weekly')", name="ck_quests_cadence"),
        CheckConstraint("progress BETWEEN 0 AND target", name="ck_quests_progress"),
        CheckConstraint("(completed_on IS NOT NULL) = (progress = target)", name="ck_quests_completed_on"),
        Index("ix_quests_starts_on", "player_id", "starts_on"),
    )

    player_id: UUID = key()
    cadence: str = key(of=Text)
    starts_on: date = key()
    quest: str = key(of=Text)
    fact: str = text_()
    target: int
    xp: int
    progress: int
    completed_on: date | None


class BadgeRow(Table, table=True):
    """A badge that a learner holds."""

    __tablename__ = "badges"
    __table_args__ = (belongs_to_player("badges"),)

    player_id: UUID = key()
    badge: str = key(of=Text)
    earned_on: date


class BadgeRevocationRow(Table, table=True):
    """Staff took a badge away; a decision that no event can rebuild, and that outlives the rows of players."""

    __tablename__ = "badge_revocations"

    player_id: UUID = key()
    badge: str = key(of=Text)
    reason: str = text_()
    revoked_by: UUID
    revoked_at: datetime = moment()


class ScoreRow(Table, table=True):
    """A learner's points in a period, of the academy (the nil id) or of a course; `reached_at` is to the second."""

    __tablename__ = "scores"
    __table_args__ = (
        belongs_to_player("scores"),
        CheckConstraint("scope IN ('academy', 'course')", name="ck_scores_scope"),
        CheckConstraint("period IN ('week', 'month', 'all')", name="ck_scores_period"),
        CheckConstraint("xp > 0", name="ck_scores_xp"),
        Index(
            "ix_scores_ranking",
            "scope",
            "scope_id",
            "period",
            "starts_on",
            text("xp DESC"),
            "reached_at",
            "player_id",
        ),
    )

    player_id: UUID = key()
    scope: str = key(of=Text)
    scope_id: UUID = key()
    period: str = key(of=Text)
    starts_on: date = key()
    xp: int
    reached_at: datetime = moment()
