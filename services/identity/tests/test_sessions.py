"""The rulebook of sessions: what a refresh token is good for, and when."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from babyowl_chassis.ids import new_id
from babyowl_kernel import Err, Ok
from identity.domain.errors import RefreshTokenInvalid
from identity.domain.sessions import Presented, RefreshToken, Repeat, Revoke, Rotate, Session, judge
from identity.domain.values import TokenHash, UserRole, UserStatus

from .world import START

SESSION = Session(new_id(), new_id(), epoch=3, began_at=START)
FIRST_USE = Presented(
    session=SESSION,
    generation=0,
    expires_at=START + timedelta(days=30),
    uses=1,
    first_used_at=START,
    session_revoked=False,
    role=UserRole.STUDENT,
    status=UserStatus.ACTIVE,
    epoch=3,
)


def second_use(*, after: timedelta) -> tuple[Presented, datetime]:
    return replace(FIRST_USE, uses=2), START + after


def test_the_first_use_brings_the_successor_into_being() -> None:
    assert judge(FIRST_USE, now=START) == Ok(Rotate())


@pytest.mark.parametrize("seconds", [0, 9, 10])
def test_two_tabs_that_wake_together_get_the_same_successor(seconds: int) -> None:
    presented, now = second_use(after=timedelta(seconds=seconds))
    assert judge(presented, now=now) == Ok(Repeat())


@pytest.mark.parametrize("later", [timedelta(seconds=10, microseconds=1), timedelta(days=3)])
def test_a_spent_token_that_comes_back_later_was_copied(later: timedelta) -> None:
    presented, now = second_use(after=later)
    assert judge(presented, now=now) == Ok(Revoke())


@pytest.mark.parametrize(
    "ended",
    [
        replace(FIRST_USE, session_revoked=True),
        replace(FIRST_USE, epoch=4),
        replace(FIRST_USE, status=UserStatus.DEACTIVATED),
        replace(FIRST_USE, expires_at=START),
        replace(FIRST_USE, session=replace(SESSION, began_at=START - timedelta(days=90))),
        replace(FIRST_USE, session_revoked=True, uses=2),
    ],
    ids=["revoked", "all ended", "deactivated", "token expired", "session too old", "revoked and reused"],
)
def test_an_ended_session_cannot_be_refreshed(ended: Presented) -> None:
    assert judge(ended, now=START) == Err(RefreshTokenInvalid())


def test_a_refresh_token_lives_thirty_days_but_not_longer_than_its_session() -> None:
    early = RefreshToken.of(SESSION, TokenHash(b"1"), 1, START + timedelta(days=1))
    late = RefreshToken.of(SESSION, TokenHash(b"2"), 2, START + timedelta(days=80))
    assert early.expires_at == START + timedelta(days=31)
    assert late.expires_at == START + timedelta(days=90)
