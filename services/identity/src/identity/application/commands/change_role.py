"""A super admin gives somebody another role."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Actor, Clock, Command, Err, Ok, Result
from identity.domain.errors import LastSuperAdmin, OwnAccount, RoleOutOfReach, UserNotFound
from identity.domain.policies import only_super_admin, own_account
from identity.domain.repositories import UnitOfWork
from identity.domain.user import User
from identity.domain.values import UserRole

Refused = UserNotFound | RoleOutOfReach | OwnAccount | LastSuperAdmin


@dataclass(frozen=True, slots=True)
class ChangeRole(Command[Result[User, Refused]]):
    user_id: UUID
    role: UserRole
    by: Actor


async def change_role(command: ChangeRole, uow: UnitOfWork, clock: Clock) -> Result[User, Refused]:
    """Two super admins who demote each other at the same moment: one of them stays."""
    if refusal := only_super_admin(command.by, command.role) or own_account(command.by, command.user_id):
        return Err(refusal)
    user = await uow.users.get(command.user_id)
    if user is None:
        return Err(UserNotFound(command.user_id))
    leaves = user.is_active_super_admin and command.role is not UserRole.SUPER_ADMIN
    if leaves and not await uow.users.other_active_super_admins(user.id):
        return Err(LastSuperAdmin())
    user.change_role(command.role, now=clock())
    return Ok(user)
