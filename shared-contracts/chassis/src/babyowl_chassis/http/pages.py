"""Cursor pages: stable while rows come and go, and no offset to count through."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from babyowl_chassis.http.bodies import storable
from babyowl_chassis.refused import Refused
from babyowl_kernel import Invalid

T = TypeVar("T")
R = TypeVar("R")

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


class Page(BaseModel, Generic[T]):
    """One page; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class InvalidCursor(Invalid):
    """The cursor is not one of ours."""

    @property
    def reason(self) -> str:
        """One sentence for the person who asked."""
        return "This cursor is not valid; start from the first page."


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for. `after` holds the sort key of the last row seen, or None for the first page."""

    limit: int
    after: tuple[Any, ...] | None
    request: Request
    response: Response

    def after_as(self, *types: type) -> tuple[Any, ...] | None:
        """The sort key, checked against the types a query expects. Refuses a cursor made for another list."""
        if self.after is None:
            return None
        if len(self.after) != len(types) or not all(map(isinstance, self.after, types)):
            raise Refused(InvalidCursor())
        return self.after


async def _page_request(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> PageRequest:
    return PageRequest(limit, None if cursor is None else _decode(cursor), request, response)


PageParams = Annotated[PageRequest, Depends(_page_request)]


def page(
    rows: Sequence[R], params: PageRequest, *, key: Callable[[R], tuple[Any, ...]], view: Callable[[R], T]
) -> Page[T]:
    """The page of rows that a query found when asked for one more than the limit; sets the `Link` header."""
    shown = rows[: params.limit]
    if len(rows) <= params.limit:
        return Page(items=[view(row) for row in shown])
    cursor = _encode(key(shown[-1]))
    following = params.request.url.include_query_params(cursor=cursor, limit=params.limit)
    params.response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Page(items=[view(row) for row in shown], next_cursor=cursor)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)


def _number(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError("no database holds this number")
    return number


_TAGS: dict[str, Callable[[str], Any]] = {
    "u": UUID,
    "t": _moment,
    "d": date.fromisoformat,
    "i": _number,
    "s": storable,
}


def _tagged(value: Any) -> str:
    match value:
        case UUID():
            return f"u{value}"
        case datetime():
            return f"t{value.isoformat()}"
        case date():
            return f"d{value.isoformat()}"
        case int():
            return f"i{value}"
        case str():
            return f"s{value}"
    raise TypeError(f"no cursor can be made of {value!r}")


def _encode(key: tuple[Any, ...]) -> str:
    text = json.dumps([_tagged(value) for value in key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[Any, ...]:
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not (isinstance(parts, list) and all(isinstance(part, str) for part in parts)):
            raise ValueError("not a list of tagged strings")
        return tuple(_TAGS[part[:1]](part[1:]) for part in parts)
    except (binascii.Error, ValueError, KeyError, OverflowError, RecursionError) as error:
        raise Refused(InvalidCursor()) from error
