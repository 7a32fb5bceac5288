"""Calendars behind secret links, for programs that cannot sign in."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from babyowl_chassis.http import CurrentUser, Reader, State, UnkeyedBus, View, accepted, refused
from babyowl_chassis.ids import utc_now
from class_management.application.commands.open_calendar_feed import OpenCalendarFeed
from class_management.application.commands.revoke_calendar_feed import RevokeCalendarFeed
from class_management.domain.errors import CalendarLinkNotFound
from class_management.domain.feeds import CalendarFeed, digest_of
from class_management.interfaces.calendar.file import MEDIA_TYPE, CalendarFile
from class_management.interfaces.http.sight import TheSight
from class_management.queries.calendars import CalendarEntry, calendar_entries, feed_in_sight

router = APIRouter(prefix="/api/v1", tags=["Calendars"])

FEED_PATH = "/calendars/{token}.ics"
TITLE = "Baby Owl"
"""Of a person's own calendar; that of a class has the name of the class."""

TheLinkBase = Annotated[str, State("link_base")]


class CalendarResponse(Response):
    """An iCalendar file."""

    media_type = MEDIA_TYPE


class CalendarLinkView(View):
    """A link to subscribe to. Whoever has it reads the calendar; it is shown this once and kept nowhere."""

    url: str
    class_id: UUID | None
    created_at: datetime
    renewed_at: datetime


@router.post("/classes/{class_id}/calendar-link", status_code=201)
async def open_class_calendar(
    sight: TheSight, user: CurrentUser, bus: UnkeyedBus, link_base: TheLinkBase
) -> CalendarLinkView:
    """A link of mine to the calendar of a class; the one I had before leads nowhere any more.

    A repeat gives another link, whatever its Idempotency-Key: no answer is kept that would tell the first.
    """
    return await _opened(bus, link_base, owner_id=user.user_id, class_id=sight.class_id)


@router.delete("/classes/{class_id}/calendar-link", status_code=204)
async def revoke_class_calendar(class_id: UUID, user: CurrentUser, bus: UnkeyedBus) -> None:
    """Let my link to the calendar of a class lead nowhere any more."""
    accepted(await bus.execute(RevokeCalendarFeed(owner_id=user.user_id, class_id=class_id)))


@router.post("/calendar-link", status_code=201)
async def open_my_calendar(user: CurrentUser, bus: UnkeyedBus, link_base: TheLinkBase) -> CalendarLinkView:
    """A link to all meetings I attend or teach; the one I had before leads nowhere any more.

    A repeat gives another link, whatever its Idempotency-Key: no answer is kept that would tell the first.
    """
    return await _opened(bus, link_base, owner_id=user.user_id, class_id=None)


@router.delete("/calendar-link", status_code=204)
async def revoke_my_calendar(user: CurrentUser, bus: UnkeyedBus) -> None:
    """Let the link to my calendar lead nowhere any more."""
    accepted(await bus.execute(RevokeCalendarFeed(owner_id=user.user_id, class_id=None)))


@router.head(FEED_PATH, include_in_schema=False)
@router.get(
    FEED_PATH,
    response_class=CalendarResponse,
    responses={
        200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
        304: {"description": "It is still as the `ETag` says, or since `Last-Modified`"},
    },
)
async def read_calendar(
    token: Annotated[str, Path(description="What the link ends with.")], request: Request, db: Reader
) -> Response:
    """The calendar of a link, as iCalendar: what its owner may see now, from 60 days ago to two years ahead.

    404 alike for a link that never was, that was revoked, and whose owner may not see the class any more.
    """
    now = utc_now()
    feed = await feed_in_sight(db, digest_of(token))
    if feed is None:
        raise refused(CalendarLinkNotFound())
    entries = await calendar_entries(db, feed, now=now)
    file = CalendarFile(feed.class_name or TITLE, entries)
    modified = _last_modified(entries, now)
    headers = {
        "ETag": file.etag,
        "Last-Modified": format_datetime(modified, usegmt=True),
        "Cache-Control": "private, no-cache",
    }
    if _has_seen(request.headers, file.etag, modified):
        return Response(status_code=304, headers=headers)
    # A long calendar takes a tenth of a second, for which nobody else shall wait.
    return CalendarResponse(await run_in_threadpool(file.content), headers=headers)


async def _opened(bus: UnkeyedBus, link_base: str, *, owner_id: UUID, class_id: UUID | None) -> CalendarLinkView:
    token = secrets.token_urlsafe(32)
    command = OpenCalendarFeed(owner_id=owner_id, class_id=class_id, token_digest=digest_of(token))
    feed: CalendarFeed = accepted(await bus.execute(command))
    return CalendarLinkView(
        url=link_base + router.prefix + FEED_PATH.format(token=token),
        class_id=feed.class_id,
        created_at=feed.created_at,
        renewed_at=feed.renewed_at,
    )


def _last_modified(entries: list[CalendarEntry], now: datetime) -> datetime:
    # Never before today: a class that is renamed, a seat that is given up change the calendar and no meeting of it,
    # and a program that knows no ETag learns of them a day later.
    midnight = datetime.combine(now.date(), time(), tzinfo=UTC)
    return max([midnight, *[entry.changed_at for entry in entries]]).replace(microsecond=0)


def _has_seen(sent: Mapping[str, Any], etag: str, modified: datetime) -> bool:
    tags: str | None = sent.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    try:
        return parsedate_to_datetime(sent.get("if-modified-since", "")) >= modified
    except (TypeError, ValueError, OverflowError):  # no date, one without its zone, or none that ever comes
        return False
