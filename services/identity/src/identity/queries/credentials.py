"""What a password is checked against. Never asked of a replica: a password just changed has to count."""

from uuid import UUID

from babyowl_chassis.sql import Connection
from identity.application.ports import Credentials
from identity.domain.values import Email, PasswordHash

_BY_EMAIL = "SELECT id, email, password FROM users WHERE email = $1"
_BY_ID = "SELECT id, email, password FROM users WHERE id = $1"


async def credentials_by_email(db: Connection, email: Email) -> Credentials | None:
    """The account with this address."""
    return await _credentials(db, _BY_EMAIL, email.address)


async def credentials_by_id(db: Connection, user_id: UUID) -> Credentials | None:
    """The account with this id."""
    return await _credentials(db, _BY_ID, user_id)


async def _credentials(db: Connection, query: str, key: object) -> Credentials | None:
    row = await db.fetchrow(query, key)
    if row is None:
        return None
    password = None if row["password"] is None else PasswordHash(row["password"])
    return Credentials(row["id"], Email(row["email"]), password)
