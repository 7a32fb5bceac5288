"""Rows are streamed from a cursor: of any number in little memory, whole or visibly cut, and nothing is left open."""

import asyncio
import csv
import io
import socket
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from jars import MarbleView, service

from babyowl_chassis.http import streams
from babyowl_chassis.http.streams import Format, csv_cell
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, eventually, serving

INVENTORY = "/api/v1/jars/inventory"
MANY = 100_000
FILL = """
WITH jar AS (INSERT INTO jars (id, version, label, capacity, notes) VALUES ($1, 1, $2, 1000, '[]') RETURNING id)
INSERT INTO marbles (jar_id, id, added_at)
SELECT jar.id, gen_random_uuid(), now() FROM jar, generate_series(1, $3::int)
"""


async def fill(served: Serving, label: str, marbles: int) -> UUID:
    jar_id = new_id()
    await served.resources.database.execute(FILL, jar_id, label, marbles)
    return jar_id


@pytest.fixture
async def full(postgres_admin_url: str, redis_url: str) -> AsyncIterator[Serving]:
    """A jar with a hundred thousand marbles, and so few connections that one left open is missed."""
    settings: dict[str, Any] = {"redis_url": redis_url, "database_pool_size": 2}
    async with serving(service, admin_url=postgres_admin_url, **settings) as served:
        await fill(served, "full", MANY)
        yield served


class Client:
    """A client at the ASGI interface, which reads as slowly as it likes and leaves when it likes."""

    def __init__(self, served: Serving, *, query: str = "") -> None:
        self._app = served.running.web
        authorization = f"Bearer {served.token('student')}".encode()
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": INVENTORY,
            "raw_path": INVENTORY.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"authorization", authorization)],
            "server": ("service", 80),
            "client": ("127.0.0.1", 1),
            "state": {},
        }
        self.sizes: list[int] = []
        self.status = 0
        self.is_complete = False
        self.has_left = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()

    async def ask(self) -> None:
        await self._app(self._scope, self._receive, self._send)

    def has_read_some(self) -> bool:
        return len(self.sizes) > 3

    async def _receive(self) -> dict[str, Any]:
        await self.has_left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        self.sizes.append(len(message.get("body", b"")))
        self.is_complete = not message.get("more_body", False)


def idle(served: Serving) -> bool:
    reader = served.resources.reader
    return reader.get_idle_size() == reader.get_size()


async def cut_readers(served: Serving) -> None:
    await served.resources.database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%-reader'"
        " AND datname = current_database()"
    )


class TestForms:
    async def test_rows_come_as_json_or_as_csv(self, served: Serving) -> None:
        jar_id = await fill(served, "blue", 2)
        rows = await served.resources.database.fetch("SELECT id FROM marbles WHERE jar_id = $1 ORDER BY id", jar_id)
        ids = [str(row["id"]) for row in rows]
        student = served.as_("student")
        as_json = await student.get(INVENTORY)
        assert as_json.headers["content-type"] == "application/json"
        assert [item["marble_id"] for item in as_json.json()["items"]] == ids
        as_csv = await student.get(INVENTORY, headers={"Accept": "text/csv"})
        assert as_csv.headers["content-type"] == "text/csv; charset=utf-8; header=present"
        assert as_csv.headers["content-disposition"] == 'attachment; filename="inventory.csv"'
        header, *lines = csv.reader(io.StringIO(as_csv.text, newline=""))
        assert header == ["label", "capacity", "marble_id", "added_at"]
        assert [line[:3] for line in lines] == [["blue", "1000", one] for one in ids]
        assert as_csv.content.count(b"\r\n") == 3

    async def test_no_rows_are_a_header_or_an_empty_list(self, served: Serving) -> None:
        student = served.as_("student")
        assert (await student.get(INVENTORY)).json() == {"items": []}
        assert (await student.get(f"{INVENTORY}?format=csv")).text == "label,capacity,marble_id,added_at\r\n"

    @pytest.mark.parametrize("rows", [streams.BATCH - 1, streams.BATCH, streams.BATCH + 1, 2 * streams.BATCH])
    @pytest.mark.parametrize("form", Format)
    async def test_batches_join_without_a_seam(self, served: Serving, rows: int, form: Format) -> None:
        await fill(served, "seam", rows)
        answer = await served.as_("student").get(INVENTORY, params={"format": form})
        if form is Format.JSON:
            assert len({item["marble_id"] for item in answer.json()["items"]}) == rows
        else:
            assert len(list(csv.DictReader(io.StringIO(answer.text, newline="")))) == rows

    @pytest.mark.parametrize(
        ("accept", "form"),
        [
            ("", "application/json"),
            ("*/*", "application/json"),
            ("text/*", "text/csv"),
            ("text/csv, application/json", "application/json"),
            ("text/csv, application/json;q=0.9", "text/csv"),
            ("Text/CSV; q=0.5", "text/csv"),
            ("application/json;q=0, */*", "text/csv"),
            ("text/html, */*;q=0.1", "application/json"),
        ],
    )
    async def test_accept_says_the_form(self, served: Serving, accept: str, form: str) -> None:
        answer = await served.as_("student").get(INVENTORY, headers={"Accept": accept})
        assert answer.headers["content-type"].partition(";")[0] == form
        assert answer.headers["vary"] == "Accept"

    async def test_format_outdoes_accept(self, served: Serving) -> None:
        answer = await served.as_("student").get(f"{INVENTORY}?format=csv", headers={"Accept": "application/json"})
        assert answer.headers["content-type"].startswith("text/csv")

    @pytest.mark.parametrize("accept", ["text/html", "text/csv;q=0", "text/csv;q=much", "*/*;q=0"])
    async def test_a_form_there_is_not_is_refused(self, served: Serving, accept: str) -> None:
        answer = await served.as_("student").get(INVENTORY, headers={"Accept": accept})
        assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")

    def test_both_forms_are_documented(self) -> None:
        answers = service.app().openapi()["paths"][INVENTORY]["get"]["responses"]
        assert set(answers["200"]["content"]) == {"application/json", "text/csv"}
        assert answers["200"]["content"]["application/json"]["schema"]["$ref"].endswith("Items_MarbleView_")
        assert "406" in answers


class TestCells:
    @pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
    async def test_no_text_becomes_a_formula(self, served: Serving, sign: str) -> None:
        label = f"{sign}HYPERLINK(A1)"
        await fill(served, label, 1)
        student = served.as_("student")
        answer = await student.get(f"{INVENTORY}?format=csv")
        [line] = csv.DictReader(io.StringIO(answer.text, newline=""))
        assert line["label"] == f"'{label}"
        [item] = (await student.get(INVENTORY)).json()["items"]
        assert item["label"] == label

    @pytest.mark.parametrize(
        ("value", "cell"),
        [
            (None, ""),
            (True, "true"),
            (-5, "-5"),
            (-0.25, "-0.25"),
            ("Zoë 🦉", "Zoë 🦉"),
            ("a,b", '"a,b"'),
            ("a;b", '"a;b"'),
            ('say "owl"', '"say ""owl"""'),
            ("two\r\nlines", '"two\r\nlines"'),
            (" edge", '" edge"'),
            ("=1", "'=1"),
            ('=1,"', '"\'=1,"""'),
            ("5-3", "5-3"),
        ],
    )
    def test_a_cell_is_quoted_where_it_must_be(self, value: object, cell: str) -> None:
        assert csv_cell(value) == cell

    def test_what_is_no_single_value_is_no_cell(self) -> None:
        with pytest.raises(TypeError):
            csv_cell(["a", "b"])


@contextmanager
def memory() -> Iterator[list[int]]:
    """The most bytes that Python held at once within, beyond what it held before."""
    peak: list[int] = []
    tracemalloc.start()
    try:
        yield peak
        peak.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


class TestLength:
    @pytest.mark.parametrize("form", Format)
    async def test_a_hundred_thousand_rows_come_in_small_pieces(self, full: Serving, form: Format) -> None:
        client = Client(full, query=f"format={form}")
        with memory() as peak:
            await client.ask()
        assert client.is_complete
        assert sum(client.sizes) > MANY * 50
        assert len(client.sizes) >= MANY / streams.BATCH
        assert max(client.sizes) < streams.BATCH * 250
        assert peak[0] < sum(client.sizes) / 3

    async def test_nothing_is_read_ahead_of_a_slow_client(self, full: Serving) -> None:
        client = Client(full)
        client.reads.clear()
        asking = asyncio.create_task(client.ask())
        await eventually(lambda: not idle(full))
        client.reads.set()
        await eventually(client.has_read_some)
        client.reads.clear()
        seen = len(client.sizes)
        await full.as_("student").get("/api/v1/jars")  # others are served meanwhile
        assert len(client.sizes) == seen
        client.reads.set()
        await asking
        assert client.is_complete


class TestLeaving:
    async def test_a_client_that_leaves_frees_its_connection(self, full: Serving) -> None:
        for _ in range(3):  # more often than there are connections
            client = Client(full)
            asking = asyncio.create_task(client.ask())
            await eventually(client.has_read_some)
            client.reads.clear()
            client.has_left.set()
            await asking
            assert not client.is_complete
            assert idle(full)
        assert await full.resources.reader.fetchval("SELECT count(*) FROM marbles") == MANY

    async def test_streams_leave_a_connection_for_short_reads(self, full: Serving) -> None:
        slow, later = Client(full), Client(full)
        asking = asyncio.create_task(slow.ask())
        await eventually(slow.has_read_some)
        slow.reads.clear()
        waiting = asyncio.create_task(later.ask())
        assert (await full.as_("student").get("/api/v1/jars")).status_code == 200
        assert later.status == 0
        slow.has_left.set()
        await asyncio.gather(asking, waiting)
        assert (later.status, later.is_complete) == (200, True)


class TestFaults:
    async def test_a_fault_before_the_first_row_is_a_problem(self, served: Serving) -> None:
        await served.resources.database.execute("ALTER TABLE marbles RENAME TO lost_marbles")
        answer = await served.as_("student").get(INVENTORY)
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        assert idle(served)

    async def test_a_first_row_that_does_not_come_is_a_problem(
        self, served: Serving, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(streams, "MAX_SECONDS", 0.05)
        async with served.resources.database.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE marbles")
            answer = await served.as_("student").get(INVENTORY)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert idle(served)

    async def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one(self, full: Serving) -> None:
        client = Client(full)
        asking = asyncio.create_task(client.ask())
        await eventually(client.has_read_some)
        client.reads.clear()
        await cut_readers(full)
        client.reads.set()
        with pytest.raises(RuntimeError):
            await asking
        assert (client.status, client.is_complete) == (200, False)

    async def test_who_reads_for_too_long_is_cut_off(self, full: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streams, "MAX_SECONDS", 1.0)
        client = Client(full)
        asking = asyncio.create_task(client.ask())
        await eventually(client.has_read_some)
        client.reads.clear()
        with pytest.raises(RuntimeError):
            await asking
        assert not client.is_complete
        assert idle(full)


@asynccontextmanager
async def listening(served: Serving) -> AsyncIterator[int]:
    """The service on a port, as it runs in a house."""
    server = uvicorn.Server(uvicorn.Config(served.running.web, lifespan="off", log_config=None))
    door = socket.create_server(("127.0.0.1", 0))
    serving_there = asyncio.create_task(server.serve([door]))
    try:
        await eventually(lambda: server.started)
        yield door.getsockname()[1]
    finally:
        server.should_exit = True
        await serving_there


class TestOnAPort:
    @asynccontextmanager
    async def asked(self, full: Serving) -> "AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]":
        """A client that has asked, and read the beginning."""
        async with listening(full) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
            token = full.token("student")
            writer.write(f"GET {INVENTORY} HTTP/1.1\r\nHost: jars\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
            assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
            try:
                yield reader, writer
            finally:
                writer.close()

    async def test_a_client_that_hangs_up_frees_its_connection(self, full: Serving) -> None:
        async with self.asked(full) as (_, writer):
            assert not idle(full)
            writer.transport.abort()
            await eventually(lambda: idle(full))

    async def test_a_broken_answer_ends_without_the_end_of_a_whole_one(self, full: Serving) -> None:
        async with self.asked(full) as (reader, _):
            await cut_readers(full)
            received = await reader.read()
        assert b"chunked" in received
        assert not received.endswith(b"0\r\n\r\n")


async def test_a_stream_needs_a_token_like_any_route(served: Serving) -> None:
    assert (await served.client.get(INVENTORY)).status_code == 401


def test_the_view_names_the_columns() -> None:
    assert list(MarbleView.model_fields) == ["label", "capacity", "marble_id", "added_at"]
