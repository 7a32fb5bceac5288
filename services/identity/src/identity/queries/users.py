"""Accounts as the staff and their owners see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection


@dataclass(frozen=True, slots=True)
class UserDetails:
    """One account, without anything secret. Times are UTC."""

    id: UUID
    email: str
    display_name: str
    avatar_url: str | None
    role: str
    status: str
    time_zone: str
    locale: str
    created_at: datetime
    verified_at: datetime | None
    version: int


_COLUMNS = """
    id, email, display_name, avatar_url, role, status, time_zone, locale, created_at, verified_at, version
"""

_ONE = f"SELECT {_COLUMNS} FROM users WHERE id = $1"  # noqa: S608

_SEARCH = f"""
SELECT {_COLUMNS}
FROM users
WHERE ($1::text IS NULL OR role = $1)
  AND ($2::text IS NULL OR status = $2)
  AND ($3::text IS NULL OR display_name ILIKE $3 OR email ILIKE $3)
  AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5))
ORDER BY created_at DESC, id DESC
LIMIT $6
"""  # noqa: S608


async def user_details(db: Connection, user_id: UUID) -> UserDetails | None:
    """One account."""
    row = await db.fetchrow(_ONE, user_id)
    return UserDetails(**row) if row else None


async def search_users(
    db: Connection,
    *,
    role: str | None,
    status: str | None,
    q: str | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[UserDetails]:
    """The newest accounts first, one over `limit`; `q` is looked for in name and address."""
    pattern = f"%{_literally(q)}%" if q else None
    created_at, user_id = after or (None, None)
    rows = await db.fetch(_SEARCH, role, status, pattern, created_at, user_id, limit + 1)
    return [UserDetails(**row) for row in rows]


def _literally(text: str) -> str:
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, f"\\{sign}")
    return text
