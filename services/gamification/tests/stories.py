"""What may happen to a learner, drawn by chance: how it is told, shuffled and repeated, and how it really was."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import get_args
from uuid import UUID

from hypothesis import strategies as st

from babyowl_chassis.ids import new_id
from babyowl_contracts import Envelope, Event
from babyowl_contracts.class_ import AttendanceMarked, AttendanceStatus, HolidayDeclared, HolidayWithdrawn
from babyowl_contracts.identity import ProfileUpdated
from babyowl_contracts.learning import CourseCompleted, ExerciseCompleted, ExerciseKind, LessonCompleted

from .game import NOON

BEGINNING = NOON - timedelta(days=40)
END = NOON + timedelta(days=2)

# Days far enough apart, and deeds enough, that Postgres holds days which a deed does not load.
hours = st.integers(-40 * 24, 2 * 24).map(lambda hours: NOON + timedelta(hours=hours))
# And days close enough for caps, quests of a week and streaks.
close_hours = st.integers(-10 * 24, 2 * 24).map(lambda hours: NOON + timedelta(hours=hours))
moments = st.one_of(hours, close_hours, close_hours)
statuses = st.sampled_from(get_args(AttendanceStatus))
zones = st.sampled_from(["UTC", "Asia/Jakarta", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Niue"])


@dataclass(frozen=True)
class Story:
    """What happened to one learner: every report there was, as they arrived, and what was really so, in its order."""

    learner_id: UUID
    arrivals: tuple[Envelope, ...]
    right_at_first: tuple[Envelope, ...]


def _told(event: Event, at: datetime, *, subject: UUID | None = None, sequence: int = 1) -> Envelope:
    return Envelope(id=new_id(), subject=subject or new_id(), time=at, aggregateseq=sequence, data=event)


@st.composite
def _exercises(draw: st.DrawFn, learner: UUID, courses: Sequence[UUID]) -> list[Envelope]:
    def one(at: datetime) -> Envelope:
        kind: ExerciseKind = draw(st.sampled_from(get_args(ExerciseKind)))
        completed = ExerciseCompleted(
            student_id=learner,
            course_id=draw(st.sampled_from(courses)),
            lesson_id=new_id(),
            exercise_id=new_id(),
            kind=kind,
            score_percent=None if kind == "reading" else draw(st.sampled_from([60, 90, 100])),
            completed_at=at,
        )
        return _told(completed, at)

    return [one(at) for at in draw(st.lists(moments, max_size=18))]


@st.composite
def _lessons(draw: st.DrawFn, learner: UUID, courses: Sequence[UUID]) -> list[Envelope]:
    lessons = [
        LessonCompleted(
            student_id=learner, course_id=draw(st.sampled_from(courses)), lesson_id=new_id(), completed_at=at
        )
        for at in draw(st.lists(moments, max_size=5))
    ]
    completed = [
        CourseCompleted(student_id=learner, course_id=course, completed_at=draw(moments))
        for course in courses
        if draw(st.booleans())
    ]
    return [_told(event, event.completed_at) for event in (*lessons, *completed)]


@st.composite
def _meeting(draw: st.DrawFn, learner: UUID, courses: Sequence[UUID]) -> list[Envelope]:
    """A meeting is marked, corrected, and corrected again; now and then it turns out to have been another day."""
    marked = AttendanceMarked(
        class_id=new_id(),
        course_id=draw(st.sampled_from(courses)),
        meeting_id=new_id(),
        student_id=learner,
        status="present",
        previous_status=None,
        revision=1,
        meeting_date=date.min,
        meeting_starts_at=draw(moments),
        marked_by=new_id(),
    )
    told = []
    for revision, status in enumerate(draw(st.lists(statuses, min_size=1, max_size=4)), start=1):
        starts_at = draw(moments) if draw(st.booleans()) else marked.meeting_starts_at
        marked = replace(
            marked, status=status, revision=revision, meeting_starts_at=starts_at, meeting_date=starts_at.date()
        )
        told.append(_told(marked, starts_at))
    return told


@st.composite
def _moves(draw: st.DrawFn, learner: UUID) -> list[Envelope]:
    moves = sorted(draw(st.lists(st.tuples(moments, zones), max_size=3, unique_by=lambda move: move[0])))
    return [
        _told(ProfileUpdated(user_id=learner, time_zone=zone), at, subject=learner, sequence=sequence)
        for sequence, (at, zone) in enumerate(moves, start=1)
    ]


@st.composite
def _holiday(draw: st.DrawFn) -> list[Envelope]:
    first, length = draw(moments).date(), timedelta(days=draw(st.integers(0, 9)))
    told: dict[str, object] = {"holiday_id": new_id(), "first_date": first, "last_date": first + length}
    events = [HolidayDeclared(**told), HolidayWithdrawn(**told)]  # type: ignore[arg-type]
    return [
        _told(event, BEGINNING, sequence=sequence)
        for sequence, event in enumerate(events[: draw(st.sampled_from([1, 1, 2]))], start=1)
    ]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Deeds, corrections, moves and holidays; all of it told in any order, some of it more than once."""
    learner, courses = new_id(), [new_id(), new_id()]
    once = [*draw(_exercises(learner, courses)), *draw(_lessons(learner, courses)), *draw(_moves(learner))]
    meetings = draw(st.lists(_meeting(learner, courses), max_size=3))
    holidays = draw(st.lists(_holiday(), max_size=2))
    reports = [*once, *(each for chain in (*meetings, *holidays) for each in chain)]
    again = draw(st.lists(st.sampled_from(reports), max_size=6)) if reports else []
    as_news = [replace(report, id=new_id()) if draw(st.booleans()) else report for report in again]
    # What is known before anything is counted comes first; then each deed when it happened, as it last was told.
    known = [report for report in (*once, *(chain[-1] for chain in holidays)) if _is_fact(report)]
    deeds = [*(report for report in once if not _is_fact(report)), *(chain[-1] for chain in meetings)]
    return Story(
        learner,
        arrivals=tuple(draw(st.permutations([*reports, *as_news]))),
        right_at_first=(*known, *sorted(deeds, key=lambda report: report.time)),
    )


def _is_fact(report: Envelope) -> bool:
    return isinstance(report.data, ProfileUpdated | HolidayDeclared | HolidayWithdrawn)
