"""What learners can do: quests are drawn from it.

What comes in its turn changes nothing that was drawn: of lessons and seats counts what was when a day began. Only
who had nothing to do then has quests of the first moment at which there was something. What comes late changes what
was drawn, and so does a meeting that is moved or called off; then those whom it concerns are recounted.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import TypeAlias
from uuid import UUID

from babyowl_contracts import Envelope
from babyowl_contracts.class_ import (
    ClassCancelled,
    ClassCompleted,
    ClassCreated,
    ClassEdited,
    LessonLocked,
    LessonUnlocked,
    MeetingAdded,
    MeetingCancelled,
    MeetingMoved,
    StudentEnrolled,
    StudentWithdrawn,
)
from babyowl_contracts.learning import CoursePublished, LessonOutline
from gamification.application.ports import UnitOfWork
from gamification.application.scorekeeping import Scorekeeper
from gamification.domain.calendar import monday_of
from gamification.domain.curriculum import Concerned, FactMark, PublishedLesson

TimetableNews: TypeAlias = (
    ClassCreated | ClassEdited | MeetingAdded | MeetingMoved | MeetingCancelled | ClassCompleted | ClassCancelled
)


async def note_seat(
    event: StudentEnrolled | StudentWithdrawn, uow: UnitOfWork, envelope: Envelope, scorekeeper: Scorekeeper
) -> None:
    """Lessons and meetings of a class are there for who has a seat in it."""
    await uow.curriculum.note_seat(
        event.class_id,
        event.course_id,
        event.student_id,
        active=isinstance(event, StudentEnrolled),
        sequence=envelope.aggregateseq,
        at=envelope.time,
    )
    fact = FactMark(event.class_id, envelope.aggregateseq, envelope.time)
    await _redraw_after(fact, Concerned(student_id=event.student_id), uow, scorekeeper)


async def note_lessons(
    event: LessonUnlocked | LessonLocked, uow: UnitOfWork, envelope: Envelope, scorekeeper: Scorekeeper
) -> None:
    """A lesson is there for the class, or for one student of it."""
    await uow.curriculum.note_lessons(
        event.class_id,
        event.lesson_ids,
        event.student_id,
        are_open=isinstance(event, LessonUnlocked),
        sequence=envelope.aggregateseq,
        at=envelope.time,
    )
    concerned = Concerned(student_id=event.student_id, class_id=event.class_id)
    fact = FactMark(event.class_id, envelope.aggregateseq, envelope.time)
    await _redraw_after(fact, concerned, uow, scorekeeper)


async def note_publication(
    event: CoursePublished, uow: UnitOfWork, envelope: Envelope, scorekeeper: Scorekeeper
) -> None:
    """What a course consists of; one that is open is there for everybody."""
    ever_open = await uow.curriculum.note_publication(
        event.course_id,
        event.revision,
        tuple(PublishedLesson(lesson.lesson_id, _exercises_of(lesson)) for lesson in event.lessons),
        is_open=event.open,
        at=envelope.time,
    )
    concerned = Concerned() if ever_open else Concerned(course_id=event.course_id)
    fact = FactMark(event.course_id, event.revision, envelope.time)
    await _redraw_after(fact, concerned, uow, scorekeeper)


async def note_meetings(
    event: ClassCreated
    | ClassEdited
    | MeetingAdded
    | MeetingMoved
    | MeetingCancelled
    | ClassCompleted
    | ClassCancelled,
    uow: UnitOfWork,
    envelope: Envelope,
    scorekeeper: Scorekeeper,
) -> None:
    """When a class meets. That is known beforehand, and so counts as it was in the end."""
    academy_zone = scorekeeper.academy.zone
    before = await uow.curriculum.meetings(event.class_id, otherwise=academy_zone)
    await _note_meetings(event, uow, envelope)
    after = await uow.curriculum.meetings(event.class_id, otherwise=academy_zone)
    on_days, at_hours = set[date](), set[date]()
    for meeting_id, (day, _) in before.items() ^ after.items():
        stays = meeting_id in before and meeting_id in after and before[meeting_id][0] == after[meeting_id][0]
        (at_hours if stays else on_days).add(day)
    # At which hour of its day a meeting begins matters only to who took their seat on that day.
    for changed, newcomers in ((on_days, False), (at_hours, True)):
        if changed:
            monday = monday_of(min(changed))
            concerned = await uow.curriculum.active_since(event.class_id, monday, newcomers=newcomers)
            await uow.recounts.ask(concerned, from_day=monday, redraw=True)


async def _note_meetings(
    event: ClassCreated
    | ClassEdited
    | MeetingAdded
    | MeetingMoved
    | MeetingCancelled
    | ClassCompleted
    | ClassCancelled,
    uow: UnitOfWork,
    envelope: Envelope,
) -> None:
    curriculum, at = uow.curriculum, envelope.time
    match event:
        case ClassCreated() | ClassEdited():
            await curriculum.note_series(
                event.class_id,
                {meeting.meeting_id: meeting.starts_at for meeting in event.meetings},
                time_zone=event.time_zone if isinstance(event, ClassCreated) else None,
                at=at,
            )
        case MeetingAdded(meeting=meeting) | MeetingMoved(meeting=meeting):
            await curriculum.note_meeting(
                event.class_id, meeting.meeting_id, meeting.starts_at, cancelled=False, at=at
            )
        case MeetingCancelled():
            await curriculum.note_meeting(event.class_id, event.meeting_id, event.starts_at, cancelled=True, at=at)
        case ClassCompleted() | ClassCancelled():
            await curriculum.note_end(event.class_id, at=at)


def _exercises_of(lesson: LessonOutline) -> tuple[tuple[UUID, str | None], ...]:
    kinds = lesson.exercise_kinds or (None,) * len(lesson.exercise_ids)
    return tuple(zip(lesson.exercise_ids, kinds, strict=True))


async def _redraw_after(fact: FactMark, concerned: Concerned, uow: UnitOfWork, scorekeeper: Scorekeeper) -> None:
    overtaken = await uow.curriculum.overtaken(concerned, fact, otherwise=scorekeeper.academy.zone)
    for day, learner_ids in _by_day(overtaken).items():
        await uow.recounts.ask(learner_ids, from_day=day, redraw=True)


def _by_day(days: Mapping[UUID, date]) -> Mapping[date, list[UUID]]:
    found: dict[date, list[UUID]] = defaultdict(list)
    for learner_id, day in days.items():
        found[day].append(learner_id)
    return found
