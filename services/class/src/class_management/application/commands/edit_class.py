"""Staff change the terms of a class; what a seat pays for only while it is a draft."""

from dataclasses import dataclass
from typing import TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Ok, Result
from class_management.application.engagements import double_booking
from class_management.application.ports import UnitOfWork
from class_management.application.seating import move_up
from class_management.domain import policies
from class_management.domain.credit_errors import CreditsOwed, NoCreditLeft
from class_management.domain.errors import ClassNotFound, EditRefused, TeacherRefused
from class_management.domain.planning import PlannedClass
from class_management.domain.schedule_errors import InstructorDoubleBooked
from class_management.domain.terms import UNCHANGED, ChangedTerms
from class_management.domain.values import ClassId

EditOutcome: TypeAlias = Result[
    PlannedClass, ClassNotFound | TeacherRefused | EditRefused | NoCreditLeft | CreditsOwed | InstructorDoubleBooked
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditClass(Command[EditOutcome]):
    """`expected_version` is that of class and timetable together; None if it does not matter."""

    class_id: ClassId
    changes: ChangedTerms
    expected_version: int | None = None
    by: Actor


async def edit_class(command: EditClass, uow: UnitOfWork, clock: Clock, new_id: NewId) -> EditOutcome:
    # Meetings before the class, as whoever books a make-up does: so that the two never deadlock.
    timetable = await uow.timetables.of_class(command.class_id)
    class_ = await uow.classes.get(command.class_id)
    if class_ is None or timetable is None:
        return Err(ClassNotFound(command.class_id))
    instructor_id = command.changes.instructor_id
    if instructor_id is not UNCHANGED and (
        refusal := policies.may_teach(instructor_id, await uow.people.get(instructor_id))
    ):
        return Err(refusal)
    now, former, former_meetings = clock(), class_.terms, set(timetable.meetings)
    edited = class_.edit(
        command.changes,
        timetable,
        closed=await uow.holidays.closed_days(since=timetable.schedule.first_date),
        expected_version=command.expected_version,
        now=now,
        new_id=new_id,
    )
    if isinstance(edited, Err):
        return edited
    changed = [meeting for meeting in timetable.planned if meeting not in former_meetings]
    if clash := await double_booking(changed, uow):
        return Err(clash)
    await move_up(class_, uow, now=now)
    if (former.package, former.zero_balance) == (class_.package, class_.zero_balance):
        return Ok(PlannedClass(class_, timetable))
    for account in await uow.accounts.of_class(class_.id):
        repackaged = account.repackage(class_.package - former.package, by=command.by.user_id, now=now, new_id=new_id)
        followed = repackaged if isinstance(repackaged, Err) else account.follow(class_.zero_balance)
        if isinstance(followed, Err):
            return followed
    return Ok(PlannedClass(class_, timetable))
