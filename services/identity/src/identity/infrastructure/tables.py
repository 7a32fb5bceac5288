"""Identity's tables."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from babyowl_chassis.tables import add_chassis_tables

_INSTANT = DateTime(timezone=True)


class Table(SQLModel, registry=registry()):
    """Base of Identity's tables: a metadata of its own."""


class UserRow(Table, table=True):
    """An account. The address is kept in lower case, so that it is unique in any spelling."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("email", name="uq_users_email"),
        CheckConstraint("email = lower(email)", name="ck_users_email_lower_case"),
        CheckConstraint("role IN ('super_admin', 'staff', 'instructor', 'student')", name="ck_users_role"),
        CheckConstraint("status IN ('pending', 'active', 'deactivated')", name="ck_users_status"),
        Index("ix_users_created_at_id", "created_at", "id"),
        Index("ix_users_epoch_began_at", "epoch_began_at"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    email: str = Field(sa_type=Text)
    password: str | None = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    display_name: str = Field(sa_type=Text)
    avatar_url: str | None = Field(sa_type=Text)
    time_zone: str = Field(sa_type=Text)
    locale: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=_INSTANT)
    created_by: UUID | None
    verified_at: datetime | None = Field(sa_type=_INSTANT)
    epoch: int
    epoch_began_at: datetime | None = Field(sa_type=_INSTANT)


class ChallengeRow(Table, table=True):
    """An open challenge; it goes when it is answered, and is overwritten by a newer one."""

    __tablename__ = "challenges"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_challenges_user_id", ondelete="CASCADE"),
        UniqueConstraint("id", name="uq_challenges_id"),
        UniqueConstraint("token_hash", name="uq_challenges_token_hash"),
    )

    user_id: UUID = Field(primary_key=True)
    purpose: str = Field(primary_key=True, sa_type=Text)
    id: UUID
    token_hash: bytes = Field(sa_type=LargeBinary)
    expires_at: datetime = Field(sa_type=_INSTANT)


class SessionRow(Table, table=True):
    """A sign-in, and the family of refresh tokens that keeps it up."""

    __tablename__ = "sessions"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"),
        Index("ix_sessions_user_id", "user_id"),
        Index("ix_sessions_revoked_at", "revoked_at"),
        Index("ix_sessions_began_at", "began_at"),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID
    epoch: int
    began_at: datetime = Field(sa_type=_INSTANT)
    revoked_at: datetime | None = Field(sa_type=_INSTANT)


class RefreshTokenRow(Table, table=True):
    """A refresh token, hashed. Spent ones stay, to be known again when somebody shows them twice."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_refresh_tokens_session_id", ondelete="CASCADE"
        ),
        UniqueConstraint("session_id", "generation", name="uq_refresh_tokens_generation"),
        Index("ix_refresh_tokens_expires_at", "expires_at"),
    )

    token_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    session_id: UUID
    generation: int
    issued_at: datetime = Field(sa_type=_INSTANT)
    expires_at: datetime = Field(sa_type=_INSTANT)
    uses: int
    first_used_at: datetime | None = Field(sa_type=_INSTANT)


class SigningKeyRow(Table, table=True):
    """A key that signs access tokens; the private part is encrypted."""

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint("state IN ('published', 'active', 'retired')", name="ck_signing_keys_state"),
        Index("uq_signing_keys_active", "state", unique=True, postgresql_where=text("state = 'active'")),
        Index("uq_signing_keys_published", "state", unique=True, postgresql_where=text("state = 'published'")),
    )

    kid: str = Field(primary_key=True, sa_type=Text)
    state: str = Field(sa_type=Text)
    public_jwk: dict[str, Any] = Field(sa_type=JSONB)
    private_key: bytes = Field(sa_type=LargeBinary)
    published_at: datetime = Field(sa_type=_INSTANT)
    activated_at: datetime | None = Field(sa_type=_INSTANT)
    retired_at: datetime | None = Field(sa_type=_INSTANT)


metadata = Table.metadata
add_chassis_tables(metadata)
