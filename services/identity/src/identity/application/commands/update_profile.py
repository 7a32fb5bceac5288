"""Somebody changes how they are shown."""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias
from uuid import UUID

from babyowl_kernel import Command, Err, Ok, Result
from identity.domain.errors import StaleVersion, UserNotFound
from identity.domain.repositories import UnitOfWork
from identity.domain.user import User
from identity.domain.values import Profile


class _Keep(Enum):
    KEEP = "keep"


KEEP: Final = _Keep.KEEP
"""Leave it as it is; None would take an avatar away."""

Kept: TypeAlias = Literal[_Keep.KEEP]


@dataclass(frozen=True, slots=True)
class UpdateProfile(Command[Result[User, UserNotFound | StaleVersion]]):
    """With an expected version nothing that somebody else changed meanwhile is overwritten."""

    user_id: UUID
    display_name: str | Kept = KEEP
    avatar_url: str | Kept | None = KEEP
    time_zone: str | Kept = KEEP
    locale: str | Kept = KEEP
    expected_version: int | None = None


async def update_profile(command: UpdateProfile, uow: UnitOfWork) -> Result[User, UserNotFound | StaleVersion]:
    """Change what was named, keep the rest."""
    user = await uow.users.get(command.user_id)
    if user is None:
        return Err(UserNotFound(command.user_id))
    if command.expected_version not in (None, user.version):
        return Err(StaleVersion(user.version))
    now = user.profile
    user.update_profile(
        Profile(
            display_name=now.display_name if command.display_name is KEEP else command.display_name,
            avatar_url=now.avatar_url if command.avatar_url is KEEP else command.avatar_url,
            time_zone=now.time_zone if command.time_zone is KEEP else command.time_zone,
            locale=now.locale if command.locale is KEEP else command.locale,
        )
    )
    return Ok(user)
