"""What a database of an earlier version keeps when it is brought up to date."""

import asyncpg
import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.migrations import differences, migrate
from babyowl_chassis.testing import fresh_database
from gamification.bootstrap import service

pytestmark = pytest.mark.infra

BEFORE_THE_FOLD = "0002"


async def test_who_hid_or_wore_a_mask_that_they_had_written_is_on_no_board_afterwards(
    postgres_admin_url: str,
) -> None:
    hidden, masked, seen = new_id(), new_id(), new_id()
    async with fresh_database(service, postgres_admin_url) as url:
        connection = await asyncpg.connect(url)
        try:
            schema = await connection.fetchval("SELECT current_schema()")
            await connection.execute(f"DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}")
            await migrate(service, url, to=BEFORE_THE_FOLD)
            await connection.executemany(
                "INSERT INTO players (id, version, total_xp, announced_level, leaderboard, alias, alias_key)"
                " VALUES ($1, 1, 120, 2, $2, $3, lower($3))",
                [(hidden, "hidden", None), (masked, "shown", "Owlet"), (seen, "shown", None)],
            )
            await migrate(service, url)
            kept = await connection.fetch("SELECT id, leaderboard, alias FROM appearances")
            assert {tuple(row) for row in kept} == {(hidden, "hidden", None), (masked, "hidden", None)}
            assert await connection.fetchval("SELECT count(*) FROM players") == 0
        finally:
            await connection.close()
        assert await differences(service, url) == []
