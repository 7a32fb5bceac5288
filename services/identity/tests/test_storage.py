"""What is kept comes back whole, and the schema is what the tables declare."""

from dataclasses import replace
from datetime import timedelta

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import assert_migrations_match, assert_rows_round_trip
from identity.application.tokens import ChallengeTokens
from identity.bootstrap import service
from identity.domain.values import Challenge, ChallengePurpose, Profile, UserRole, UserStatus
from identity.infrastructure.mappers import USERS

from .world import SECRET, START, a_user


async def test_the_migrations_make_what_the_tables_declare(postgres_admin_url: str) -> None:
    await assert_migrations_match(service, postgres_admin_url)


def test_no_field_of_an_account_is_lost_on_the_way_to_the_rows_and_back() -> None:
    seal = ChallengeTokens(SECRET).seal
    user = replace(
        a_user(role=UserRole.INSTRUCTOR),
        version=7,
        status=UserStatus.ACTIVE,
        profile=Profile("Ana", "https://pictures.example/ana.png", "Asia/Jakarta", "id"),
        verified_at=START,
        epoch=3,
        epoch_began_at=START + timedelta(days=1),
        challenges={purpose: Challenge.issue(new_id(), purpose, seal, START) for purpose in ChallengePurpose},
    )
    assert_rows_round_trip(USERS, user)
