"""Cursor pages: stable while rows come and go, and no offset to count through."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

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


def _page_request(
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


_TAGS: dict[str, Callable[[str], Any]] = {
    "u": UUID,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "i": int,
    "s": str,
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
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = tuple(_TAGS[part[0]](part[1:]) for part in parts)
    except (binascii.Error, ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise Refused(InvalidCursor()) from error
    for value in values:
        naive = isinstance(value, datetime) and value.tzinfo is None
        unstorable = isinstance(value, str) and "\x00" in value
        too_large = isinstance(value, int) and abs(value) >= 2**63
        if naive or unstorable or too_large:
            raise Refused(InvalidCursor())
    return values
