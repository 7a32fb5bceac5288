"""Staff let somebody else teach a meeting, or give it back to the instructor of the class."""

from dataclasses import dataclass
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, Result
from class_management.application.engagements import double_booking
from class_management.application.ports import UnitOfWork
from class_management.domain import policies
from class_management.domain.errors import ClassNotFound, TeacherRefused
from class_management.domain.schedule import Meeting
from class_management.domain.schedule_errors import InstructorDoubleBooked, SubstituteRefused
from class_management.domain.values import ClassId, MeetingId, UserId

SubstituteOutcome: TypeAlias = Result[
    Meeting, ClassNotFound | TeacherRefused | SubstituteRefused | InstructorDoubleBooked
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignSubstitute(Command[SubstituteOutcome]):
    """Without a substitute the meeting goes back to the instructor of the class."""

    class_id: ClassId
    meeting_id: MeetingId
    substitute_id: UserId | None
    by: Actor


async def assign_substitute(command: AssignSubstitute, uow: UnitOfWork, clock: Clock) -> SubstituteOutcome:
    timetable = await uow.timetables.of_class(command.class_id)
    if timetable is None:
        return Err(ClassNotFound(command.class_id))
    if command.substitute_id is not None:
        person = await uow.people.get(command.substitute_id)
        if refusal := policies.may_teach(command.substitute_id, person):
            return Err(refusal)
    assigned = timetable.substitute(command.meeting_id, command.substitute_id, now=clock())
    if isinstance(assigned, Err):
        return assigned
    clash = await double_booking([assigned.value], uow)
    return assigned if clash is None else Err(clash)
