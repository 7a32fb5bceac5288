"""Answers of any length: rows of one statement, from a cursor straight to the client, as JSON or CSV.

In memory there is a batch of rows, however many the statement finds.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Generic, Protocol, TypeVar

from asyncpg import Record
from asyncpg.cursor import Cursor
from fastapi import Depends, HTTPException, Query, Request
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from babyowl_chassis.database import ACQUIRE_TIMEOUT, Pool, lent
from babyowl_chassis.http.bodies import View
from babyowl_chassis.http.problems import documented
from babyowl_chassis.sql import Select

T = TypeVar("T")

BATCH = 200
"""Rows that are in memory at once."""

MAX_SECONDS = 300.0
"""A client that reads more slowly is cut off: its connection to the database is needed."""

_CSV_SPECIAL = re.compile(r'[",;\r\n\t]|^ | $')
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Format(StrEnum):
    """The forms in which rows are sent."""

    JSON = "json"
    CSV = "csv"


class Items(BaseModel, Generic[T]):
    """All of them; streamed, so of any length."""

    items: list[T]


class Streams:
    """Cursors over the read pool; at most so many at once that a short read always finds a connection."""

    def __init__(self, pool: Pool, *, at_once: int) -> None:
        self._pool = pool
        self._turns = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def cursor(self, select: Select) -> AsyncIterator["Cursor[Record]"]:
        """The statement's rows in one read-only transaction. Raises TimeoutError if no turn comes within 5 s."""
        async with asyncio.timeout(ACQUIRE_TIMEOUT.total_seconds()):
            await self._turns.acquire()
        try:
            async with lent(self._pool) as connection, connection.transaction(readonly=True):
                yield await connection.cursor(select.text, *select.arguments)
        finally:
            self._turns.release()


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """Where the rows come from, and in which form they are wanted."""

    streams: Streams
    format: Format


async def _stream_request(
    request: Request,
    wanted: Annotated[
        Format | None, Query(alias="format", description="Instead of the `Accept` header; JSON by default.")
    ] = None,
) -> StreamRequest:
    accept = ",".join(request.headers.getlist("accept"))
    return StreamRequest(request.app.state.streams, wanted or _accepted(accept))


StreamParams = Annotated[StreamRequest, Depends(_stream_request)]


def stream(select: Select, params: StreamRequest, *, view: type[View], name: str) -> Response:
    """The answer with all rows of the statement, each as the view shows it; `name` is that of the CSV file."""
    return _RowStream(params.streams, select, _FORMS[params.format](view), name)


def streamed(view: type[View]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries of a route that answers with a stream: `responses=streamed(LineView)`."""
    header = ",".join(view.model_fields)
    description = (
        "All rows, as `Accept` or `format` says. CSV is that of RFC 4180 in UTF-8 with a header row; a text that a "
        "spreadsheet would take for a formula has an apostrophe before it."
    )
    both: dict[int | str, dict[str, Any]] = {
        200: {
            "model": Items[view],  # type: ignore[valid-type]
            "description": description,
            "content": {"text/csv": {"schema": {"type": "string"}, "example": f"{header}\r\n"}},
        }
    }
    return both | documented(406)


class _Form(Protocol):
    media_type: str
    extension: str

    def head(self) -> bytes: ...
    def rows(self, rows: Sequence[Record], *, are_first: bool) -> bytes: ...
    def tail(self) -> bytes: ...


class _Json:
    media_type = "application/json"
    extension = "json"

    def __init__(self, view: type[View]) -> None:
        self._view = view

    def head(self) -> bytes:
        return b'{"items":['

    def rows(self, rows: Sequence[Record], *, are_first: bool) -> bytes:
        text = ",".join(self._view.of(dict(row)).model_dump_json() for row in rows)
        return (text if are_first else f",{text}").encode()

    def tail(self) -> bytes:
        return b"]}"


class _Csv:
    media_type = "text/csv; charset=utf-8; header=present"
    extension = "csv"

    def __init__(self, view: type[View]) -> None:
        self._view = view

    def head(self) -> bytes:
        return _line(self._view.model_fields)

    def rows(self, rows: Sequence[Record], *, are_first: bool) -> bytes:
        return b"".join(_line(self._view.of(dict(row)).model_dump(mode="json").values()) for row in rows)

    def tail(self) -> bytes:
        return b""


_FORMS: dict[Format, Callable[[type[View]], _Form]] = {Format.JSON: _Json, Format.CSV: _Csv}


def _line(values: Any) -> bytes:
    return (",".join(map(csv_cell, values)) + "\r\n").encode()


def csv_cell(value: object) -> str:
    """A value as CSV has it: quoted where it must be, and never a formula. A number stays one, below zero too."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str():
            shown = f"'{value}" if value.startswith(_FORMULA) else value
            return '"' + shown.replace('"', '""') + '"' if _CSV_SPECIAL.search(shown) else shown
    raise TypeError(f"{value!r} does not fit into one cell")


class _RowStream(Response):
    """Opens its cursor when it is sent, and closes it with the last row, or when the client goes away."""

    def __init__(self, streams: Streams, select: Select, form: _Form, name: str) -> None:
        self._streams = streams
        self._select = select
        self._form = form
        self.status_code = 200
        self.background = None
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        if isinstance(form, _Csv):
            headers["Content-Disposition"] = f'attachment; filename="{name}.{form.extension}"'
        self.media_type = form.media_type
        self.charset = "utf-8"
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream. What goes wrong before the first rows are there is raised before anything was sent."""
        sending = asyncio.ensure_future(self._send_rows(send))
        leaving = asyncio.ensure_future(_client_has_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Cancelled in its own task, wherever it stands, the stream gives its connection back at once.
            for task in (sending, leaving):
                task.cancel()
            outcomes = await asyncio.gather(sending, leaving, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    async def _send_rows(self, send: Send) -> None:
        async with asyncio.timeout(MAX_SECONDS), self._streams.cursor(self._select) as cursor:
            rows, are_first = await cursor.fetch(BATCH), True
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await _send_part(send, self._form.head())
            while rows:
                await _send_part(send, self._form.rows(rows, are_first=are_first))
                rows, are_first = await cursor.fetch(BATCH), False
        await send({"type": "http.response.body", "body": self._form.tail(), "more_body": False})


async def _send_part(send: Send, part: bytes) -> None:
    await send({"type": "http.response.body", "body": part, "more_body": True})


async def _client_has_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


_RANGES = {
    Format.JSON: ("application/json", "application/*", "*/*"),
    Format.CSV: ("text/csv", "text/*", "*/*"),
}
"""What in an Accept header means a form, the most specific first."""


def _accepted(accept: str) -> Format:
    if not accept.strip():
        return Format.JSON
    weights = dict(_weighed(part) for part in accept.split(","))
    liking = {
        form: next((weights[known] for known in ranges if known in weights), 0.0) for form, ranges in _RANGES.items()
    }
    best = max(liking, key=lambda form: liking[form])
    if not liking[best]:
        raise HTTPException(406, "This is there as application/json and as text/csv.")
    return best


def _weighed(part: str) -> tuple[str, float]:
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return media_range, float(value) if re.fullmatch(r"[01](\.\d{0,3})?", value) else 0.0
    return media_range, 1.0
