"""Somebody's account is closed for now."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Actor, Clock, Command, Err, Ok, Result
from identity.domain.errors import LastSuperAdmin, OwnAccount, RoleOutOfReach, UserNotFound
from identity.domain.policies import own_account, role_out_of_reach
from identity.domain.repositories import UnitOfWork
from identity.domain.user import User

Refused = UserNotFound | RoleOutOfReach | OwnAccount | LastSuperAdmin


@dataclass(frozen=True, slots=True)
class DeactivateUser(Command[Result[User, Refused]]):
    user_id: UUID
    by: Actor


async def deactivate_user(command: DeactivateUser, uow: UnitOfWork, clock: Clock) -> Result[User, Refused]:
    """Every session ends. Doing it twice is doing it once."""
    user = await uow.users.get(command.user_id)
    if user is None:
        return Err(UserNotFound(command.user_id))
    if refusal := own_account(command.by, user.id) or role_out_of_reach(command.by, user.role):
        return Err(refusal)
    if user.is_active_super_admin and not await uow.users.other_active_super_admins(user.id):
        return Err(LastSuperAdmin())
    user.deactivate(now=clock())
    return Ok(user)
