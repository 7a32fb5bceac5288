"""A closed account is opened again."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Actor, Command, Err, Ok, Result
from identity.domain.errors import OwnAccount, RoleOutOfReach, UserNotFound
from identity.domain.policies import own_account, role_out_of_reach
from identity.domain.repositories import UnitOfWork
from identity.domain.user import User

Refused = UserNotFound | RoleOutOfReach | OwnAccount


@dataclass(frozen=True, slots=True)
class ReactivateUser(Command[Result[User, Refused]]):
    user_id: UUID
    by: Actor


async def reactivate_user(command: ReactivateUser, uow: UnitOfWork) -> Result[User, Refused]:
    """The old password works again, the old sessions don't. Doing it twice is doing it once."""
    user = await uow.users.get(command.user_id)
    if user is None:
        return Err(UserNotFound(command.user_id))
    if refusal := own_account(command.by, user.id) or role_out_of_reach(command.by, user.role):
        return Err(refusal)
    user.reactivate()
    return Ok(user)
