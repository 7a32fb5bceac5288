"""Staff bring a class to its end, and others are told how it went."""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from babyowl_kernel import Actor, Clock, Command, Err, NewId, Result
from class_management.application.make_ups import Change, meetings_cancelled
from class_management.application.ports import UnitOfWork
from class_management.domain.class_ import Class
from class_management.domain.errors import ClassNotFound, CompletionRefused
from class_management.domain.values import ClassId

CompletionOutcome: TypeAlias = Result[Class, ClassNotFound | CompletionRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteClass(Command[CompletionOutcome]):
    """`cancel_remaining` cancels the meetings that still lie ahead, where they would be in the way."""

    exclusive: ClassVar[bool] = True

    class_id: ClassId
    cancel_remaining: bool = False
    by: Actor


async def complete_class(command: CompleteClass, uow: UnitOfWork, clock: Clock, new_id: NewId) -> CompletionOutcome:
    # Meetings before the class, as whoever books a make-up does: so that the two never deadlock.
    timetable = await uow.timetables.of_class(command.class_id)
    if timetable is None:
        return Err(ClassNotFound(command.class_id))
    now = clock()
    ahead = [meeting.id for meeting in timetable.planned if meeting.starts_at > now]
    begun = await uow.registers.begun(ahead)
    class_ = await uow.classes.get(command.class_id)
    if class_ is None:
        return Err(ClassNotFound(command.class_id))
    not_begun = [meeting_id for meeting_id in ahead if meeting_id not in begun]
    await meetings_cancelled(not_begun, uow, Change(command.by.user_id, now, new_id), class_ends=True)
    balances = {}
    for student_id, account in (await uow.accounts.of_students(class_.id, list(class_.enrollments))).items():
        account.lapse(now=now, new_id=new_id)
        balances[student_id] = account.balance
    # Who has excused themselves from a meeting that now never takes place has missed nothing.
    tally = await uow.registers.tally_of_class(class_.id, leaving_out=not_begun)
    return class_.complete(
        timetable,
        tally=tally,
        balances=balances,
        begun=begun,
        cancel_remaining=command.cancel_remaining,
        now=now,
    )
