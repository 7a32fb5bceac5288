"""Give somebody a link to their calendar, or another one."""

from dataclasses import dataclass

from babyowl_kernel import Clock, Command, NewId, Ok
from class_management.application.ports import UnitOfWork
from class_management.domain.feeds import CalendarFeed
from class_management.domain.values import ClassId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCalendarFeed(Command[Ok[CalendarFeed]]):
    """To all meetings of the owner, or with `class_id` to those of one class.

    It brings the digest of the link's token, never the token. Nobody is asked whether the owner may see the class:
    every reading of the feed asks that, and an answer given now would say nothing about then.
    """

    owner_id: UserId
    class_id: ClassId | None
    token_digest: bytes


async def open_calendar_feed(
    command: OpenCalendarFeed, uow: UnitOfWork, clock: Clock, new_id: NewId
) -> Ok[CalendarFeed]:
    feed = await uow.feeds.of_owner(command.owner_id, command.class_id)
    if feed is not None:
        feed.renew(command.token_digest, now=clock())
        return Ok(feed)
    feed = CalendarFeed.open(
        id=new_id(),
        owner_id=command.owner_id,
        class_id=command.class_id,
        token_digest=command.token_digest,
        now=clock(),
    )
    uow.feeds.add(feed)
    return Ok(feed)
