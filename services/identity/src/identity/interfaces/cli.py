"""What operators do: `python -m identity seed|create-admin|rotate-keys`."""

import asyncio
import getpass
import sys
from typing import cast

import structlog

from babyowl_chassis.refused import accepted
from babyowl_chassis.service import Parts, Resources
from identity.application.commands.provision_user import ProvisionUser
from identity.domain import values
from identity.domain.policies import password_refused
from identity.domain.values import Email, Profile, UserRole
from identity.infrastructure.passwords import BcryptPasswords
from identity.infrastructure.signing_keys import SigningKeys
from identity.queries.credentials import credentials_by_email
from identity.settings import IdentitySettings, SeedUser

log = structlog.get_logger(__name__)

_SUPER_ADMINS = "SELECT count(*) FROM users WHERE role = 'super_admin'"


async def seed(resources: Resources, parts: Parts) -> None:
    """Make the accounts of SEED_USERS, active at once; those that are there stay as they are."""
    settings: IdentitySettings = resources.settings
    if settings.environment not in {"local", "test"}:
        raise SystemExit("seed is for demonstrations: set ENVIRONMENT to local or test, or use create-admin")
    async with asyncio.TaskGroup() as tasks:
        for user in settings.seed_users:
            # Hashing takes its time, on purpose: not for an account that is there.
            if await credentials_by_email(resources.database, accepted(Email.parse(user.email))) is None:
                tasks.create_task(_provision(parts, user))


async def create_admin(resources: Resources, parts: Parts) -> None:
    """Make the first super admin; e-mail address and password are asked for, or read from two lines of stdin."""
    if await resources.database.fetchval(_SUPER_ADMINS):
        raise SystemExit("there is a super admin already, who can make others")
    email, password = _asked()
    user = SeedUser.model_validate(
        {"email": email, "password": password, "role": UserRole.SUPER_ADMIN, "display_name": "Super admin"}
    )
    await _provision(parts, user)


async def rotate_keys(resources: Resources, parts: Parts) -> None:
    """Begin to replace the signing key: the successor is published now, and signs ten minutes later."""
    keys = cast(SigningKeys, parts.state["signing_keys"])
    for step in await keys.rotate(forced=True):
        sys.stdout.write(f"{step}\n")


def _asked() -> tuple[str, str]:
    if sys.stdin.isatty():
        return input("E-mail address: "), getpass.getpass("Password: ")
    email, password = (sys.stdin.readline().rstrip("\n") for _ in range(2))
    return email, password


async def _provision(parts: Parts, user: SeedUser) -> None:
    email = accepted(Email.parse(user.email))
    password = user.password.get_secret_value()
    if refusal := password_refused(password, email):
        raise SystemExit(f"{email}: {refusal.reason}")
    profile = Profile(
        accepted(values.display_name(user.display_name)),
        None,
        accepted(values.time_zone(user.time_zone)),
        accepted(values.locale(user.locale)),
    )
    passwords = cast(BcryptPasswords, parts.state["passwords"])
    command = ProvisionUser(email, await passwords.hash(password), user.role, profile)
    account = accepted(await parts.bus.execute(command))
    log.info("provisioned", user_id=str(account.id), role=account.role)
