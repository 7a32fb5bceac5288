"""One transaction's view of what the context keeps in Postgres."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from babyowl_chassis.sql import Connection, Statement
from babyowl_chassis.unit_of_work import SqlUnitOfWork
from gamification.domain.errors import AliasTaken
from gamification.infrastructure.players import SqlPlayers
from gamification.infrastructure.tables import metadata

_classes = metadata.tables["classes"]
_members = metadata.tables["class_members"]
_people = metadata.tables["people"]


class SqlLearners:
    """What the people projection says of learners."""

    _TIME_ZONE = Statement(select(_people.c.time_zone).where(_people.c.id == bindparam("id")))

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def time_zone(self, learner_id: UUID) -> str | None:
        """The IANA name of the learner's zone; None while the learner is unknown here."""
        zone: str | None = await self._TIME_ZONE.fetchval(self._connection, id=learner_id)
        return zone


class SqlClasses:
    """Who teaches and who attends: noted as it comes, in any order, any number of times."""

    _NOTE_CLASS = Statement(
        insert(_classes)
        .values(id=bindparam("id"), course_id=bindparam("course_id"), instructor_id=bindparam("instructor_id"))
        .on_conflict_do_nothing()
    )
    _NOTE_MEMBER = Statement(
        insert(_members)
        .values(class_id=bindparam("class_id"), student_id=bindparam("student_id"))
        .on_conflict_do_nothing()
    )

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note_class(self, class_id: UUID, *, course_id: UUID, instructor_id: UUID) -> None:
        """A class exists, and who teaches it."""
        await self._NOTE_CLASS.execute(
            self._connection, id=class_id, course_id=course_id, instructor_id=instructor_id
        )

    async def note_member(self, class_id: UUID, *, student_id: UUID) -> None:
        """A student has a seat in a class."""
        await self._NOTE_MEMBER.execute(self._connection, class_id=class_id, student_id=student_id)


class GamificationUnitOfWork(SqlUnitOfWork):
    """One transaction's view of the context's tables."""

    constraints = {"uq_players_alias": AliasTaken()}  # noqa: RUF012

    def __init__(self, connection: Connection, *, locking: bool = False) -> None:
        super().__init__(connection, locking=locking)
        self.players = SqlPlayers(self)
        self.learners = SqlLearners(connection)
        self.classes = SqlClasses(connection)
