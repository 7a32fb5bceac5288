"""Every command, once over the repositories in memory and once over those in Postgres."""

from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.refused import accepted
from babyowl_contracts import Event
from babyowl_contracts import identity as contract
from babyowl_kernel import Actor, Err, Ok
from identity.application.commands.begin_session import BeginSession, SessionOpen
from identity.application.commands.change_password import ChangePassword
from identity.application.commands.change_role import ChangeRole
from identity.application.commands.create_user import CreateUser
from identity.application.commands.deactivate_user import DeactivateUser
from identity.application.commands.end_all_sessions import EndAllSessions
from identity.application.commands.end_session import EndSession
from identity.application.commands.provision_user import ProvisionUser
from identity.application.commands.reactivate_user import ReactivateUser
from identity.application.commands.refresh_session import RefreshSession, SessionRevoked
from identity.application.commands.register_user import RegisterUser
from identity.application.commands.request_password_reset import RequestPasswordReset
from identity.application.commands.resend_verification import ResendVerification
from identity.application.commands.reset_password import ResetPassword
from identity.application.commands.update_profile import UpdateProfile
from identity.application.commands.verify_email import VerifyEmail
from identity.application.tokens import token_hash
from identity.domain.errors import (
    ChallengeInvalid,
    EmailNotVerified,
    EmailTaken,
    InvalidCredentials,
    LastSuperAdmin,
    OwnAccount,
    PasswordRequired,
    RefreshTokenInvalid,
    RoleOutOfReach,
    StaleVersion,
    UserNotFound,
)
from identity.domain.user import User
from identity.domain.values import ChallengePurpose, Email, PasswordHash, Profile, UserRole, UserStatus

from .world import World

E = TypeVar("E", bound=Event)

ANA = Email("ana@example.org")
KEPT = PasswordHash("kept")
NEW = PasswordHash("new")
ADMIN = Actor(new_id(), frozenset({"super_admin"}))
STAFF = Actor(new_id(), frozenset({"staff"}))


async def provisioned(world: World, role: UserRole = UserRole.STUDENT, email: str = "ana@example.org") -> User:
    outcome = await world.bus.execute(ProvisionUser(Email(email), KEPT, role, Profile("Ana")))
    assert isinstance(outcome, Ok)
    return outcome.value


async def session_of(world: World, user: User, token: str = "first") -> SessionOpen:
    outcome = await world.bus.execute(BeginSession(user.id, KEPT, token_hash(token)))
    assert isinstance(outcome, Ok)
    return outcome.value


async def refreshed(world: World, shown: str, successor: str) -> object:
    return await world.bus.execute(RefreshSession(token_hash(shown), token_hash(successor)))


async def newest(world: World, kind: type[E]) -> E:
    return [event for event in await world.events() if isinstance(event, kind)][-1]


async def test_who_registers_is_sent_a_link_that_opens_the_account(world: World) -> None:
    assert await world.bus.execute(RegisterUser(ANA, KEPT, Profile("Ana"))) == Ok(None)
    [registered, asked] = await world.events()
    assert isinstance(registered, contract.UserRegistered)
    assert isinstance(asked, contract.EmailVerificationRequested)
    assert registered == contract.UserRegistered(user_id=asked.user_id, role="student", time_zone="UTC")
    token = world.challenge_tokens.seal(asked.challenge_id, ChallengePurpose.VERIFY_EMAIL)
    assert await world.bus.execute(VerifyEmail(token, None)) == Ok(None)
    assert (await world.user(asked.user_id)).status is UserStatus.ACTIVE
    assert (await world.events())[-1] == contract.UserVerified(user_id=asked.user_id)
    assert await world.bus.execute(VerifyEmail(token, None)) == Err(ChallengeInvalid())


async def test_registering_a_known_address_says_the_same_and_changes_nothing(world: World) -> None:
    user = await provisioned(world)
    before = await world.events()
    assert await world.bus.execute(RegisterUser(user.email, NEW, Profile("Mallory"))) == Ok(None)
    assert await world.events() == before
    assert (await world.user(user.id)).password == KEPT


@pytest.mark.parametrize("passwords", [("strangers", "the owner's"), ("the owner's", "strangers")])
async def test_who_registers_somebody_elses_address_too_chooses_no_password_for_them(
    world: World, passwords: tuple[str, str]
) -> None:
    for password in passwords:
        await world.bus.execute(RegisterUser(ANA, PasswordHash(password), Profile("Ana")))
    asked = [event for event in await world.events() if isinstance(event, contract.EmailVerificationRequested)]
    older = world.challenge_tokens.seal(asked[0].challenge_id, ChallengePurpose.VERIFY_EMAIL)
    newer = world.challenge_tokens.seal(asked[1].challenge_id, ChallengePurpose.INVITATION)
    assert await world.bus.execute(VerifyEmail(older, None)) == Err(ChallengeInvalid())
    assert await world.bus.execute(VerifyEmail(newer, None)) == Err(PasswordRequired())
    assert await world.bus.execute(VerifyEmail(newer, NEW)) == Ok(None)
    assert (await world.user(asked[0].user_id)).password == NEW


async def test_staff_create_students_and_instructors_but_no_staff(world: World) -> None:
    for number, (role, refusal) in enumerate(
        [
            (UserRole.STUDENT, None),
            (UserRole.INSTRUCTOR, None),
            (UserRole.STAFF, RoleOutOfReach("staff")),
            (UserRole.SUPER_ADMIN, RoleOutOfReach("super_admin")),
        ]
    ):
        command = CreateUser(Email(f"{number}@example.org"), KEPT, role, Profile("New"), STAFF)
        outcome = await world.bus.execute(command)
        if refusal is None:
            assert isinstance(outcome, Ok)
            assert (outcome.value.role, outcome.value.created_by) == (role, STAFF.user_id)
        else:
            assert outcome == Err(refusal)


async def test_a_super_admin_creates_anyone_once(world: World) -> None:
    create = CreateUser(ANA, None, UserRole.STAFF, Profile("Ana"), ADMIN)
    assert isinstance(await world.bus.execute(create), Ok)
    assert await world.bus.execute(create) == Err(EmailTaken())


async def test_the_invited_choose_their_password_with_the_link(world: World) -> None:
    await world.bus.execute(CreateUser(ANA, None, UserRole.INSTRUCTOR, Profile("Ana"), STAFF))
    asked = await newest(world, contract.EmailVerificationRequested)
    token = world.challenge_tokens.seal(asked.challenge_id, ChallengePurpose.INVITATION)
    assert await world.bus.execute(VerifyEmail(token, NEW)) == Ok(None)
    assert (await world.user(asked.user_id)).password == NEW


async def test_a_message_is_sent_again_only_to_who_waits_for_one(world: World) -> None:
    await world.bus.execute(RegisterUser(ANA, KEPT, Profile("Ana")))
    first = await newest(world, contract.EmailVerificationRequested)
    assert await world.bus.execute(ResendVerification(ANA)) == Ok(None)
    second = await newest(world, contract.EmailVerificationRequested)
    assert first.challenge_id != second.challenge_id
    before = await world.events()
    assert await world.bus.execute(ResendVerification(Email("nobody@example.org"))) == Ok(None)
    await world.bus.execute(
        VerifyEmail(world.challenge_tokens.seal(second.challenge_id, ChallengePurpose.VERIFY_EMAIL), None)
    )
    assert await world.bus.execute(ResendVerification(ANA)) == Ok(None)
    assert await world.events() == [*before, contract.UserVerified(user_id=first.user_id)]


async def test_a_forgotten_password_is_replaced_by_the_link_and_all_sessions_end(world: World) -> None:
    user = await provisioned(world)
    await session_of(world, user)
    assert await world.bus.execute(RequestPasswordReset(Email("nobody@example.org"))) == Ok(None)
    assert await world.bus.execute(RequestPasswordReset(user.email)) == Ok(None)
    asked = await newest(world, contract.PasswordResetRequested)
    token = world.challenge_tokens.seal(asked.challenge_id, ChallengePurpose.RESET_PASSWORD)
    outcome = await world.bus.execute(ResetPassword(token, NEW))
    assert isinstance(outcome, Ok)
    assert outcome.value.epoch == 1
    assert await refreshed(world, "first", "second") == Err(RefreshTokenInvalid())
    assert await world.bus.execute(ResetPassword(token, KEPT)) == Err(ChallengeInvalid())
    assert (await world.events())[-1] == contract.PasswordChanged(user_id=user.id)


async def test_a_password_changes_only_from_the_one_that_was_proven(world: World) -> None:
    user = await provisioned(world)
    assert isinstance(await world.bus.execute(ChangePassword(user.id, KEPT, NEW)), Ok)
    assert await world.bus.execute(ChangePassword(user.id, KEPT, NEW)) == Err(InvalidCredentials())
    assert await world.bus.execute(ChangePassword(new_id(), KEPT, NEW)) == Err(InvalidCredentials())


async def test_a_profile_changes_where_it_was_named_and_not_over_somebody_elses_change(world: World) -> None:
    user = await provisioned(world)
    outcome = await world.bus.execute(UpdateProfile(user.id, time_zone="Asia/Jakarta", expected_version=1))
    assert isinstance(outcome, Ok)
    assert (outcome.value.profile, outcome.value.version) == (Profile("Ana", None, "Asia/Jakarta", "en"), 2)
    assert (await world.events())[-1] == contract.ProfileUpdated(user_id=user.id, time_zone="Asia/Jakarta")
    stale = UpdateProfile(user.id, display_name="B", expected_version=1)
    assert await world.bus.execute(stale) == Err(StaleVersion(2))
    nobody = new_id()
    assert await world.bus.execute(UpdateProfile(nobody, display_name="B")) == Err(UserNotFound(nobody))


async def test_only_the_active_sign_in_and_only_with_their_present_password(world: World) -> None:
    await world.bus.execute(RegisterUser(ANA, KEPT, Profile("Ana")))
    waiting = (await newest(world, contract.UserRegistered)).user_id
    created = CreateUser(Email("di@example.org"), KEPT, UserRole.STUDENT, Profile("Di"), STAFF)
    made = accepted(await world.bus.execute(created))
    active = await provisioned(world, email="bo@example.org")
    closed = await provisioned(world, email="cy@example.org")
    await world.bus.execute(DeactivateUser(closed.id, STAFF))

    async def attempt(user_id: UUID, proven: PasswordHash) -> object:
        return await world.bus.execute(BeginSession(user_id, proven, token_hash(str(user_id))))

    assert await attempt(waiting, KEPT) == Err(InvalidCredentials())
    assert await attempt(made.id, KEPT) == Err(EmailNotVerified())
    assert await attempt(active.id, NEW) == Err(InvalidCredentials())
    assert await attempt(closed.id, KEPT) == Err(InvalidCredentials())
    assert await attempt(new_id(), KEPT) == Err(InvalidCredentials())
    assert isinstance(await attempt(active.id, KEPT), Ok)


async def test_a_refresh_token_is_traded_for_its_successor(world: World) -> None:
    user = await provisioned(world)
    opened = await session_of(world, user)
    assert await refreshed(world, "first", "second") == Ok(opened)
    assert await refreshed(world, "second", "third") == Ok(opened)
    assert await refreshed(world, "never issued", "x") == Err(RefreshTokenInvalid())


async def test_two_tabs_within_ten_seconds_are_no_theft(world: World) -> None:
    opened = await session_of(world, await provisioned(world))
    await refreshed(world, "first", "second")
    world.clock.turn(timedelta(seconds=10))
    assert await refreshed(world, "first", "second") == Ok(opened)
    assert await refreshed(world, "second", "third") == Ok(opened)


async def test_a_spent_token_that_comes_back_ends_the_session_for_everybody(world: World) -> None:
    opened = await session_of(world, await provisioned(world))
    await refreshed(world, "first", "second")
    world.clock.turn(timedelta(seconds=11))
    assert await refreshed(world, "first", "second") == Ok(SessionRevoked(opened.session_id))
    assert await refreshed(world, "second", "third") == Err(RefreshTokenInvalid())
    assert await refreshed(world, "first", "second") == Err(RefreshTokenInvalid())


async def test_signing_out_ends_one_session_and_leaves_the_others(world: World) -> None:
    user = await provisioned(world)
    here, there = await session_of(world, user, "here"), await session_of(world, user, "there")
    for _ in range(2):
        assert await world.bus.execute(EndSession(here.session_id)) == Ok(None)
    assert await refreshed(world, "here", "x") == Err(RefreshTokenInvalid())
    assert await refreshed(world, "there", "y") == Ok(there)


async def test_signing_out_everywhere_ends_all_sessions_and_begins_an_epoch(world: World) -> None:
    user = await provisioned(world)
    await session_of(world, user)
    outcome = await world.bus.execute(EndAllSessions(user.id))
    assert isinstance(outcome, Ok)
    assert outcome.value.epoch == 1
    assert await refreshed(world, "first", "second") == Err(RefreshTokenInvalid())
    assert (await session_of(world, user, "again")).epoch == 1


async def test_a_session_lasts_ninety_days_however_busy_it_is(world: World) -> None:
    await session_of(world, await provisioned(world), "0")
    for number in range(9):
        world.clock.turn(timedelta(days=9, hours=23))
        assert isinstance(await refreshed(world, str(number), str(number + 1)), Ok)
    world.clock.turn(timedelta(hours=9))
    assert await refreshed(world, "9", "10") == Err(RefreshTokenInvalid())


async def test_a_refresh_token_that_nobody_used_for_thirty_days_is_worth_nothing(world: World) -> None:
    await session_of(world, await provisioned(world))
    world.clock.turn(timedelta(days=30))
    assert await refreshed(world, "first", "second") == Err(RefreshTokenInvalid())


async def test_roles_are_given_by_super_admins_alone_and_not_to_themselves(world: World) -> None:
    user = await provisioned(world)
    admin = await provisioned(world, UserRole.SUPER_ADMIN, "root@example.org")
    as_admin = Actor(admin.id, frozenset({"super_admin"}))
    assert await world.bus.execute(ChangeRole(user.id, UserRole.INSTRUCTOR, STAFF)) == Err(
        RoleOutOfReach("instructor")
    )
    assert await world.bus.execute(ChangeRole(admin.id, UserRole.STAFF, as_admin)) == Err(OwnAccount())
    assert isinstance(await world.bus.execute(ChangeRole(user.id, UserRole.INSTRUCTOR, as_admin)), Ok)
    assert (await world.events())[-1] == contract.RoleChanged(
        user_id=user.id, role="instructor", previous_role="student"
    )


async def test_the_last_super_admin_stays(world: World) -> None:
    admin = await provisioned(world, UserRole.SUPER_ADMIN, "root@example.org")
    assert await world.bus.execute(ChangeRole(admin.id, UserRole.STAFF, ADMIN)) == Err(LastSuperAdmin())
    assert await world.bus.execute(DeactivateUser(admin.id, ADMIN)) == Err(LastSuperAdmin())
    await provisioned(world, UserRole.SUPER_ADMIN, "second@example.org")
    assert isinstance(await world.bus.execute(ChangeRole(admin.id, UserRole.STAFF, ADMIN)), Ok)


async def test_staff_close_and_open_the_accounts_they_look_after(world: World) -> None:
    student = await provisioned(world)
    colleague = await provisioned(world, UserRole.STAFF, "bo@example.org")
    myself = Actor(colleague.id, frozenset({"staff"}))
    for command in (DeactivateUser, ReactivateUser):
        assert await world.bus.execute(command(colleague.id, STAFF)) == Err(RoleOutOfReach("staff"))
        assert await world.bus.execute(command(colleague.id, myself)) == Err(OwnAccount())
        assert isinstance(await world.bus.execute(command(student.id, STAFF)), Ok)
    assert [type(event) for event in (await world.events())[-2:]] == [
        contract.UserDeactivated,
        contract.UserReactivated,
    ]


async def test_provisioning_twice_leaves_the_first_account_as_it_is(world: World) -> None:
    user = await provisioned(world)
    again = await world.bus.execute(ProvisionUser(user.email, NEW, UserRole.STAFF, Profile("Other")))
    assert isinstance(again, Ok)
    assert (again.value.id, again.value.password, again.value.role) == (user.id, KEPT, UserRole.STUDENT)
    assert [type(event) for event in await world.events()] == [contract.UserRegistered, contract.UserVerified]
