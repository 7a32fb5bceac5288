"""Who teaches and who attends."""

from babyowl_contracts import Envelope
from babyowl_contracts.class_ import ClassCreated, ClassEdited, StudentEnrolled, StudentWithdrawn
from gamification.application.ports import UnitOfWork


async def note_class(event: ClassCreated | ClassEdited, uow: UnitOfWork, envelope: Envelope) -> None:
    """The class's instructor may see its leaderboard, and the progress of its students."""
    if event.instructor_id is not None:
        await uow.classes.note_class(
            event.class_id,
            course_id=event.course_id,
            instructor_id=event.instructor_id,
            sequence=envelope.aggregateseq,
        )


async def note_member(event: StudentEnrolled | StudentWithdrawn, uow: UnitOfWork, envelope: Envelope) -> None:
    """The student stands on the leaderboard of the class until the seat is given up; what was earned stays."""
    await uow.classes.note_member(
        event.class_id,
        student_id=event.student_id,
        active=isinstance(event, StudentEnrolled),
        sequence=envelope.aggregateseq,
    )
