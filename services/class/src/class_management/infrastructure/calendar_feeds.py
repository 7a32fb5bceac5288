"""Calendar links on Postgres."""

from sqlalchemy import Uuid, bindparam

from babyowl_chassis.unit_of_work import SqlRepository
from class_management.domain.feeds import CalendarFeed
from class_management.domain.values import ClassId, UserId
from class_management.infrastructure import mappers
from class_management.infrastructure.finders import Finder
from class_management.infrastructure.tables import metadata

_feeds = metadata.tables["calendar_feeds"]

FEED_OF_OWNER = Finder(
    _feeds,
    _feeds.c.owner_id == bindparam("owner_id"),
    _feeds.c.class_id.is_not_distinct_from(bindparam("class_id", type_=Uuid)),
)


class SqlCalendarFeeds(SqlRepository[CalendarFeed]):
    """Calendar links, found by owner and class."""

    mapping = mappers.FEEDS

    async def of_owner(self, owner_id: UserId, class_id: ClassId | None) -> CalendarFeed | None:
        """The owner's link to a class, or with None to all their meetings."""
        statement = FEED_OF_OWNER.statement(locking=self._uow.locking)
        return await self._load(await statement.fetchrow(self.connection, owner_id=owner_id, class_id=class_id))
