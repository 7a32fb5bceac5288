"""Somebody registers."""

from dataclasses import dataclass

from babyowl_kernel import Clock, Command, NewId, Ok, Result
from identity.domain.errors import EmailTaken
from identity.domain.repositories import UnitOfWork
from identity.domain.user import User
from identity.domain.values import Email, PasswordHash, Profile, Seal


@dataclass(frozen=True, slots=True)
class RegisterUser(Command[Result[None, EmailTaken]]):
    """`EmailTaken` is only the answer to the slower of two who register one address at once."""

    email: Email
    password: PasswordHash
    profile: Profile


async def register_user(
    command: RegisterUser, uow: UnitOfWork, clock: Clock, new_id: NewId, seal: Seal
) -> Result[None, EmailTaken]:
    """A known address gets the same answer: only its mailbox may tell whether there is an account."""
    now = clock()
    user = await uow.users.by_email(command.email)
    if user is None:
        user = User.register(new_id(), command.email, command.password, command.profile, now=now)
        uow.users.add(user)
    else:
        user.register_again(command.profile)
    user.request_verification(new_id(), seal, now=now)
    return Ok(None)
