"""How fast events take effect: drain rate of Gamification's subscription, and time from commit to visible XP.

Every event is counted with all its effects: inbox, ledger, day, level, streak, quests, badges, scores, own events
in the outbox; the boards in Redis follow beside.
Beside it stands, from the same run, what the same Postgres does when each transaction is a bare inbox insert.
Servers are taken from TEST_DATABASE_URL, TEST_AMQP_URL and TEST_REDIS_URL, or started for this run and gone with it.
"""

import argparse
import asyncio
import logging
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
import uvloop

from babyowl_chassis import inbox, outbox
from babyowl_chassis.database import Pool, open_pool
from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.messaging.broker import link
from babyowl_chassis.messaging.messages import message_of
from babyowl_chassis.messaging.relay import Relay
from babyowl_chassis.messaging.topology import declare_topology
from babyowl_chassis.outbox import Outgoing
from babyowl_chassis.service import opened
from babyowl_chassis.subscriptions import Dispatcher
from babyowl_chassis.testing import eventually, fresh_database
from babyowl_chassis.worker import working
from babyowl_contracts import Envelope, Event
from babyowl_contracts.class_ import AttendanceMarked, AttendanceStatus
from babyowl_contracts.learning import CoursePublished, ExerciseCompleted, ExerciseKind, LessonOutline
from babyowl_local import servers
from gamification.bootstrap import CURRICULUM, REWARDS, service
from gamification.settings import GamificationSettings

AT_ONCE = 16
"""Transactions under way at a time: the default prefetch of a consumer."""

STEADY_PER_SECOND = 50

KINDS: tuple[ExerciseKind, ...] = ("reading", "quiz", "coding")
COURSES = tuple(new_id() for _ in range(3))


def exercise(student_id: UUID, at: datetime | None = None, course_id: UUID = COURSES[0]) -> ExerciseCompleted:
    """The student has completed an exercise, now unless it is said when."""
    return ExerciseCompleted(
        student_id=student_id,
        course_id=course_id,
        lesson_id=new_id(),
        exercise_id=new_id(),
        kind=random.choice(KINDS),  # noqa: S311
        score_percent=80,
        completed_at=at or utc_now(),
    )


def meeting(student_id: UUID, at: datetime, course_id: UUID) -> list[Event]:
    """The student was marked present, by mistake: a correction follows."""
    meeting_id, class_id = new_id(), new_id()
    marks: list[tuple[int, AttendanceStatus]] = [(1, "present"), (2, "absent")]
    return [
        AttendanceMarked(
            class_id=class_id,
            course_id=course_id,
            meeting_id=meeting_id,
            student_id=student_id,
            status=status,
            previous_status=None,
            revision=revision,
            meeting_date=at.date(),
            meeting_starts_at=at,
            marked_by=class_id,
        )
        for revision, status in marks
    ]


def school_days(number: int, learners: int) -> list[Envelope]:
    """So many reports of two weeks, in the order things happened.

    Who sits down, in the same three hours of the day, completes six exercises of a course in an hour; to seventeen
    of them there is a meeting with its correction.
    """
    chance, students = random.Random(7), [new_id() for _ in range(learners)]  # noqa: S311
    reports: list[tuple[datetime, Event]] = []
    now = utc_now()
    while len(reports) < number:
        student, course = chance.choice(students), chance.choice(COURSES)
        began = now - timedelta(days=chance.randrange(14), minutes=chance.randrange(60, 240))
        for turn in range(6):
            at = began + timedelta(minutes=10 * turn)
            if chance.randrange(18) == 0:
                reports += [(at, report) for report in meeting(student, at, course)]
            else:
                reports.append((at, exercise(student, at, course)))
    return [envelope_of(report) for _, report in sorted(reports[:number], key=lambda each: each[0])]


def open_course() -> Envelope:
    """A course that is open to all, so that there are quests for everybody."""
    lessons = tuple(
        LessonOutline(
            lesson_id=new_id(), position=position, exercise_ids=tuple(new_id() for _ in KINDS), exercise_kinds=KINDS
        )
        for position in range(1, 21)
    )
    published = CoursePublished(course_id=new_id(), instructor_id=new_id(), revision=1, open=True, lessons=lessons)
    return replace(envelope_of(published), time=utc_now() - timedelta(days=60))


def envelope_of(report: Event) -> Envelope:
    """The report as its context sends it."""
    return Envelope(id=new_id(), subject=new_id(), time=utc_now(), aggregateseq=1, data=report)


async def rate(work: Callable[[Envelope], Awaitable[object]], envelopes: Sequence[Envelope]) -> float:
    """Events a second, so many at once as a consumer takes."""
    waiting = iter(envelopes)

    async def hand() -> None:
        for envelope in waiting:
            await work(envelope)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as hands:
        for _ in range(AT_ONCE):
            hands.create_task(hand())
    return len(envelopes) / (time.perf_counter() - began)


async def bare_inbox(pool: Pool, envelopes: Sequence[Envelope]) -> float:
    """The reference: a transaction that only notes the event."""

    async def note(envelope: Envelope) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await inbox.note(connection, "reference", envelope.id)

    return await rate(note, envelopes)


async def through_the_broker(settings: GamificationSettings, envelopes: Sequence[Envelope]) -> float:
    """Events a second out of a queue that was full before the worker started, from the first effect to the last."""
    amqp_url = settings.amqp_url.get_secret_value()
    await declare_topology(amqp_url, service.name, [REWARDS])
    async with link(amqp_url, name="bench") as channel:
        for start in range(0, len(envelopes), 200):
            async with asyncio.TaskGroup() as publishing:
                for envelope in envelopes[start : start + 200]:
                    exchange = await channel.get_exchange(f"{envelope.data.context()}.events", ensure=False)
                    publishing.create_task(
                        exchange.publish(message_of(envelope), routing_key=envelope.type, mandatory=True)
                    )
    async with opened(service, settings) as running, working(running):
        reader, ids = running.resources.reader, [envelope.id for envelope in envelopes]

        async def all_done() -> bool:
            done = await reader.fetchval("SELECT count(*) FROM inbox WHERE event_id = ANY($1)", ids)
            return bool(done == len(ids))

        await eventually(all_done, timeout=600, every=0.1)
        seconds = await reader.fetchval(
            "SELECT extract(epoch FROM max(received_at) - min(received_at))::float FROM inbox"
            " WHERE event_id = ANY($1)",
            ids,
        )
        return len(envelopes) / float(seconds)


async def commit_to_visible(settings: GamificationSettings, source: Pool, seconds: int) -> list[float]:
    """Milliseconds from the commit of a source's outbox row to the points in Gamification's tables."""
    async with opened(service, settings) as running, working(running):
        reader = running.resources.reader

        async def once() -> float:
            report = exercise(new_id())
            async with source.acquire() as connection, connection.transaction():
                await outbox.post(connection, [outgoing_of(report)])
            committed = time.perf_counter()

            async def visible() -> bool:
                return bool(await reader.fetchval("SELECT total_xp FROM players WHERE id = $1", report.student_id))

            await eventually(visible, timeout=60, every=0.002)
            return (time.perf_counter() - committed) * 1000

        await once()
        began = time.perf_counter()
        tasks = []
        for tick in range(seconds * STEADY_PER_SECOND):
            await asyncio.sleep(max(0.0, began + tick / STEADY_PER_SECOND - time.perf_counter()))
            tasks.append(asyncio.create_task(once()))
        return await asyncio.gather(*tasks)


def outgoing_of(report: ExerciseCompleted) -> Outgoing:
    """The report as a row of the source's outbox."""
    return Outgoing(
        id=new_id(),
        aggregate_id=report.student_id,
        time=utc_now(),
        data=report,
        correlation_id=None,
        causation_id=None,
        traceparent=None,
    )


@asynccontextmanager
async def relaying(database_url: str, amqp_url: str) -> AsyncIterator[Pool]:
    """A source of Learning's events: any schema with an outbox will do, and a relay of its own."""
    relay = asyncio.create_task(Relay("learning", database_url=database_url, amqp_url=amqp_url).run())
    try:
        async with open_pool(database_url, application="bench-source", size=4) as pool:
            yield pool
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)


@contextmanager
def server_urls() -> Iterator[tuple[str, str, str]]:
    """Postgres, RabbitMQ and Redis: the given ones, or private ones that end with this process."""
    given = {
        "postgres": os.environ.get("TEST_DATABASE_URL"),
        "rabbitmq": os.environ.get("TEST_AMQP_URL"),
        "redis": os.environ.get("TEST_REDIS_URL"),
    }
    with tempfile.TemporaryDirectory(prefix="babyowl-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o711)
        database, amqp, redis = (
            url or servers.ensure_held(kind, Path(home) / kind, owner=os.getpid()).url for kind, url in given.items()
        )
        try:
            yield database, amqp, redis
        finally:
            servers.release_all(Path(home))


async def bench(events: int, learners: int, seconds: int) -> None:
    with server_urls() as (admin_url, amqp_url, redis_url):
        async with fresh_database(service, admin_url) as url, fresh_database(service, admin_url) as source_url:
            settings = GamificationSettings(
                environment="test", database_url=url, amqp_url=amqp_url, redis_url=redis_url
            )
            async with opened(service, settings) as running:
                await Dispatcher(CURRICULUM, running.parts.bus).dispatch(open_course())
                dispatcher = Dispatcher(REWARDS, running.parts.bus)
                await rate(dispatcher.dispatch, school_days(200, learners))
                reference = await bare_inbox(running.resources.database, school_days(events, learners))
                in_process = await rate(dispatcher.dispatch, school_days(events, learners))
            from_queue = await through_the_broker(settings, school_days(events, learners))
            async with relaying(source_url, amqp_url) as source:
                delays = sorted(await commit_to_visible(settings, source, seconds))
    print(f"bare inbox insert (reference)     {reference:8.0f} events/s")
    print(f"all effects, delivered in process {in_process:8.0f} events/s  {in_process / reference:6.2f} of it")
    print(f"all effects, out of RabbitMQ      {from_queue:8.0f} events/s  {from_queue / reference:6.2f} of it")
    print(
        f"commit to visible XP at {STEADY_PER_SECOND}/s       {statistics.median(delays):8.1f} ms median"
        f"  {delays[int(len(delays) * 0.99)]:8.1f} ms p99  ({len(delays)} events)"
    )


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2000, help="events to drain, each time")
    parser.add_argument("--learners", type=int, default=200, help="learners they are about")
    parser.add_argument("--seconds", type=int, default=10, help="how long to watch the way to visible XP")
    given = parser.parse_args()
    uvloop.run(bench(given.events, given.learners, given.seconds))


if __name__ == "__main__":
    main()
