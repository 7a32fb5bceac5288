"""What Identity shows."""

from datetime import datetime
from typing import Self
from uuid import UUID

from babyowl_chassis.http import View
from identity.domain.user import User
from identity.domain.values import UserRole, UserStatus
from identity.queries.users import UserDetails


class UserView(View):
    """An account, as its owner and the staff see it."""

    id: UUID
    email: str
    display_name: str
    avatar_url: str | None
    role: UserRole
    status: UserStatus
    time_zone: str
    locale: str
    created_at: datetime
    verified_at: datetime | None
    version: int

    @classmethod
    def of(cls, value: User | UserDetails) -> Self:
        """From the account as a command left it, or as a query found it."""
        if isinstance(value, UserDetails):
            return cls.model_validate(value)
        return cls(
            id=value.id,
            email=value.email.address,
            display_name=value.profile.display_name,
            avatar_url=value.profile.avatar_url,
            role=value.role,
            status=value.status,
            time_zone=value.profile.time_zone,
            locale=value.profile.locale,
            created_at=value.created_at,
            verified_at=value.verified_at,
            version=value.version,
        )
