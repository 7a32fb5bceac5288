"""The cached boards hear of what a rebuild of the game has changed."""

from datetime import UTC, datetime

import pytest

from babyowl_chassis.ids import new_id

from .logs import house
from .reports import exercise

pytestmark = pytest.mark.infra

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


async def test_whoever_has_other_points_after_a_rebuild_gets_another_place(postgres_admin_url: str) -> None:
    async with house(postgres_admin_url) as home:
        database, ada, ben = home.live.resources.database, new_id(), new_id()
        for student, name in ((ada, "Ada"), (ben, "Ben")):
            await home.knows(student, name)
            await home.happen(exercise(student, MORNING), at=MORNING)
        await home.settle()
        await database.execute("UPDATE scores SET xp = xp + 7 WHERE player_id = $1", ada)
        await database.execute("DELETE FROM stale_places")
        await home.rebuild()
        assert ada in await database.fetchval("SELECT array_agg(player_id) FROM stale_places")
        # And what serves now goes on telling of its changes.
        await database.execute("DELETE FROM stale_places")
        await database.execute("UPDATE scores SET xp = xp + 7 WHERE player_id = $1", ben)
        assert await database.fetchval("SELECT array_agg(player_id) FROM stale_places") == [ben]
