"""Writers who really race, on real Postgres."""

import asyncio
from datetime import timedelta

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving
from babyowl_contracts import identity as contract
from babyowl_kernel import Actor, Err, Ok
from identity.application.commands.begin_session import BeginSession, SessionOpen
from identity.application.commands.change_password import ChangePassword
from identity.application.commands.change_role import ChangeRole
from identity.application.commands.create_user import CreateUser
from identity.application.commands.deactivate_user import DeactivateUser
from identity.application.commands.provision_user import ProvisionUser
from identity.application.commands.refresh_session import RefreshSession, SessionRevoked
from identity.application.commands.register_user import RegisterUser
from identity.application.tokens import token_hash
from identity.domain.errors import EmailTaken, InvalidCredentials, LastSuperAdmin, RefreshTokenInvalid
from identity.domain.user import User
from identity.domain.values import Email, PasswordHash, Profile, UserRole

from .world import AUTH, PASSWORD, World, message_of, provision, sign_in

ANA = Email("ana@example.org")
KEPT = PasswordHash("kept")
ADMIN = Actor(new_id(), frozenset({"super_admin"}))


async def provisioned(world: World, role: UserRole = UserRole.STUDENT, email: str = "ana@example.org") -> User:
    outcome = await world.bus.execute(ProvisionUser(Email(email), KEPT, role, Profile("Ana")))
    assert isinstance(outcome, Ok)
    return outcome.value


async def session_of(world: World) -> SessionOpen:
    user = await provisioned(world)
    outcome = await world.bus.execute(BeginSession(user.id, KEPT, token_hash("first")))
    assert isinstance(outcome, Ok)
    return outcome.value


async def test_fifty_tabs_that_refresh_at_once_get_one_successor(real: Serving) -> None:
    await provision(real, UserRole.STUDENT, "ana@example.org")
    shown = {"refresh_token": (await sign_in(real, "ana@example.org"))["refresh_token"]}
    answers = await asyncio.gather(*(real.client.post(f"{AUTH}/refresh", json=shown) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    [successor] = {answer.json()["refresh_token"] for answer in answers}
    kept = await real.resources.database.fetch("SELECT generation, uses FROM refresh_tokens ORDER BY generation")
    assert [tuple(row) for row in kept] == [(0, 50), (1, 0)]
    following = await real.client.post(f"{AUTH}/refresh", json={"refresh_token": successor})
    assert following.status_code == 200


async def test_fifty_who_show_a_copied_token_after_the_grace_end_the_session_once(real_world: World) -> None:
    opened = await session_of(real_world)
    await real_world.bus.execute(RefreshSession(token_hash("first"), token_hash("second")))
    real_world.clock.turn(timedelta(seconds=11))
    again = RefreshSession(token_hash("first"), token_hash("second"))
    outcomes = await asyncio.gather(*(real_world.bus.execute(again) for _ in range(50)))
    revoked = Ok(SessionRevoked(opened.session_id))
    assert {repr(outcome) for outcome in outcomes} <= {repr(revoked), repr(Err(RefreshTokenInvalid()))}
    assert revoked in outcomes
    second = RefreshSession(token_hash("second"), token_hash("third"))
    assert await real_world.bus.execute(second) == Err(RefreshTokenInvalid())


@pytest.mark.parametrize("round_", range(5))
async def test_no_session_outlives_a_password_change_it_raced_with(real_world: World, round_: int) -> None:
    user = await provisioned(real_world)
    attempts = [BeginSession(user.id, KEPT, token_hash(f"{round_} {number}")) for number in range(10)]
    changed, opened = await asyncio.gather(
        real_world.bus.execute(ChangePassword(user.id, KEPT, PasswordHash("new"))),
        asyncio.gather(*(real_world.bus.execute(attempt) for attempt in attempts)),
    )
    assert isinstance(changed, Ok)
    for attempt, outcome in zip(attempts, opened, strict=True):
        assert isinstance(outcome, Ok) or outcome == Err(InvalidCredentials())
        refreshed = await real_world.bus.execute(RefreshSession(attempt.refresh_token, token_hash(new_id().hex)))
        assert refreshed == Err(RefreshTokenInvalid())


async def test_one_address_registered_many_times_at_once_is_one_account(real: Serving) -> None:
    body = {"email": "ana@example.org", "password": PASSWORD, "display_name": "Ana"}
    bodies = [body, {**body, "email": "ANA@example.org"}] * 2
    answers = await asyncio.gather(*(real.client.post(f"{AUTH}/register", json=each) for each in bodies))
    assert [answer.status_code for answer in answers] == [202] * 4
    assert len(await real.events(contract.UserRegistered)) == 1
    token = (await message_of(real, contract.EmailVerificationRequested))["token"]
    chosen = {"token": token, "password": PASSWORD}
    assert (await real.client.post(f"{AUTH}/verify-email", json=chosen)).status_code == 204


async def test_one_address_created_many_times_at_once_is_one_account(real_world: World) -> None:
    create = CreateUser(ANA, KEPT, UserRole.STUDENT, Profile("Ana"), ADMIN)
    outcomes = await asyncio.gather(*(real_world.bus.execute(create) for _ in range(10)))
    assert sum(isinstance(outcome, Ok) for outcome in outcomes) == 1
    assert sum(outcome == Err(EmailTaken()) for outcome in outcomes) == 9
    registered = [event for event in await real_world.events() if isinstance(event, contract.UserRegistered)]
    assert len(registered) == 1


async def test_registering_and_being_created_at_once_is_one_account(real_world: World) -> None:
    await asyncio.gather(
        real_world.bus.execute(RegisterUser(ANA, KEPT, Profile("Ana"))),
        real_world.bus.execute(CreateUser(ANA, None, UserRole.INSTRUCTOR, Profile("Ana"), ADMIN)),
    )
    registered = [event for event in await real_world.events() if isinstance(event, contract.UserRegistered)]
    assert len(registered) == 1


@pytest.mark.parametrize("round_", range(5))
async def test_two_super_admins_who_demote_each_other_leave_one(real_world: World, round_: int) -> None:
    first = await provisioned(real_world, UserRole.SUPER_ADMIN, f"first{round_}@example.org")
    second = await provisioned(real_world, UserRole.SUPER_ADMIN, f"second{round_}@example.org")

    def by(user: User) -> Actor:
        return Actor(user.id, frozenset({"super_admin"}))

    outcomes = await asyncio.gather(
        real_world.bus.execute(ChangeRole(first.id, UserRole.STAFF, by(second))),
        real_world.bus.execute(DeactivateUser(second.id, by(first))),
    )
    assert sum(isinstance(outcome, Ok) for outcome in outcomes) == 1
    assert outcomes.count(Err(LastSuperAdmin())) == 1
    left = [await real_world.user(user.id) for user in (first, second)]
    assert sum(user.is_active_super_admin for user in left) == 1
