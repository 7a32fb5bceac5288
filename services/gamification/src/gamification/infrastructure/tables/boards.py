"""Leaderboards: how learners appear on them, and what their cache has yet to hear."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from gamification.infrastructure.tables.base import Table, key, moment, text_


class AppearanceRow(Table, table=True):
    """How a learner appears to others; who has none has chosen nothing. No event can bring it back."""

    __tablename__ = "appearances"
    __table_args__ = (
        UniqueConstraint("alias_key", name="uq_appearances_alias"),
        CheckConstraint("leaderboard IN ('shown', 'hidden')", name="ck_appearances_leaderboard"),
        CheckConstraint("(alias IS NULL) = (alias_key IS NULL)", name="ck_appearances_alias"),
        Index("ix_appearances_hidden", "id", postgresql_where=text("leaderboard = 'hidden'")),
    )

    id: UUID = key()
    version: int
    leaderboard: str = text_()
    alias: str | None = text_()
    alias_key: str | None = text_()


class AliasRemovalRow(Table, table=True):
    """An alias that staff took away from a learner; nobody gets it again."""

    __tablename__ = "alias_removals"
    __table_args__ = (
        ForeignKeyConstraint(
            ["player_id"], ["appearances.id"], name="fk_alias_removals_player_id", ondelete="CASCADE"
        ),
        Index("ix_alias_removals_alias_key", "alias_key"),
    )

    player_id: UUID = key()
    alias_key: str = key(of=Text)
    alias: str = text_()
    reason: str = text_()
    removed_by: UUID
    removed_at: datetime = moment()


class StalePlaceRow(Table, table=True):
    """A learner whose places in the cache may be old; the version says by which change.

    Written by triggers on scores, appearances and people, so that whoever changes one of them cannot forget it.
    """

    __tablename__ = "stale_places"

    player_id: UUID = key()
    version: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
