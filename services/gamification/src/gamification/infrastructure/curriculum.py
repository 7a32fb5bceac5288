"""What learners could do and when, on Postgres."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from babyowl_chassis.sql import Connection
from babyowl_chassis.unit_of_work import SqlUnitOfWork, VersionConflict
from gamification.domain.calendar import day_of, monday_of, zone_or
from gamification.domain.curriculum import Concerned, FactMark, PublishedLesson, Span, to_draw_again
from gamification.domain.quests import NOTHING_TO_DO, Cadence, Opportunities, Period
from gamification.domain.zones import ZoneHistory
from gamification.infrastructure.zones import moves_of

_EVERYBODY = UUID(int=0)
"""In `lesson_locks`: the whole class."""

# Who notes a fact writes the one row there is, who draws by facts reads it under a lock: so of a fact and a draw at
# the same time one comes first, and the other knows of it. A draw from before the fact fails and is repeated.
_NOTE = """
INSERT INTO curriculum AS known (id, facts) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET facts = known.facts + 1
"""
_READ = "SELECT facts FROM curriculum FOR SHARE"
_BEGIN = "INSERT INTO curriculum (id, facts) VALUES (1, 0) ON CONFLICT DO NOTHING"

_NOTE_SEAT = """
INSERT INTO seat_changes (class_id, student_id, sequence, course_id, active, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""

_NOTE_LESSONS = """
INSERT INTO lesson_locks (class_id, student_id, lesson_id, sequence, open, at)
SELECT $1, $2, lesson_id, $4, $5, $6 FROM unnest($3::uuid[]) AS lesson_id
ON CONFLICT DO NOTHING
"""

_NOTE_PUBLICATION = """
INSERT INTO publications (course_id, revision, open, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""

_EVER_OPEN = "SELECT EXISTS (SELECT FROM publications WHERE course_id = $1 AND open)"

_NOTE_LESSON = """
INSERT INTO published_lessons (course_id, revision, lesson_id, exercise_ids, exercise_kinds)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""

# Of two facts of one moment the one that counts is the same whichever comes first.
_NOTE_MEETINGS = """
INSERT INTO meetings (id, class_id, starts_at, cancelled, noted_at)
SELECT id, $1, starts_at, $4, $5 FROM unnest($2::uuid[], $3::timestamptz[]) AS meeting (id, starts_at)
ON CONFLICT (id) DO UPDATE
SET starts_at = excluded.starts_at, cancelled = excluded.cancelled, noted_at = excluded.noted_at
WHERE (meetings.noted_at, meetings.cancelled, meetings.starts_at)
    < (excluded.noted_at, excluded.cancelled, excluded.starts_at)
"""

_NOTE_TIMETABLE = """
INSERT INTO timetables AS known (class_id, time_zone, planned_at, ended_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (class_id) DO UPDATE SET
    time_zone = coalesce(excluded.time_zone, known.time_zone),
    planned_at = greatest(excluded.planned_at, known.planned_at),
    ended_at = least(excluded.ended_at, known.ended_at)
"""

_TAKES_PLACE = """
    NOT meeting.cancelled
    AND (timetable.planned_at IS NULL OR meeting.noted_at >= timetable.planned_at)
    AND (timetable.ended_at IS NULL OR meeting.starts_at <= timetable.ended_at)
"""

_MEETINGS_OF = f"""
SELECT meeting.id, meeting.starts_at, timetable.time_zone
FROM meetings AS meeting LEFT JOIN timetables AS timetable USING (class_id)
WHERE class_id = $1 AND {_TAKES_PLACE}
"""  # noqa: S608

# $1 is the first day that may matter. An active day has no cadence, one that quests were drawn for has theirs.
_BEGUN = """
SELECT player.id, begun.day, begun.cadence FROM ({players}) AS player (id), LATERAL (
    SELECT day, NULL FROM days WHERE player_id = player.id AND day >= $1
    UNION
    SELECT starts_on, cadence FROM quests WHERE player_id = player.id AND starts_on >= $1
) AS begun (day, cadence)
"""
_BEGUN_FOR_STUDENT = _BEGUN.format(players="SELECT $2::uuid")
_BEGUN_FOR_CLASS = _BEGUN.format(players="SELECT DISTINCT student_id FROM seat_changes WHERE class_id = $2")
_BEGUN_FOR_NEWCOMERS = _BEGUN.format(
    players="SELECT DISTINCT student_id FROM seat_changes WHERE class_id = $2 AND at >= $3"
)
_BEGUN_FOR_COURSE = _BEGUN.format(players="SELECT DISTINCT student_id FROM seat_changes WHERE course_id = $2")
_BEGUN_FOR_ALL = _BEGUN.format(players="SELECT id FROM players WHERE $2::uuid IS NULL")

# Of these learners ($1) those whom another fact may concern that is as late as the one at hand ($2: of which class or
# course, $3: its number, $4: its moment) or later; $5 stands for a whole class.
_NOT_THE_LATEST = """
SELECT student_id FROM seat_changes
WHERE student_id = ANY ($1) AND at >= $4 AND (class_id, sequence) <> ($2, $3)
UNION
SELECT seat.student_id FROM seat_changes AS seat JOIN lesson_locks AS lock USING (class_id)
WHERE seat.student_id = ANY ($1) AND lock.student_id IN (seat.student_id, $5)
    AND lock.at >= $4 AND (lock.class_id, lock.sequence) <> ($2, $3)
UNION
SELECT unnest($1) WHERE EXISTS (
    SELECT FROM publications WHERE at >= $4 AND (course_id, revision) <> ($2, $3)
)
"""

# The moments from $2 on and before $3 at which the learner ($1) may have got something to do; $4 stands for a whole
# class.
_MOMENTS = """
WITH seats AS (SELECT class_id, course_id, at FROM seat_changes WHERE student_id = $1)
SELECT at FROM seats WHERE at >= $2 AND at < $3
UNION
SELECT at FROM lesson_locks
WHERE class_id IN (SELECT class_id FROM seats) AND student_id IN ($1, $4) AND open AND at >= $2 AND at < $3
UNION
SELECT at FROM publications
WHERE (open OR course_id IN (SELECT course_id FROM seats)) AND at >= $2 AND at < $3
ORDER BY at
"""

# $1 is the learner, $2 the moment before which things were so, $3 the first day of the period; $4 stands for a whole
# class; meetings that may be in the period begin from $5 on and before $6.
_OPPORTUNITIES = f"""
WITH seats AS (
    SELECT DISTINCT ON (class_id) class_id, active FROM seat_changes
    WHERE student_id = $1 AND at < $2
    ORDER BY class_id, sequence DESC
),
attended AS (SELECT class_id FROM seats WHERE active),
locks AS (
    SELECT DISTINCT ON (class_id, student_id, lesson_id) lesson_id, open FROM lesson_locks
    WHERE class_id IN (SELECT class_id FROM attended) AND student_id IN ($1, $4) AND at < $2
    ORDER BY class_id, student_id, lesson_id, sequence DESC
),
latest AS (
    SELECT DISTINCT ON (course_id) course_id, revision, open FROM publications
    WHERE at < $2
    ORDER BY course_id, revision DESC
),
reachable AS (
    SELECT lesson.* FROM latest JOIN published_lessons AS lesson USING (course_id, revision)
    WHERE latest.open OR lesson.lesson_id IN (SELECT lesson_id FROM locks WHERE open)
),
done AS (
    SELECT source_kind, source_id FROM deeds
    WHERE player_id = $1 AND source_kind IN ('exercise', 'lesson') AND active AND day < $3
),
undone AS (
    SELECT exercise.kind FROM reachable, unnest(exercise_ids, exercise_kinds) AS exercise (id, kind)
    WHERE exercise.id NOT IN (SELECT source_id FROM done WHERE source_kind = 'exercise')
)
SELECT count(*) AS exercises,
    count(*) FILTER (WHERE kind = 'reading') AS readings,
    count(*) FILTER (WHERE kind = 'quiz') AS quizzes,
    count(*) FILTER (WHERE kind = 'coding') AS coding_exercises,
    (
        SELECT count(*) FROM reachable
        WHERE cardinality(exercise_ids) > 0
            AND lesson_id NOT IN (SELECT source_id FROM done WHERE source_kind = 'lesson')
    ) AS lessons,
    ARRAY(
        SELECT ROW(meeting.starts_at, timetable.time_zone)
        FROM attended JOIN meetings AS meeting USING (class_id) LEFT JOIN timetables AS timetable USING (class_id)
        WHERE meeting.starts_at >= $5 AND meeting.starts_at < $6 AND {_TAKES_PLACE}
    ) AS meetings
FROM undone
"""  # noqa: S608

_DATES_APART = timedelta(days=2)
"""A day of one zone begins and ends less than this before or after the same day of any other."""

_AN_INSTANT = timedelta(microseconds=1)
"""Moments are kept as exactly as this."""


class SqlCurriculum:
    """Seats, lessons, publications and meetings, as facts."""

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow = uow
        self._connection = uow.connection
        self._is_read = False

    async def note_seat(
        self, class_id: UUID, course_id: UUID, student_id: UUID, *, active: bool, sequence: int, at: datetime
    ) -> None:
        """A student has a seat in a class, or has given it up."""
        await self._hold()
        await self._connection.execute(_NOTE_SEAT, class_id, student_id, sequence, course_id, active, at)

    async def note_lessons(
        self,
        class_id: UUID,
        lesson_ids: tuple[UUID, ...],
        student_id: UUID | None,
        *,
        are_open: bool,
        sequence: int,
        at: datetime,
    ) -> None:
        """Lessons are open, or closed, to a class or to one student of it."""
        await self._hold()
        await self._connection.execute(
            _NOTE_LESSONS, class_id, student_id or _EVERYBODY, list(lesson_ids), sequence, are_open, at
        )

    async def note_publication(
        self, course_id: UUID, revision: int, lessons: tuple[PublishedLesson, ...], *, is_open: bool, at: datetime
    ) -> bool:
        """A course was published; an open one is everybody's. Answers whether it is, or ever was, open."""
        await self._hold()
        await self._connection.execute(_NOTE_PUBLICATION, course_id, revision, is_open, at)
        await self._connection.executemany(
            _NOTE_LESSON,
            [
                (
                    course_id,
                    revision,
                    lesson.lesson_id,
                    [exercise_id for exercise_id, _ in lesson.exercises],
                    [kind for _, kind in lesson.exercises if kind is not None],
                )
                for lesson in lessons
            ],
        )
        ever_open: bool = await self._connection.fetchval(_EVER_OPEN, course_id)
        return ever_open

    async def note_series(
        self, class_id: UUID, meetings: Mapping[UUID, datetime], *, time_zone: str | None, at: datetime
    ) -> None:
        """All meetings a class has, by when they begin."""
        await self._hold()
        await self._connection.execute(_NOTE_TIMETABLE, class_id, time_zone, at, None)
        await self._note_meetings(class_id, meetings, cancelled=False, at=at)

    async def note_meeting(
        self, class_id: UUID, meeting_id: UUID, starts_at: datetime, *, cancelled: bool, at: datetime
    ) -> None:
        """A meeting was added, moved or cancelled."""
        await self._hold()
        await self._note_meetings(class_id, {meeting_id: starts_at}, cancelled=cancelled, at=at)

    async def note_end(self, class_id: UUID, *, at: datetime) -> None:
        """A class has ended; what it had ahead does not take place."""
        await self._hold()
        await self._connection.execute(_NOTE_TIMETABLE, class_id, None, None, at)

    async def meetings(self, class_id: UUID, *, otherwise: ZoneInfo) -> Mapping[UUID, tuple[date, datetime]]:
        """The meetings that take place, each with its day in the zone of the class, and when it begins."""
        rows = await self._connection.fetch(_MEETINGS_OF, class_id)
        return {
            row["id"]: (day_of(row["starts_at"], zone_or(row["time_zone"], otherwise)), row["starts_at"])
            for row in rows
        }

    async def overtaken(self, concerned: Concerned, fact: FactMark, *, otherwise: ZoneInfo) -> Mapping[UUID, date]:
        """The learners whose quests were drawn without the fact and might be others with it, and since which day."""
        begun, whose = _begun_for(concerned)
        first_day = monday_of(fact.at.astimezone(UTC).date() - _DATES_APART)
        active_on: dict[UUID, set[date]] = defaultdict(set)
        drawn: dict[UUID, set[Period]] = defaultdict(set)
        for player_id, day, cadence in await self._connection.fetch(begun, first_day, whose):
            if cadence is None:
                active_on[player_id].add(day)
            else:
                drawn[player_id].add(Period(Cadence(cadence), day))
        moves = await moves_of(self._connection, active_on.keys() | drawn.keys())
        rows = await self._connection.fetch(_NOT_THE_LATEST, list(drawn), fact.of, fact.number, fact.at, _EVERYBODY)
        not_the_latest = {row["student_id"] for row in rows}
        found = {
            player_id: to_draw_again(
                ZoneHistory(changes, otherwise),
                fact.at,
                active_on=active_on[player_id],
                drawn=drawn[player_id],
                is_latest=player_id not in not_the_latest,
            )
            for player_id, changes in moves.items()
        }
        return {player_id: day for player_id, day in found.items() if day is not None}

    async def active_since(self, class_id: UUID, day: date, *, newcomers: bool = False) -> Collection[UUID]:
        """Learners who had a seat in the class once, and have been active, or have quests, on that day or later."""
        if newcomers:
            since = datetime.combine(day, time(), UTC) - _DATES_APART
            rows = await self._connection.fetch(_BEGUN_FOR_NEWCOMERS, day, class_id, since)
        else:
            rows = await self._connection.fetch(_BEGUN_FOR_CLASS, day, class_id)
        return {row["id"] for row in rows}

    async def opportunities(self, player_id: UUID, span: Span, *, otherwise: ZoneInfo) -> Opportunities:
        """What the learner could do when the period began, or first within it."""
        if not self._is_read:
            if await self._connection.fetchval(_READ) is None:
                await self._connection.execute(_BEGIN)
                await self._connection.fetchval(_READ)
            self._is_read = True
        return await opportunities(self._connection, player_id, span, otherwise=otherwise)

    async def _hold(self) -> None:
        """Have what is noted now stand before or after whatever is drawn at the same time.

        Who has drawn before is looked for afterwards, and would be missed by a transaction that sees only what was
        there when it began: this has to be one that locks.
        """
        if not self._uow.locking:
            raise VersionConflict("a fact has to be noted by a transaction that sees all drawn before it")
        await self._connection.execute(_NOTE)

    async def _note_meetings(
        self, class_id: UUID, meetings: Mapping[UUID, datetime], *, cancelled: bool, at: datetime
    ) -> None:
        await self._connection.execute(
            _NOTE_MEETINGS, class_id, list(meetings), list(meetings.values()), cancelled, at
        )


def _begun_for(concerned: Concerned) -> tuple[str, UUID | None]:
    match concerned:
        case Concerned(student_id=UUID() as student_id):
            return _BEGUN_FOR_STUDENT, student_id
        case Concerned(class_id=UUID() as class_id):
            return _BEGUN_FOR_CLASS, class_id
        case Concerned(course_id=UUID() as course_id):
            return _BEGUN_FOR_COURSE, course_id
        case _:
            return _BEGUN_FOR_ALL, None


async def opportunities(db: Connection, player_id: UUID, span: Span, *, otherwise: ZoneInfo) -> Opportunities:
    """What a learner can do in a period; the one place where that is decided, for drawing and for reading.

    One statement answers if there was something to do when it began.
    """
    can = await _as_of(
        db, player_id, span, span.begins_at, meetings_from=span.begins_at - _DATES_APART, otherwise=otherwise
    )
    if can != NOTHING_TO_DO:
        return can
    for (at,) in await db.fetch(_MOMENTS, player_id, span.begins_at, span.ends_at, _EVERYBODY):
        can = await _as_of(db, player_id, span, at + _AN_INSTANT, meetings_from=at, otherwise=otherwise)
        if can != NOTHING_TO_DO:
            break
    return can


async def _as_of(
    db: Connection, player_id: UUID, span: Span, moment: datetime, *, meetings_from: datetime, otherwise: ZoneInfo
) -> Opportunities:
    """What the learner could do by all that was so before a moment, with the meetings that begin from another on."""
    period = span.period
    row = await db.fetchrow(
        _OPPORTUNITIES,
        player_id,
        moment,
        period.starts_on,
        _EVERYBODY,
        meetings_from,
        span.begins_at + (period.ends_on - period.starts_on) + timedelta(days=1) + _DATES_APART,
    )
    assert row is not None  # noqa: S101  # counts always answer
    days = (day_of(starts_at, zone_or(time_zone, otherwise)) for starts_at, time_zone in row["meetings"])
    return Opportunities(
        exercises=row["exercises"],
        readings=row["readings"],
        quizzes=row["quizzes"],
        coding_exercises=row["coding_exercises"],
        lessons=row["lessons"],
        meetings=sum(period.starts_on <= day <= period.ends_on for day in days),
    )
