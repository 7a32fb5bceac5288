"""Leaderboards: how learners appear on them, and what their cache has yet to hear."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from gamification.infrastructure.tables.base import Table, key, text_


class AppearanceRow(Table, table=True):
    """How a learner appears to others; who has none has chosen nothing. No event can bring it back."""

    __tablename__ = "appearances"
    __table_args__ = (
        UniqueConstraint("alias", name="uq_appearances_alias"),
        CheckConstraint("leaderboard IN ('shown', 'hidden')", name="ck_appearances_leaderboard"),
        Index("ix_appearances_hidden", "id", postgresql_where=text("leaderboard = 'hidden'")),
    )

    id: UUID = key()
    version: int
    leaderboard: str = text_()
    alias: str | None = text_()


class StalePlaceRow(Table, table=True):
    """A learner whose places in the cache may be old; the version says by which change.

    Written by triggers on scores, appearances and people, so that whoever changes one of them cannot forget it.
    """

    __tablename__ = "stale_places"

    player_id: UUID = key()
    version: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
