"""What a worker does from time to time: on one replica at a time, and again after a failure."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jars

from babyowl_chassis import inbox
from babyowl_chassis.ids import new_id
from babyowl_chassis.service import Parts, Periodic, Resources, Service, opened
from babyowl_chassis.testing import Serving, eventually, serving
from babyowl_chassis.testing.tokens import public_keys
from babyowl_chassis.worker import on_one_replica
from babyowl_chassis.worker import working as at_work

HELD = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
WHERE locktype = 'advisory' AND datname = current_database()
"""


class Chore:
    """Counts how often it is done, and how many do it at once."""

    def __init__(self, *failures: Exception) -> None:
        self.done = self.under_way = self.most_at_once = 0
        self.failures = list(failures)

    async def run(self) -> None:
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            for _ in range(20):
                await asyncio.sleep(0)
        finally:
            self.under_way -= 1
        if self.failures:
            raise self.failures.pop()
        self.done += 1


def with_chore(chore: Chore) -> Service:
    @asynccontextmanager
    async def build(resources: Resources) -> AsyncIterator[Parts]:
        async with jars.build(resources) as parts:
            yield dataclasses.replace(parts, periodic=[Periodic("chore", every=0.001, run=chore.run)])

    return dataclasses.replace(jars.service, build=build)


async def test_periodic_work_is_done_by_one_replica_at_a_time(servers: dict[str, Any]) -> None:
    chore = Chore()
    async with serving(service := with_chore(chore), **servers) as first:
        settings = first.resources.settings
        async with opened(service, settings, keys=public_keys()) as second, at_work(second):
            await eventually(lambda: chore.done >= 50)
    assert chore.most_at_once == 1


async def more_is_done(chore: Chore, times: int) -> None:
    expected = chore.done + times
    await eventually(lambda: chore.done >= expected)


async def test_a_replica_that_stops_in_the_middle_leaves_the_work_to_the_other(servers: dict[str, Any]) -> None:
    chore = Chore()
    async with serving(service := with_chore(chore), **servers) as first:
        for _ in range(10):
            async with opened(service, first.resources.settings, keys=public_keys()) as second, at_work(second):
                await more_is_done(chore, 1)
        await more_is_done(chore, 10)


async def test_no_lock_goes_back_to_the_pool_whenever_the_work_is_cancelled(served: Serving) -> None:
    database, chore = served.resources.database, Chore()
    for turns in range(60):
        work = asyncio.create_task(on_one_replica("chore", Periodic("chore", every=1, run=chore.run), database))
        for _ in range(turns):
            await asyncio.sleep(0)
        work.cancel()
        await asyncio.wait([work])
    assert await database.fetchval(HELD) == 0


async def test_work_that_failed_is_tried_again_next_time(servers: dict[str, Any]) -> None:
    chore = Chore(ValueError("fault"), ConnectionError("fault"))
    async with serving(with_chore(chore), **servers):
        await eventually(lambda: chore.done >= 2)
    assert chore.failures == []


async def test_the_inbox_forgets_after_a_month_and_not_before(served: Serving) -> None:
    database = served.resources.database
    await inbox.note(database, "jars.counting", new_id())
    assert await inbox.forget_old(database) == 0
    await database.execute("UPDATE inbox SET received_at = now() - interval '30 days 1 minute'")
    assert await inbox.forget_old(database) == 1
