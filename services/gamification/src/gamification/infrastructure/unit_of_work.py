"""One transaction's view of what the context keeps in Postgres."""

from uuid import UUID

from babyowl_chassis.sql import Connection
from babyowl_chassis.unit_of_work import Raised, SqlUnitOfWork
from gamification.domain.errors import AliasTaken
from gamification.infrastructure.appearances import SqlAppearances
from gamification.infrastructure.closings import SqlClosings
from gamification.infrastructure.curriculum import SqlCurriculum
from gamification.infrastructure.holidays import SqlHolidays
from gamification.infrastructure.leagues import SqlLeagues
from gamification.infrastructure.noting import noting
from gamification.infrastructure.players import SqlPlayers
from gamification.infrastructure.recounts import SqlRecounts
from gamification.infrastructure.tables import metadata
from gamification.infrastructure.zones import SqlZones

_classes = metadata.tables["classes"]
_members = metadata.tables["class_members"]


class SqlClasses:
    """Who teaches and who attends: noted as it comes, in any order, any number of times."""

    _NOTE_CLASS = noting(_classes)
    _NOTE_MEMBER = noting(_members)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note_class(self, class_id: UUID, *, course_id: UUID, instructor_id: UUID, sequence: int) -> None:
        """A class exists, and who teaches it."""
        await self._NOTE_CLASS.execute(
            self._connection, id=class_id, course_id=course_id, instructor_id=instructor_id, sequence=sequence
        )

    async def note_member(self, class_id: UUID, *, student_id: UUID, active: bool, sequence: int) -> None:
        """A student has a seat in a class, or has given it up."""
        await self._NOTE_MEMBER.execute(
            self._connection, class_id=class_id, student_id=student_id, active=active, sequence=sequence
        )


class GamificationUnitOfWork(SqlUnitOfWork):
    """One transaction's view of the context's tables."""

    constraints = {"uq_appearances_alias": AliasTaken()}  # noqa: RUF012

    def __init__(self, connection: Connection, *, locking: bool = False) -> None:
        super().__init__(connection, locking=locking)
        self.players = SqlPlayers(self)
        self.appearances = SqlAppearances(self)
        self.classes = SqlClasses(connection)
        self.zones = SqlZones(connection)
        self.holidays = SqlHolidays(connection)
        self.recounts = SqlRecounts(connection)
        self.curriculum = SqlCurriculum(self)
        self.closings = SqlClosings(self)
        self.leagues = SqlLeagues(connection)

    async def flush(self) -> list[Raised]:
        """Write what changed, and then the scores, which follow from it."""
        raised = await super().flush()
        await self.players.write_scores()
        return raised
