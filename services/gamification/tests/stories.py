"""What may happen to a learner, drawn by chance: how it is told, shuffled and repeated, and how it really was."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, get_args
from uuid import UUID

from hypothesis import strategies as st

from babyowl_chassis.ids import new_id
from babyowl_contracts import Envelope, Event
from babyowl_contracts.class_ import (
    AttendanceMarked,
    AttendanceStatus,
    ClassCreated,
    HolidayDeclared,
    HolidayWithdrawn,
    LessonLocked,
    LessonUnlocked,
    MeetingCancelled,
    MeetingMoved,
    PlannedMeeting,
    StudentEnrolled,
    StudentWithdrawn,
)
from babyowl_contracts.identity import ProfileUpdated
from babyowl_contracts.learning import (
    CourseCompleted,
    CoursePublished,
    ExerciseCompleted,
    ExerciseKind,
    LessonCompleted,
    LessonOutline,
)

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


@dataclass(frozen=True)
class School:
    """Two courses of two lessons with an exercise of each kind, and a class of the first of them."""

    courses: tuple[UUID, ...]
    lessons: tuple[tuple[UUID, LessonOutline], ...]
    """Each with its course."""
    class_id: UUID
    meetings: tuple[PlannedMeeting, ...]

    @classmethod
    def open_its_doors(cls, starts: list[datetime]) -> "School":
        """A school whose class meets at these moments."""
        courses = (new_id(), new_id())
        lessons = tuple((course, _outline(position)) for course in courses for position in (1, 2))
        meetings = tuple(
            PlannedMeeting(meeting_id=new_id(), number=number, starts_at=at, ends_at=at + timedelta(hours=1))
            for number, at in enumerate(starts, start=1)
        )
        return cls(courses, lessons, new_id(), meetings)


def _outline(position: int) -> LessonOutline:
    kinds: tuple[ExerciseKind, ...] = get_args(ExerciseKind)
    return LessonOutline(
        lesson_id=new_id(),
        position=position,
        exercise_ids=tuple(new_id() for _ in kinds),
        exercise_kinds=kinds,
    )


def _told(event: Event, at: datetime, *, subject: UUID | None = None, sequence: int = 1) -> Envelope:
    return Envelope(id=new_id(), subject=subject or new_id(), time=at, aggregateseq=sequence, data=event)


@st.composite
def _exercises(draw: st.DrawFn, learner: UUID, school: School) -> list[Envelope]:
    """Exercises of the school's courses, each once, and some of others."""
    known = [
        (course, outline.lesson_id, exercise, kind)
        for course, outline in school.lessons
        for exercise, kind in zip(outline.exercise_ids, outline.exercise_kinds, strict=True)
    ]
    others: list[ExerciseKind] = draw(st.lists(st.sampled_from(get_args(ExerciseKind)), max_size=8))
    done = [
        *(each for each in known if draw(st.booleans())),
        *((draw(st.sampled_from(school.courses)), new_id(), new_id(), kind) for kind in others),
    ]
    told = []
    for course, lesson, exercise, kind in done:
        at = draw(moments)
        completed = ExerciseCompleted(
            student_id=learner,
            course_id=course,
            lesson_id=lesson,
            exercise_id=exercise,
            kind=kind,
            score_percent=None if kind == "reading" else draw(st.sampled_from([60, 90, 100])),
            completed_at=at,
        )
        told.append(_told(completed, at))
    return told


@st.composite
def _regraded(draw: st.DrawFn, exercises: list[Envelope]) -> tuple[list[Envelope], list[Envelope]]:
    """The exercises with the scores that hold in the end, and what was told before some were regraded."""
    final, before = [], []
    for once in exercises:
        told = [once]
        if isinstance(once.data, ExerciseCompleted) and once.data.score_percent is not None:
            scores = draw(st.lists(st.sampled_from([60, 90, 100]), max_size=2))
            told += [
                _told(replace(once.data, score_percent=score, revision=revision), once.time)
                for revision, score in enumerate(scores, start=2)
            ]
        final.append(told[-1])
        before += told[:-1]
    return final, before


@st.composite
def _repeats(draw: st.DrawFn, exercises: list[Envelope]) -> list[Envelope]:
    """Some exercises are done again, later and better, and told of as if that were the first time."""
    told = []
    for once in draw(st.lists(st.sampled_from(exercises), max_size=3)) if exercises else []:
        at = once.time + timedelta(hours=draw(st.integers(1, 100)))
        told.append(_told(replace(once.data, completed_at=at, score_percent=100), at))  # type: ignore[call-arg]
    return told


@st.composite
def _lessons(draw: st.DrawFn, learner: UUID, school: School) -> list[Envelope]:
    lessons = [
        LessonCompleted(student_id=learner, course_id=course, lesson_id=outline.lesson_id, completed_at=draw(moments))
        for course, outline in school.lessons
        if draw(st.booleans())
    ]
    completed = [
        CourseCompleted(student_id=learner, course_id=course, completed_at=draw(moments))
        for course in school.courses
        if draw(st.booleans())
    ]
    events: list[LessonCompleted | CourseCompleted] = [*lessons, *completed]
    return [_told(event, event.completed_at) for event in events]


@st.composite
def _marks(draw: st.DrawFn, learner: UUID, school: School, meeting: PlannedMeeting) -> list[Envelope]:
    """A meeting is marked, corrected, and corrected again; now and then it turns out to have been another day."""
    marked = AttendanceMarked(
        class_id=school.class_id,
        course_id=school.courses[0],
        meeting_id=meeting.meeting_id,
        student_id=learner,
        status="present",
        previous_status=None,
        revision=1,
        meeting_date=date.min,
        meeting_starts_at=meeting.starts_at,
        marked_by=new_id(),
    )
    told = []
    for revision, status in enumerate(draw(st.lists(statuses, max_size=4)), start=1):
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
    told: dict[str, Any] = {"holiday_id": new_id(), "first_date": first, "last_date": first + length}
    events = [HolidayDeclared(**told), HolidayWithdrawn(**told)]
    return [
        _told(event, BEGINNING, sequence=sequence)
        for sequence, event in enumerate(events[: draw(st.sampled_from([1, 1, 2]))], start=1)
    ]


@st.composite
def _publications(draw: st.DrawFn, school: School) -> list[Envelope]:
    told = []
    for course in school.courses:
        at = sorted([BEGINNING, *draw(st.lists(moments, max_size=1))])
        outlines = tuple(outline for whose, outline in school.lessons if whose == course)
        told += [
            _told(
                CoursePublished(
                    course_id=course,
                    instructor_id=new_id(),
                    revision=revision,
                    open=draw(st.booleans()),
                    lessons=outlines,
                ),
                moment,
                subject=course,
                sequence=revision,
            )
            for revision, moment in enumerate(at, start=1)
        ]
    return told


@st.composite
def _timetable(draw: st.DrawFn, learner: UUID, school: School) -> list[Envelope]:
    """The class is planned, the learner gets a seat; lessons are opened and closed, meetings moved and cancelled."""
    ours: dict[str, Any] = {"class_id": school.class_id, "course_id": school.courses[0]}
    seat: dict[str, Any] = {**ours, "student_id": learner, "enrollment_id": new_id()}
    lessons = [outline.lesson_id for course, outline in school.lessons if course == school.courses[0]]
    enrolled = StudentEnrolled(**seat, credits=3)
    # Or on any day, which has begun with nothing to do.
    seated_at = draw(st.one_of(st.sampled_from([BEGINNING, NOON - timedelta(days=5)]), close_hours))
    events: list[tuple[datetime, Event]] = [(seated_at, enrolled)]
    for lesson in lessons:
        whom = draw(st.sampled_from([None, learner]))
        opened = LessonUnlocked(**ours, lesson_ids=(lesson,), student_id=whom, unlocked_by=new_id())
        closed = LessonLocked(**ours, lesson_ids=(lesson,), student_id=whom, locked_by=new_id())
        at = sorted([draw(moments), draw(moments)])
        events += list(zip(at, (opened, closed), strict=True))[: draw(st.sampled_from([1, 1, 2]))]
    if draw(st.integers(0, 3)) == 0:
        events.append((NOON, StudentWithdrawn(**seat, credits_left=1, reason="withdrawn", to_class_id=None)))
    for meeting in school.meetings:
        if draw(st.integers(0, 2)) == 0:
            moved = replace(meeting, starts_at=draw(moments))
            change = MeetingMoved(**ours, meeting=moved, previous_starts_at=meeting.starts_at, sequence=1)
            events.append((draw(moments), change))
        if draw(st.integers(0, 3)) == 0:
            cancelled = MeetingCancelled(
                **ours,
                meeting_id=meeting.meeting_id,
                number=meeting.number,
                starts_at=meeting.starts_at,
                total_meetings=2,
                sequence=2,
            )
            events.append((draw(moments), cancelled))
    created = ClassCreated(
        **ours,
        instructor_id=new_id(),
        class_type="group",
        capacity=6,
        total_meetings=len(school.meetings),
        time_zone="Asia/Jakarta",
        meetings=school.meetings,
    )
    # No two things happen to a class at one moment: the sequence is that of time.
    ticks = count(1)
    return [
        _told(event, at + timedelta(microseconds=sequence), subject=school.class_id, sequence=sequence)
        for at, event in [(BEGINNING, created), *sorted(events, key=lambda each: each[0])]
        for sequence in (next(ticks),)
    ]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Deeds, corrections, moves, holidays and lessons; told in any order, and some of it more than once."""
    learner = new_id()
    school = School.open_its_doors(draw(st.lists(close_hours, max_size=3)))
    exercises, before_regrading = draw(_regraded(draw(_exercises(learner, school))))
    deeds = [*exercises, *draw(_lessons(learner, school))]
    marks = [draw(_marks(learner, school, meeting)) for meeting in school.meetings]
    deeds += [each[-1] for each in marks if each]
    happened = [*draw(_publications(school)), *draw(_timetable(learner, school)), *draw(_moves(learner))]
    holidays = draw(st.lists(_holiday(), max_size=2))
    reports = [*deeds, *draw(_repeats(exercises)), *happened, *(each for chain in holidays for each in chain)]
    reports += [*before_regrading, *(each for chain in marks for each in chain[:-1])]
    again = draw(st.lists(st.sampled_from(reports), max_size=6))
    as_news = [replace(report, id=new_id()) if draw(st.booleans()) else report for report in again]
    # Holidays are known beforehand; all else when it is so, deeds after what they are counted by.
    in_order = sorted([*happened, *deeds], key=lambda report: (report.time, report in deeds))
    return Story(
        learner,
        arrivals=tuple(draw(st.permutations([*reports, *as_news]))),
        right_at_first=(*(chain[-1] for chain in holidays), *in_order),
    )
