"""The rulebook of accounts."""

from datetime import timedelta

import pytest

from babyowl_chassis.ids import new_id
from babyowl_kernel import Err, Ok
from identity.application.tokens import ChallengeTokens
from identity.domain import events
from identity.domain.errors import (
    AccountDeactivated,
    AccountNotPending,
    ChallengeExpired,
    ChallengeInvalid,
    PasswordRequired,
)
from identity.domain.user import User
from identity.domain.values import (
    CHALLENGE_LIFE,
    Challenge,
    ChallengePurpose,
    Email,
    PasswordHash,
    Profile,
    TokenHash,
    UserRole,
    UserStatus,
)

from .world import SECRET, START, a_user, an_active_user

seal = ChallengeTokens(SECRET).seal
NEW = PasswordHash("new")


def challenged(user: User) -> Challenge:
    outcome = user.request_verification(new_id(), seal, now=START)
    assert isinstance(outcome, Ok)
    return outcome.value


def reset_requested(user: User) -> Challenge:
    outcome = user.request_password_reset(new_id(), seal, now=START)
    assert isinstance(outcome, Ok)
    return outcome.value


def test_who_registers_is_a_student_whose_account_waits() -> None:
    user = User.register(new_id(), Email("ana@example.org"), NEW, Profile("Ana"), now=START)
    assert (user.role, user.status, user.created_by) == (UserRole.STUDENT, UserStatus.PENDING, None)
    assert user.collect_events() == [events.UserRegistered(user_id=user.id, role=UserRole.STUDENT, time_zone="UTC")]


def test_the_link_in_the_message_makes_the_account_active() -> None:
    user = a_user()
    challenge = challenged(user)
    assert user.verify(challenge.token_hash, password=None, now=START) == Ok(None)
    assert (user.status, user.verified_at, user.challenges) == (UserStatus.ACTIVE, START, {})
    assert user.collect_events() == [
        events.VerificationRequested(user_id=user.id, challenge_id=challenge.id),
        events.UserVerified(user_id=user.id),
    ]


def test_a_link_works_once() -> None:
    user = a_user()
    token = challenged(user).token_hash
    user.verify(token, password=None, now=START)
    assert user.verify(token, password=None, now=START) == Err(ChallengeInvalid())


def test_a_new_message_voids_the_older() -> None:
    user = a_user()
    older, newer = challenged(user), challenged(user)
    assert user.verify(older.token_hash, password=None, now=START) == Err(ChallengeInvalid())
    assert user.verify(newer.token_hash, password=None, now=START) == Ok(None)


def test_a_token_of_nobody_opens_nothing() -> None:
    user = a_user()
    challenged(user)
    assert user.verify(TokenHash(b"?" * 32), password=None, now=START) == Err(ChallengeInvalid())
    assert user.status is UserStatus.PENDING


@pytest.mark.parametrize("purpose", [ChallengePurpose.VERIFY_EMAIL, ChallengePurpose.INVITATION])
def test_a_link_works_until_its_term_and_not_a_moment_longer(purpose: ChallengePurpose) -> None:
    invited = purpose is ChallengePurpose.INVITATION
    user = a_user(password=None if invited else "kept")
    challenge = challenged(user)
    assert challenge.purpose is purpose
    term = START + CHALLENGE_LIFE[purpose]
    assert user.verify(challenge.token_hash, password=NEW, now=term) == Err(ChallengeExpired())
    assert user.verify(challenge.token_hash, password=NEW, now=term - timedelta(seconds=1)) == Ok(None)


def test_the_invited_choose_a_password_with_the_link() -> None:
    user = a_user(password=None)
    token = challenged(user).token_hash
    assert user.verify(token, password=None, now=START) == Err(PasswordRequired())
    assert user.verify(token, password=NEW, now=START) == Ok(None)
    assert user.password == NEW


def test_a_verification_link_changes_nobodys_password() -> None:
    user = a_user(password="kept")
    user.verify(challenged(user).token_hash, password=NEW, now=START)
    assert user.password == "kept"


def test_only_who_waits_gets_a_verification_message() -> None:
    assert an_active_user().request_verification(new_id(), seal, now=START) == Err(AccountNotPending())


def test_of_two_registrations_of_an_unproven_address_neither_password_counts() -> None:
    user = User.register(new_id(), Email("ana@example.org"), PasswordHash("strangers"), Profile("X"), now=START)
    older = challenged(user)
    user.collect_events()
    assert user.register_again(Profile("Ana", time_zone="Asia/Jakarta")) == Ok(None)
    assert (user.password, user.profile.display_name) == (None, "Ana")
    assert user.collect_events() == [events.ProfileUpdated(user_id=user.id, time_zone="Asia/Jakarta")]
    assert user.verify(older.token_hash, password=None, now=START) == Err(ChallengeInvalid())
    newer = challenged(user)
    assert newer.purpose is ChallengePurpose.INVITATION
    assert user.verify(newer.token_hash, password=None, now=START) == Err(PasswordRequired())
    assert user.verify(newer.token_hash, password=NEW, now=START) == Ok(None)
    assert user.password == NEW


@pytest.mark.parametrize("user", [a_user(role=UserRole.INSTRUCTOR), a_user(password=None), an_active_user()])
def test_nobody_registers_over_an_account_that_staff_made_or_that_is_proven(user: User) -> None:
    before = user.password
    assert user.register_again(Profile("Mallory")) == Err(AccountNotPending())
    assert (user.password, user.profile.display_name) == (before, "Ana")


def test_a_reset_ends_every_session_and_works_once() -> None:
    user = an_active_user()
    token = reset_requested(user).token_hash
    user.collect_events()
    assert user.reset_password(token, NEW, now=START) == Ok(None)
    assert (user.password, user.epoch, user.epoch_began_at) == (NEW, 1, START)
    assert user.collect_events() == [events.PasswordChanged(user_id=user.id)]
    assert user.reset_password(token, NEW, now=START) == Err(ChallengeInvalid())


def test_a_reset_link_works_for_an_hour() -> None:
    user = an_active_user()
    token = reset_requested(user).token_hash
    assert user.reset_password(token, NEW, now=START + timedelta(hours=1)) == Err(ChallengeExpired())
    assert user.reset_password(token, NEW, now=START + timedelta(minutes=59)) == Ok(None)


def test_a_reset_link_proves_the_address_too() -> None:
    user = a_user()
    user.reset_password(reset_requested(user).token_hash, NEW, now=START)
    assert user.status is UserStatus.ACTIVE
    assert events.UserVerified(user_id=user.id) in user.collect_events()


def test_a_verification_link_does_not_reset_and_a_reset_link_does_not_verify() -> None:
    user = a_user()
    verification, reset = challenged(user), reset_requested(user)
    assert user.reset_password(verification.token_hash, NEW, now=START) == Err(ChallengeInvalid())
    assert user.verify(reset.token_hash, password=NEW, now=START) == Err(ChallengeInvalid())


def test_a_changed_password_leaves_no_reset_link_open() -> None:
    user = an_active_user()
    token = reset_requested(user).token_hash
    user.change_password(NEW, now=START)
    assert user.reset_password(token, PasswordHash("thiefs"), now=START) == Err(ChallengeInvalid())


def test_a_deactivated_account_gets_no_reset_link_and_its_open_links_are_dead() -> None:
    user = an_active_user()
    token = reset_requested(user).token_hash
    user.deactivate(now=START)
    assert user.reset_password(token, NEW, now=START) == Err(ChallengeInvalid())
    assert user.request_password_reset(new_id(), seal, now=START) == Err(AccountDeactivated())


def test_deactivating_ends_every_session_once() -> None:
    user = an_active_user()
    user.deactivate(now=START)
    user.deactivate(now=START + timedelta(days=1))
    assert (user.status, user.epoch, user.epoch_began_at) == (UserStatus.DEACTIVATED, 1, START)
    assert user.collect_events() == [events.UserDeactivated(user_id=user.id)]


def test_a_reactivated_account_is_as_far_as_it_had_come() -> None:
    proven, waiting = an_active_user(), a_user()
    for user in (proven, waiting):
        user.deactivate(now=START)
        user.reactivate()
        user.reactivate()
    assert (proven.status, waiting.status) == (UserStatus.ACTIVE, UserStatus.PENDING)
    assert proven.collect_events()[1:] == [events.UserReactivated(user_id=proven.id)]


def test_another_role_means_signing_in_anew() -> None:
    user = an_active_user()
    user.change_role(UserRole.INSTRUCTOR, now=START)
    assert (user.role, user.epoch) == (UserRole.INSTRUCTOR, 1)
    assert user.collect_events() == [
        events.RoleChanged(user_id=user.id, role=UserRole.INSTRUCTOR, previous_role=UserRole.STUDENT)
    ]


def test_what_does_not_change_is_no_event() -> None:
    user = an_active_user()
    user.change_role(user.role, now=START)
    user.update_profile(user.profile)
    user.reactivate()
    assert (user.epoch, user.collect_events()) == (0, [])
