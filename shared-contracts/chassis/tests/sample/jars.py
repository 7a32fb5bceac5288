"""The smallest service there is, for the chassis' own tests: jars that marbles are put into.

It goes by the name `learning` and speaks with Learning's contracts, so that no test event is ever published as ours:
a jar is a course, a marble in it a completed exercise.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
import typer
from fastapi import APIRouter, Response
from pydantic import Field as BodyField
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.http import (
    Body,
    CurrentUser,
    Page,
    PageParams,
    Reader,
    Staff,
    State,
    StreamParams,
    TheBus,
    View,
    accepted,
    page,
    refused,
    stream,
    streamed,
)
from babyowl_chassis.people import People
from babyowl_chassis.service import Parts, Resources, Service
from babyowl_chassis.settings import ServiceSettings
from babyowl_chassis.sql import Select
from babyowl_chassis.subscriptions import Subscription, Undeliverable
from babyowl_chassis.tables import add_chassis_tables
from babyowl_chassis.unit_of_work import AggregateMapping, Rows, SqlRepository, SqlUnitOfWork
from babyowl_contracts import Envelope, Event
from babyowl_contracts.learning import CourseCompleted, CourseCreated
from babyowl_kernel import AggregateRoot, Clock, Command, Conflict, DomainEvent, Err, NewId, NotFound, Ok, Result

COUNTING = "jars.counting"


@dataclass(frozen=True, slots=True, kw_only=True)
class JarMade(DomainEvent):
    jar_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MarbleAdded(DomainEvent):
    jar_id: UUID
    marble_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JarDiscarded(DomainEvent):
    jar_id: UUID


@dataclass(frozen=True, slots=True)
class JarFull(Conflict):
    capacity: int


@dataclass(frozen=True, slots=True)
class JarNotFound(NotFound):
    jar_id: UUID


@dataclass(frozen=True, slots=True)
class LabelTaken(Conflict):
    pass


@dataclass(kw_only=True)
class Jar(AggregateRoot):
    label: str
    capacity: int
    notes: list[str]
    marbles: dict[UUID, datetime]

    def add(self, marble_id: UUID, *, now: datetime) -> Result[int, JarFull]:
        if marble_id in self.marbles:
            return Ok(len(self.marbles))
        if len(self.marbles) >= self.capacity:
            return Err(JarFull(self.capacity))
        self.marbles[marble_id] = now
        self.record(MarbleAdded(jar_id=self.id, marble_id=marble_id, at=now))
        return Ok(len(self.marbles))


class SampleTable(SQLModel, registry=registry()):
    pass


class JarRow(SampleTable, table=True):
    __tablename__ = "jars"
    __table_args__ = (sa.UniqueConstraint("label", name="uq_jars_label"),)
    id: UUID = Field(primary_key=True)
    version: int
    label: str = Field(sa_type=sa.Text)
    capacity: int
    notes: list[str] = Field(sa_type=JSONB)


class MarbleRow(SampleTable, table=True):
    __tablename__ = "marbles"
    jar_id: UUID = Field(primary_key=True, foreign_key="jars.id", ondelete="CASCADE")
    id: UUID = Field(primary_key=True)
    added_at: datetime = Field(sa_type=sa.DateTime(timezone=True))


class CountRow(SampleTable, table=True):
    """How often each event had its effect: the inbox is right if every count is 1."""

    __tablename__ = "counts"
    event_id: UUID = Field(primary_key=True)
    times: int


add_chassis_tables(SampleTable.metadata, people=True)


def jar_rows(jar: Jar) -> Rows:
    return {
        JarRow: [
            {
                "id": jar.id,
                "version": jar.version,
                "label": jar.label,
                "capacity": jar.capacity,
                "notes": jar.notes,
            }
        ],
        MarbleRow: [{"jar_id": jar.id, "id": key, "added_at": at} for key, at in jar.marbles.items()],
    }


def jar_of(rows: Rows) -> Jar:
    [root] = rows[JarRow]
    marbles = {row["id"]: row["added_at"] for row in rows.get(MarbleRow, [])}
    return Jar(id=root["id"], label=root["label"], capacity=root["capacity"], notes=root["notes"], marbles=marbles)


JARS = AggregateMapping(root=JarRow, to_rows=jar_rows, from_rows=jar_of, children={MarbleRow: "jar_id"})


class SqlJars(SqlRepository[Jar]):
    mapping = JARS


class JarUnitOfWork(SqlUnitOfWork):
    constraints: ClassVar = {"uq_jars_label": LabelTaken()}

    def __init__(self, connection: Any, *, locking: bool = False) -> None:
        super().__init__(connection, locking=locking)
        self.jars = SqlJars(self)


@dataclass(frozen=True, slots=True)
class MakeJar(Command[Result[Jar, LabelTaken]]):
    label: str
    capacity: int


@dataclass(frozen=True, slots=True)
class AddMarble(Command[Result[int, JarFull | JarNotFound]]):
    jar_id: UUID
    marble_id: UUID


@dataclass(frozen=True, slots=True)
class NoteOnJar(Command[Result[Jar, JarNotFound]]):
    jar_id: UUID
    note: str


@dataclass(frozen=True, slots=True)
class DiscardJar(Command[Result[None, JarNotFound]]):
    jar_id: UUID


async def make_jar(command: MakeJar, uow: Any, new_id: NewId) -> Result[Jar, LabelTaken]:
    jar = Jar(id=new_id(), label=command.label, capacity=command.capacity, notes=[], marbles={})
    jar.record(JarMade(jar_id=jar.id))
    uow.jars.add(jar)
    return Ok(jar)


async def add_marble(command: AddMarble, uow: Any, clock: Clock) -> Result[int, JarFull | JarNotFound]:
    jar = await uow.jars.get(command.jar_id)
    if jar is None:
        return Err(JarNotFound(command.jar_id))
    outcome: Result[int, JarFull] = jar.add(command.marble_id, now=clock())
    return outcome


async def note_on_jar(command: NoteOnJar, uow: Any) -> Result[Jar, JarNotFound]:
    jar: Jar | None = await uow.jars.get(command.jar_id)
    if jar is None:
        return Err(JarNotFound(command.jar_id))
    jar.notes.append(command.note)
    return Ok(jar)


async def discard_jar(command: DiscardJar, uow: Any) -> Result[None, JarNotFound]:
    jar: Jar | None = await uow.jars.get(command.jar_id)
    if jar is None:
        return Err(JarNotFound(command.jar_id))
    jar.record(JarDiscarded(jar_id=jar.id))
    uow.jars.remove(jar)
    return Ok(None)


HANDLERS: dict[type[Command[Any]], Callable[..., Awaitable[Any]]] = {
    MakeJar: make_jar,
    AddMarble: add_marble,
    NoteOnJar: note_on_jar,
    DiscardJar: discard_jar,
}


def published(event: DomainEvent) -> Event | None:
    match event:
        case JarMade():
            return CourseCreated(course_id=event.jar_id, instructor_id=event.jar_id)
        case MarbleAdded():
            return CourseCompleted(student_id=event.marble_id, course_id=event.jar_id, completed_at=event.at)
    return None


FAULTS = {UUID(int=0): ValueError("poison"), UUID(int=1): Undeliverable("nothing will ever help")}
"""What the counting meets with when it comes to these instructors."""


async def count(event: CourseCreated | CourseCompleted, uow: SqlUnitOfWork, envelope: Envelope) -> None:
    if isinstance(event, CourseCreated) and event.instructor_id in FAULTS:
        raise FAULTS[event.instructor_id]
    await uow.connection.execute(
        "INSERT INTO counts VALUES ($1, 1) ON CONFLICT (event_id) DO UPDATE SET times = counts.times + 1", envelope.id
    )


class JarBody(Body):
    label: str = BodyField(min_length=1, max_length=50)
    capacity: int = BodyField(ge=1, le=1000)


class JarView(View):
    id: UUID
    label: str
    capacity: int


router = APIRouter(prefix="/api/v1/jars")


@router.post("", status_code=201)
async def make(body: JarBody, bus: TheBus, _: Staff) -> JarView:
    return await bus.answer(MakeJar(body.label, body.capacity), JarView)


@router.put("/{jar_id}/marbles/{marble_id}", status_code=204)
async def add(jar_id: UUID, marble_id: UUID, bus: TheBus, _: CurrentUser) -> None:
    accepted(await bus.execute(AddMarble(jar_id, marble_id)))


@router.get("")
async def jars(db: Reader, params: PageParams, _: CurrentUser) -> Page[JarView]:
    [after] = params.after_as(UUID) or (UUID(int=0),)
    rows = await db.fetch(
        "SELECT id, label, capacity FROM jars WHERE id > $1 ORDER BY id LIMIT $2", after, params.limit + 1
    )
    return page(rows, params, key=lambda row: (row["id"],), view=lambda row: JarView.of(dict(row)))


class MarbleView(View):
    label: str
    capacity: int
    marble_id: UUID | None
    added_at: datetime | None


INVENTORY = """
SELECT label, capacity, m.id AS marble_id, added_at FROM jars j LEFT JOIN marbles m ON m.jar_id = j.id
ORDER BY j.id, m.id
"""


@router.get("/inventory", responses=streamed(MarbleView))
async def inventory(params: StreamParams, _: CurrentUser) -> Response:
    return stream(Select(INVENTORY), params, view=MarbleView, name="inventory")


@router.get("/{jar_id}")
async def jar(jar_id: UUID, db: Reader, _: CurrentUser) -> JarView:
    row = await db.fetchrow("SELECT id, label, capacity FROM jars WHERE id = $1", jar_id)
    if row is None:
        raise refused(JarNotFound(jar_id))
    return JarView.of(dict(row))


@router.delete("/{jar_id}", status_code=204)
async def discard(jar_id: UUID, bus: TheBus, _: Staff) -> None:
    accepted(await bus.execute(DiscardJar(jar_id)))


ThePeople = Annotated[People, State("people")]


class KnownView(View):
    known: bool


@router.get("/people/{person_id}")
async def is_known(person_id: UUID, db: Reader, people: ThePeople, _: CurrentUser) -> KnownView:
    await people.ensure_known([person_id])
    return KnownView(known=await db.fetchval("SELECT EXISTS (SELECT FROM people WHERE id = $1)", person_id))


@asynccontextmanager
async def build(resources: Resources) -> AsyncIterator[Parts]:
    people = People(resources.database, resources.internal(resources.settings.identity_url))
    bus = Bus(SqlTransactions(resources.database, JarUnitOfWork), publish=published, handlers=HANDLERS)
    counting = Subscription(COUNTING, {CourseCreated: count, CourseCompleted: count})
    yield Parts(bus, {"people": people}, [counting, people.subscription("jars.people")])


async def count_marbles(
    resources: Resources,
    _: Parts,
    *,
    loudly: Annotated[bool, typer.Option("--loudly", help="How they are said.")] = False,
) -> None:
    """Say how many marbles there are."""
    counted = f"{await resources.database.fetchval('SELECT count(*) FROM marbles')} marbles"
    typer.echo(counted.upper() if loudly else counted)


service = Service(
    name="learning",
    title="Jars",
    settings=ServiceSettings,
    routers=(router,),
    build=build,
    metadata=SampleTable.metadata,
    migrations=Path(__file__).parent / "migrations",
    commands={"count": count_marbles},
)
