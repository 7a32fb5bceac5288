"""Let somebody's calendar link lead nowhere any more."""

from dataclasses import dataclass

from babyowl_kernel import Command, Err, Ok, Result
from class_management.application.ports import UnitOfWork
from class_management.domain.errors import CalendarLinkNotFound
from class_management.domain.values import ClassId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCalendarFeed(Command[Result[None, CalendarLinkNotFound]]):
    """The one to all meetings of the owner, or with `class_id` the one to a class, which they may have left."""

    owner_id: UserId
    class_id: ClassId | None


async def revoke_calendar_feed(command: RevokeCalendarFeed, uow: UnitOfWork) -> Result[None, CalendarLinkNotFound]:
    feed = await uow.feeds.of_owner(command.owner_id, command.class_id)
    if feed is None:
        return Err(CalendarLinkNotFound())
    feed.revoke()
    uow.feeds.remove(feed)
    return Ok(None)
