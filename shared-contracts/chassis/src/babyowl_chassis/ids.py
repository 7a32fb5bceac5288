"""Ids and the time: the two things a handler is given instead of reaching for them."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A UUIDv7: sorts by the time of its birth, in milliseconds."""
    return compat.uuid7()


def utc_now() -> datetime:
    """This moment, timezone-aware, UTC."""
    return datetime.now(UTC)
