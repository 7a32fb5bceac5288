"""What Learning makes of the events of classes.

Of each thing (a class, a meeting, a seat, a lesson's lock) the latest fact is kept, so order and repetition don't
matter. A class that is completed keeps open what it had opened.
"""

from babyowl_contracts import Envelope
from babyowl_contracts.class_ import (
    ClassCreated,
    ClassEdited,
    LessonLocked,
    LessonUnlocked,
    MeetingCancelled,
    MeetingMoved,
    StudentEnrolled,
    StudentWithdrawn,
    SubstituteAssigned,
)
from learning.application.ports import UnitOfWork


async def note_class(event: ClassCreated | ClassEdited, uow: UnitOfWork, envelope: Envelope) -> None:
    """Whoever teaches a class of a course may read it, and see how its students do."""
    if event.instructor_id is not None:
        await uow.class_facts.note_class(
            event.class_id, event.course_id, event.instructor_id, sequence=envelope.aggregateseq
        )


async def note_substitute(event: SubstituteAssigned | MeetingCancelled, uow: UnitOfWork, envelope: Envelope) -> None:
    """Whoever stands in at a meeting of a class of a course may read it too, until some days after."""
    facts, sequence = uow.class_facts, envelope.aggregateseq
    if isinstance(event, MeetingCancelled):
        await facts.note_substitute(event.meeting_id, event.course_id, None, sequence=sequence)
        return
    await facts.note_substitute(event.meeting_id, event.course_id, event.substitute_id, sequence=sequence)
    await facts.note_meeting_date(event.meeting_id, event.meeting_date, sequence=sequence)


async def note_meeting_date(event: MeetingMoved, uow: UnitOfWork, envelope: Envelope) -> None:
    """A meeting that is moved takes along the days on which its substitute, if it has one, may read the course."""
    if event.meeting_date is not None:
        await uow.class_facts.note_meeting_date(
            event.meeting.meeting_id, event.meeting_date, sequence=envelope.aggregateseq
        )


async def note_enrollment(event: StudentEnrolled | StudentWithdrawn, uow: UnitOfWork, envelope: Envelope) -> None:
    """A seat in a class of the course is the first half of the way to a lesson, until it is given up."""
    await uow.class_facts.note_enrollment(
        event.class_id,
        event.course_id,
        event.student_id,
        active=isinstance(event, StudentEnrolled),
        sequence=envelope.aggregateseq,
    )


async def note_lessons(event: LessonUnlocked | LessonLocked, uow: UnitOfWork, envelope: Envelope) -> None:
    """An unlocked lesson is the other half, for the whole class or for one student of it, until it is locked."""
    await uow.class_facts.note_lessons(
        event.class_id,
        event.lesson_ids,
        event.student_id,
        are_open=isinstance(event, LessonUnlocked),
        sequence=envelope.aggregateseq,
    )
