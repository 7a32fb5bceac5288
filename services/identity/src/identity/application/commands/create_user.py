"""The staff make an account for somebody."""

from dataclasses import dataclass

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Result
from identity.domain.errors import EmailTaken, RoleOutOfReach
from identity.domain.policies import role_out_of_reach
from identity.domain.repositories import UnitOfWork
from identity.domain.user import User
from identity.domain.values import Email, PasswordHash, Profile, Seal, UserRole


@dataclass(frozen=True, slots=True)
class CreateUser(Command[Result[User, RoleOutOfReach | EmailTaken]]):
    """Without a password the message that goes out invites the person to choose one."""

    email: Email
    password: PasswordHash | None
    role: UserRole
    profile: Profile
    by: Actor


async def create_user(
    command: CreateUser, uow: UnitOfWork, clock: Clock, new_id: NewId, seal: Seal
) -> Result[User, RoleOutOfReach | EmailTaken]:
    """Make the account and have the address proven by a message."""
    if refusal := role_out_of_reach(command.by, command.role):
        return Err(refusal)
    if await uow.users.by_email(command.email):
        return Err(EmailTaken())
    user = User.create(
        new_id(),
        command.email,
        command.password,
        command.role,
        command.profile,
        by=command.by.user_id,
        now=clock(),
    )
    user.request_verification(new_id(), seal, now=clock())
    uow.users.add(user)
    return Ok(user)
