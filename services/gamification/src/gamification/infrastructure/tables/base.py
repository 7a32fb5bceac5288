"""What the tables of this service have in common."""

from typing import Any

from sqlalchemy import DateTime, ForeignKeyConstraint, Text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Table(SQLModel, registry=registry()):
    """Base of this service's tables; its metadata are theirs alone."""


def key(*, of: Any = None) -> Any:
    """A column of the primary key, of that type if the annotation does not say it all."""
    return Field(primary_key=True, sa_type=of) if of else Field(primary_key=True)


def text_() -> Any:
    """A column of text."""
    return Field(sa_type=Text)


def moment() -> Any:
    """A column of moments, in UTC."""
    return Field(sa_type=DateTime(timezone=True))


def belongs_to_player(table: str) -> ForeignKeyConstraint:
    """The rows go when the player goes."""
    return ForeignKeyConstraint(["player_id"], ["players.id"], name=f"fk_{table}_player_id", ondelete="CASCADE")
