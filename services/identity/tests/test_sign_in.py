"""Signing in: what is answered, how much work it is, and how often it may be tried."""

import time
from datetime import timedelta
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import MemoryTransactions
from babyowl_contracts import Event
from babyowl_kernel import Actor, Err, Ok
from identity.application.accounts import LEAST_SECONDS, Accounts
from identity.application.commands.create_user import CreateUser
from identity.application.commands.deactivate_user import DeactivateUser
from identity.application.commands.provision_user import ProvisionUser
from identity.application.commands.register_user import RegisterUser
from identity.application.ports import Credentials
from identity.application.sign_in import PasswordProof, SignIn, Tokens
from identity.application.tokens import RefreshTokens
from identity.domain.errors import (
    EmailNotVerified,
    InvalidCredentials,
    PasswordTooShort,
    RefreshTokenReused,
    TooManyAttempts,
)
from identity.domain.user import User
from identity.domain.values import Email, PasswordHash, Profile, UserRole
from identity.infrastructure.throttle import LocalThrottle

from .world import (
    SECRET,
    CountingPasswords,
    IdentityStore,
    MemoryIdentityUnitOfWork,
    NotedRevocations,
    PlainAccessTokens,
    World,
)

STAFF = Actor(new_id(), frozenset({"staff"}))
ANA, WAITING, CLOSED, INVITED, MADE, NOBODY = (
    Email(f"{name}@example.org") for name in ("ana", "waiting", "closed", "invited", "made", "nobody")
)
HERE, ELSEWHERE = "10.0.0.1", "10.9.9.9"


class Desk:
    """The use cases around sign-in, over memory, with everything counted."""

    def __init__(self) -> None:
        self.store = IdentityStore()
        self.seconds = 0.0
        self.passwords, self.revocations = CountingPasswords(), NotedRevocations()
        self.throttle = LocalThrottle(lambda: self.seconds)
        self.world = World(
            MemoryTransactions(self.store, MemoryIdentityUnitOfWork), events=self._events, find=self._find
        )
        proof = PasswordProof(self.passwords, self.throttle)
        self.sign_in = SignIn(
            bus=self.world.bus,
            proof=proof,
            credentials=self._by_email,
            refresh_tokens=RefreshTokens(SECRET),
            access_tokens=PlainAccessTokens(),
            revocations=self.revocations,
        )
        self.accounts = Accounts(
            bus=self.world.bus,
            passwords=self.passwords,
            proof=proof,
            credentials=self._by_id,
            throttle=self.throttle,
            revocations=self.revocations,
        )

    async def _events(self) -> list[Event]:
        return [event for _, event in self.store.published]

    async def _find(self, user_id: UUID) -> User | None:
        return await MemoryIdentityUnitOfWork(self.store).users.get(user_id)

    async def _by_email(self, email: Email) -> Credentials | None:
        user = await MemoryIdentityUnitOfWork(self.store).users.by_email(email)
        return Credentials(user.id, user.email, user.password) if user else None

    async def _by_id(self, user_id: UUID) -> Credentials | None:
        user = await self._find(user_id)
        return Credentials(user.id, user.email, user.password) if user else None

    async def person(self, email: Email) -> User:
        user = await MemoryIdentityUnitOfWork(self.store).users.by_email(email)
        assert user is not None
        return user


@pytest.fixture
async def desk() -> Desk:
    made = Desk()
    kept = PasswordHash("kept:right")
    execute = made.world.bus.execute
    for email in (ANA, CLOSED):
        await execute(ProvisionUser(email, kept, UserRole.STUDENT, Profile("Somebody")))
    await execute(RegisterUser(WAITING, kept, Profile("Somebody")))
    await execute(CreateUser(MADE, kept, UserRole.STUDENT, Profile("Somebody"), STAFF))
    await execute(CreateUser(INVITED, None, UserRole.STUDENT, Profile("Somebody"), STAFF))
    await execute(DeactivateUser((await made.person(CLOSED)).id, STAFF))
    return made


async def signed_in(desk: Desk, email: Email = ANA, address: str = HERE) -> Tokens:
    outcome = await desk.sign_in.login(email, "right", address=address)
    assert isinstance(outcome, Ok), outcome
    return outcome.value


async def test_the_right_password_opens_a_session(desk: Desk) -> None:
    tokens = await signed_in(desk)
    assert tokens.access_token.startswith(f"{(await desk.person(ANA)).id} student ")
    assert (len(tokens.refresh_token), tokens.expires_in) == (43, 900)


@pytest.mark.parametrize(
    ("email", "password", "refusal"),
    [
        (NOBODY, "right", InvalidCredentials()),
        (ANA, "wrong", InvalidCredentials()),
        (CLOSED, "wrong", InvalidCredentials()),
        (CLOSED, "right", InvalidCredentials()),
        (WAITING, "wrong", InvalidCredentials()),
        (WAITING, "right", InvalidCredentials()),
        (MADE, "right", EmailNotVerified()),
        (INVITED, "", InvalidCredentials()),
        (INVITED, "right", InvalidCredentials()),
    ],
)
async def test_every_refusal_is_the_same_work_and_tells_nothing_to_who_does_not_know_the_password(
    desk: Desk, email: Email, password: str, refusal: object
) -> None:
    assert await desk.sign_in.login(email, password, address=HERE) == Err(refusal)
    assert desk.passwords.work == {"verify": 1}


async def test_wrong_guesses_make_one_wait_and_the_right_password_does_not_help_then(desk: Desk) -> None:
    for _ in range(8):
        assert await desk.sign_in.login(ANA, "wrong", address=HERE) == Err(InvalidCredentials())
    assert await desk.sign_in.login(ANA, "right", address=HERE) == Err(TooManyAttempts(60))
    assert desk.passwords.work["verify"] == 8
    desk.seconds += 60
    assert isinstance(await desk.sign_in.login(ANA, "right", address=HERE), Ok)


async def test_an_account_that_is_not_there_is_throttled_like_one_that_is(desk: Desk) -> None:
    outcomes = [await desk.sign_in.login(NOBODY, "wrong", address=HERE) for _ in range(9)]
    assert outcomes == [Err(InvalidCredentials())] * 8 + [Err(TooManyAttempts(60))]


async def test_signing_in_often_is_not_guessing(desk: Desk) -> None:
    for _ in range(200):
        await signed_in(desk)


async def test_strangers_everywhere_cannot_keep_a_child_out_of_where_it_has_signed_in_before(
    desk: Desk,
) -> None:
    await signed_in(desk, address=HERE)
    for number in range(60):
        await desk.sign_in.login(ANA, "wrong", address=f"10.1.0.{number}")
    assert await desk.sign_in.login(ANA, "right", address=ELSEWHERE) == Err(TooManyAttempts(30))
    await signed_in(desk, address=HERE)
    desk.seconds += 30
    await signed_in(desk, address=ELSEWHERE)


async def test_one_address_cannot_try_a_password_on_everybody(desk: Desk) -> None:
    for number in range(100):
        await desk.sign_in.login(Email(f"{number}@example.org"), "right", address=HERE)
    assert await desk.sign_in.login(ANA, "right", address=HERE) == Err(TooManyAttempts(2))
    await signed_in(desk, address=ELSEWHERE)


async def test_the_successor_of_a_refresh_token_is_the_same_for_both_tabs(desk: Desk) -> None:
    first = await signed_in(desk)
    tabs = [await desk.sign_in.refresh(first.refresh_token) for _ in range(2)]
    successors = {tab.value.refresh_token for tab in tabs if isinstance(tab, Ok)}
    assert len(successors) == 1
    assert successors != {first.refresh_token}


async def test_a_copied_refresh_token_ends_the_session_and_its_access_tokens(desk: Desk) -> None:
    first = await signed_in(desk)
    await desk.sign_in.refresh(first.refresh_token)
    desk.world.clock.turn(timedelta(seconds=11))
    assert await desk.sign_in.refresh(first.refresh_token) == Err(RefreshTokenReused())
    assert desk.revocations.sessions == list(desk.store.sessions)


async def test_a_new_password_ends_all_sessions_at_once(desk: Desk) -> None:
    ana = await desk.person(ANA)
    outcome = await desk.accounts.change_password(ana.id, "right", "a better one", address=HERE)
    assert isinstance(outcome, Ok)
    assert desk.revocations.epochs == [(ana.id, 1)]
    assert await desk.sign_in.login(ANA, "right", address=HERE) == Err(InvalidCredentials())


async def test_guessing_at_the_present_password_is_limited_like_signing_in(desk: Desk) -> None:
    ana = await desk.person(ANA)
    for _ in range(8):
        guess = await desk.accounts.change_password(ana.id, "wrong", "a better one", address=HERE)
        assert guess == Err(InvalidCredentials())
    guess = await desk.accounts.change_password(ana.id, "right", "a better one", address=HERE)
    assert guess == Err(TooManyAttempts(60))
    assert desk.revocations.epochs == []


async def test_a_weak_password_is_refused_before_any_work(desk: Desk) -> None:
    outcome = await desk.accounts.register(NOBODY, "short", Profile("N"), address=HERE)
    assert outcome == Err(PasswordTooShort(8))
    assert not desk.passwords.work


async def test_registering_is_the_same_work_and_the_same_answer_for_a_known_address(desk: Desk) -> None:
    work = []
    for email in (NOBODY, ANA, WAITING, INVITED, CLOSED):
        desk.passwords.work.clear()
        assert await desk.accounts.register(email, "long enough", Profile("N"), address=HERE) == Ok(None)
        work.append(dict(desk.passwords.work))
    assert work == [{"hash": 1}] * 5


async def test_a_mailbox_is_not_flooded_and_who_asks_does_not_notice(desk: Desk) -> None:
    before = len(desk.store.published)
    for _ in range(20):
        assert await desk.accounts.forgot_password(ANA, address=HERE) == Ok(None)
    assert len(desk.store.published) - before == 5
    assert await desk.accounts.forgot_password(NOBODY, address=HERE) == Ok(None)


async def test_asking_for_a_message_takes_as_long_where_there_is_nobody(desk: Desk) -> None:
    for ask in (desk.accounts.forgot_password, desk.accounts.resend_verification):
        for email in (NOBODY, ANA, WAITING, CLOSED):
            began = time.monotonic()
            assert await ask(email, address=HERE) == Ok(None)
            assert time.monotonic() - began >= LEAST_SECONDS


async def test_who_registers_an_address_cannot_tell_by_signing_in_whether_it_was_taken(desk: Desk) -> None:
    told = []
    for email in (NOBODY, ANA):
        await desk.accounts.register(email, "chosen by a stranger", Profile("N"), address=HERE)
        told.append([await desk.sign_in.login(email, "chosen by a stranger", address=HERE) for _ in range(10)])
    assert told[0] == told[1] == [Err(InvalidCredentials())] * 8 + [Err(TooManyAttempts(60))] * 2
