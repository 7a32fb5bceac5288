import asyncio

import asyncpg
import jars

from babyowl_chassis.ids import new_id
from babyowl_chassis.migrations import migrate
from babyowl_chassis.testing import Serving, assert_migrations_match, eventually, fresh_database
from babyowl_contracts.learning import CourseCompleted, CourseCreated

JARS = "/api/v1/jars"


async def test_the_migrations_are_what_the_tables_declare(postgres_admin_url: str) -> None:
    await assert_migrations_match(jars.service, postgres_admin_url)


async def test_a_command_and_its_events_are_written_together(served: Serving) -> None:
    answer = await served.as_("staff").post(JARS, json={"label": "blue", "capacity": 2})
    assert answer.status_code == 201, answer.text
    [event] = await served.events(CourseCreated)
    assert str(event.subject) == answer.json()["id"]
    assert event.aggregateseq == 1


async def test_a_refused_command_leaves_nothing_behind(served: Serving) -> None:
    staff = served.as_("staff")
    await staff.post(JARS, json={"label": "blue", "capacity": 2})
    answer = await staff.post(JARS, json={"label": "blue", "capacity": 3})
    assert (answer.status_code, answer.json()["code"]) == (409, "label_taken")
    assert len(await served.events()) == 1


async def test_fifty_writers_fill_a_jar_to_its_capacity_and_no_further(served: Serving) -> None:
    staff = served.as_("staff")
    jar = (await staff.post(JARS, json={"label": "race", "capacity": 6})).json()["id"]
    answers = await asyncio.gather(*(staff.put(f"{JARS}/{jar}/marbles/{new_id()}") for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [204] * 6 + [409] * 44
    events = await served.events(CourseCompleted)
    assert [event.aggregateseq for event in events] == [2, 3, 4, 5, 6, 7]


async def test_an_event_goes_out_through_the_broker_and_counts_once(working: Serving) -> None:
    staff = working.as_("staff")
    jar = (await staff.post(JARS, json={"label": "far", "capacity": 100})).json()["id"]
    await asyncio.gather(*(staff.put(f"{JARS}/{jar}/marbles/{new_id()}") for _ in range(20)))

    async def all_counted() -> bool:
        counts = await working.resources.database.fetch("SELECT times FROM counts")
        return [row["times"] for row in counts] == [1] * 21

    await eventually(all_counted, timeout=30)
    assert await eventually(lambda: outbox_is_empty(working))


async def outbox_is_empty(working: Serving) -> bool:
    return bool(await working.resources.database.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"))


async def test_a_url_may_name_another_schema_to_migrate(postgres_admin_url: str) -> None:
    async with fresh_database(jars.service, postgres_admin_url) as url:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("CREATE SCHEMA beside")
            await migrate(jars.service, f"{url}?search_path=beside")
            found = await connection.fetch("SELECT schemaname FROM pg_tables WHERE tablename = 'jars'")
        finally:
            await connection.close()
    assert {row["schemaname"] for row in found} == {"public", "beside"}
