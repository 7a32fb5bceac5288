"""An operator makes an account that works at once."""

from dataclasses import dataclass

from babyowl_kernel import Clock, Command, NewId, Ok, Result
from identity.domain.errors import EmailTaken
from identity.domain.repositories import UnitOfWork
from identity.domain.user import User
from identity.domain.values import Email, PasswordHash, Profile, UserRole


@dataclass(frozen=True, slots=True)
class ProvisionUser(Command[Result[User, EmailTaken]]):
    """For the first admin and for demonstration data; never reached through HTTP."""

    email: Email
    password: PasswordHash
    role: UserRole
    profile: Profile


async def provision_user(
    command: ProvisionUser, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Result[User, EmailTaken]:
    """Leave an account that is there already as it is."""
    if known := await uow.users.by_email(command.email):
        return Ok(known)
    user = User.provision(new_id(), command.email, command.password, command.role, command.profile, now=clock())
    uow.users.add(user)
    return Ok(user)
