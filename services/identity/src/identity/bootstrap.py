"""Identity, wired by hand, for web and worker alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.service import Parts, Periodic, Resources, Service
from identity.application.accounts import Accounts
from identity.application.handlers import HANDLERS
from identity.application.publishing import published
from identity.application.service_accounts import ServiceAccounts
from identity.application.sign_in import PasswordProof, SignIn
from identity.application.tokens import ChallengeTokens, RefreshTokens
from identity.infrastructure.access_tokens import SignedAccessTokens
from identity.infrastructure.housekeeping import forget_ended_sessions
from identity.infrastructure.passwords import BcryptPasswords
from identity.infrastructure.revocations import ToldRevocations
from identity.infrastructure.signing_keys import SigningKeys
from identity.infrastructure.tables import metadata
from identity.infrastructure.throttle import RedisThrottle
from identity.infrastructure.unit_of_work import IdentityUnitOfWork
from identity.interfaces import cli
from identity.interfaces.http import auth, internal, jwks, me, users
from identity.queries.credentials import credentials_by_email, credentials_by_id
from identity.settings import IdentitySettings


@asynccontextmanager
async def build(resources: Resources) -> AsyncIterator[Parts]:
    """Put the parts together."""
    settings: IdentitySettings = resources.settings
    database = resources.database
    secret = settings.challenge_secret.get_secret_value()
    challenge_tokens = ChallengeTokens(secret)
    bus = Bus(
        SqlTransactions(database, IdentityUnitOfWork),
        publish=published,
        handlers=HANDLERS,
        dependencies={"seal": challenge_tokens.seal},
    )
    passwords = BcryptPasswords(
        settings.password_pepper.get_secret_value(),
        rounds=settings.password_rounds,
        threads=settings.password_threads,
        queue=settings.password_queue,
    )
    throttle = RedisThrottle(resources.redis, secret)
    proof = PasswordProof(passwords, throttle)
    revocations = ToldRevocations(resources.revocations, database, utc_now)
    signing_keys = SigningKeys(
        database,
        secret=settings.key_encryption_secret.get_secret_value(),
        clock=utc_now,
        new_id=new_id,
    )
    access_tokens = SignedAccessTokens(
        signing_keys,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        clock=utc_now,
        new_id=new_id,
    )
    accounts = Accounts(
        bus=bus,
        passwords=passwords,
        proof=proof,
        credentials=partial(credentials_by_id, database),
        throttle=throttle,
        revocations=revocations,
    )
    sign_in = SignIn(
        bus=bus,
        proof=proof,
        credentials=partial(credentials_by_email, database),
        refresh_tokens=RefreshTokens(secret),
        access_tokens=access_tokens,
        revocations=revocations,
    )
    try:
        yield Parts(
            bus=bus,
            state={
                "accounts": accounts,
                "sign_in": sign_in,
                "signing_keys": signing_keys,
                "access_tokens": access_tokens,
                "service_accounts": ServiceAccounts(
                    {name: kept.get_secret_value() for name, kept in settings.service_accounts.items()}
                ),
                "challenge_tokens": challenge_tokens,
                "passwords": passwords,
                "primary": database,
            },
            periodic=[
                Periodic("tell-revocations-again", every=5.0, run=revocations.tell_again),
                Periodic("rotate-signing-keys", every=60.0, run=signing_keys.rotate),
                Periodic(
                    "forget-ended-sessions",
                    every=3600.0,
                    run=partial(forget_ended_sessions, database, utc_now),
                ),
            ],
        )
    finally:
        passwords.close()


service = Service(
    name="identity",
    title="Identity",
    settings=IdentitySettings,
    routers=(auth.router, me.router, users.router, jwks.router, internal.router),
    build=build,
    metadata=metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    commands={"seed": cli.seed, "create-admin": cli.create_admin, "rotate-keys": cli.rotate_keys},
)
