"""Which domain event becomes which contract; all that others may build upon is in this match."""

from babyowl_contracts import Event
from babyowl_contracts import class_ as contract
from babyowl_kernel import DomainEvent
from class_management.domain import events
from class_management.domain.schedule import Meeting


def published(event: DomainEvent) -> Event | None:  # noqa: PLR0912  a branch for each event there is
    """The contract of a domain event; None for what nobody else needs to know."""
    match event:
        case events.ClassPlanned():
            return contract.ClassCreated(
                class_id=event.class_id,
                course_id=event.course_id,
                instructor_id=event.instructor_id,
                class_type=event.type,
                capacity=event.capacity,
                total_meetings=len(event.meetings),
                time_zone=event.time_zone,
                meetings=tuple(_planned(meeting) for meeting in event.meetings),
            )
        case events.ClassEdited():
            return contract.ClassEdited(
                class_id=event.class_id,
                course_id=event.course_id,
                instructor_id=event.instructor_id,
                capacity=event.capacity,
                total_meetings=len(event.meetings),
                meetings=tuple(_planned(meeting) for meeting in event.meetings),
            )
        case events.ClassActivated():
            return contract.ClassActivated(class_id=event.class_id, course_id=event.course_id)
        case events.MeetingAdded():
            return contract.MeetingAdded(
                class_id=event.class_id,
                course_id=event.course_id,
                meeting=_planned(event.meeting),
                total_meetings=event.total_meetings,
            )
        case events.MeetingMoved():
            return contract.MeetingMoved(
                class_id=event.class_id,
                course_id=event.course_id,
                meeting=_planned(event.meeting),
                previous_starts_at=event.previous_starts_at,
                sequence=event.meeting.sequence,
                meeting_date=event.meeting.local_date,
            )
        case events.MeetingCancelled():
            return contract.MeetingCancelled(
                class_id=event.class_id,
                course_id=event.course_id,
                meeting_id=event.meeting.id,
                number=event.meeting.number,
                starts_at=event.meeting.starts_at,
                total_meetings=event.total_meetings,
                sequence=event.meeting.sequence,
            )
        case events.SubstituteAssigned():
            return contract.SubstituteAssigned(
                class_id=event.class_id,
                course_id=event.course_id,
                meeting_id=event.meeting.id,
                meeting_date=event.meeting.local_date,
                instructor_id=event.instructor_id,
                substitute_id=event.meeting.substitute_id,
            )
        case events.HolidayDeclared():
            return contract.HolidayDeclared(
                holiday_id=event.holiday_id, first_date=event.first_date, last_date=event.last_date
            )
        case events.HolidayWithdrawn():
            return contract.HolidayWithdrawn(
                holiday_id=event.holiday_id, first_date=event.first_date, last_date=event.last_date
            )
        case events.StudentEnrolled():
            return contract.StudentEnrolled(
                class_id=event.class_id,
                course_id=event.course_id,
                student_id=event.student_id,
                enrollment_id=event.enrollment_id,
                credits=event.credits,
                resumed=event.resumed,
                transferred_from=event.transferred_from,
            )
        case events.ClassCompleted():
            return _completion(event)
        case events.ClassCancelled():
            return contract.ClassCancelled(class_id=event.class_id, course_id=event.course_id)
        case events.StudentWithdrawn():
            return contract.StudentWithdrawn(
                class_id=event.class_id,
                course_id=event.course_id,
                student_id=event.student_id,
                enrollment_id=event.enrollment_id,
                credits_left=event.credits_left,
                reason="withdrawn" if event.to_class_id is None else "transferred",
                to_class_id=event.to_class_id,
            )
        case events.WaitingListJoined():
            return contract.WaitingListJoined(
                class_id=event.class_id,
                course_id=event.course_id,
                student_id=event.student_id,
                position=event.position,
            )
        case events.WaitingListLeft():
            return contract.WaitingListLeft(class_id=event.class_id, student_id=event.student_id, reason=event.reason)
        case events.SeatOffered():
            return contract.SeatOffered(
                class_id=event.class_id,
                course_id=event.course_id,
                student_id=event.student_id,
                expires_at=event.expires_at,
            )
        case events.SeatOfferEnded():
            return contract.SeatOfferEnded(
                class_id=event.class_id, student_id=event.student_id, outcome=event.outcome
            )
        case events.LessonsUnlocked():
            return contract.LessonUnlocked(
                class_id=event.class_id,
                course_id=event.course_id,
                lesson_ids=event.lesson_ids,
                student_id=event.student_id,
                unlocked_by=event.unlocked_by,
            )
        case events.LessonsLocked():
            return contract.LessonLocked(
                class_id=event.class_id,
                course_id=event.course_id,
                lesson_ids=event.lesson_ids,
                student_id=event.student_id,
                locked_by=event.locked_by,
            )
        case events.AttendanceMarked() if event.status == event.previous_status:
            return None  # another note is nobody else's business
        case events.AttendanceMarked():
            return contract.AttendanceMarked(
                class_id=event.class_id,
                course_id=event.course_id,
                meeting_id=event.meeting_id,
                student_id=event.student_id,
                status=event.status,
                previous_status=event.previous_status,
                revision=event.revision,
                meeting_date=event.meeting_date,
                meeting_starts_at=event.meeting_starts_at,
                marked_by=event.marked_by,
                guest=event.guest,
            )
        case events.CreditPosted():
            return _credit_contract(event)
        case events.VoucherIssued():
            return contract.MakeUpVoucherIssued(
                voucher_id=event.voucher_id,
                class_id=event.class_id,
                course_id=event.course_id,
                student_id=event.student_id,
                meeting_id=event.meeting_id,
                expires_at=event.expires_at,
            )
        case events.VoucherEnded():
            return contract.MakeUpVoucherEnded(
                voucher_id=event.voucher_id,
                class_id=event.class_id,
                student_id=event.student_id,
                outcome=event.outcome,
            )
        case events.MakeUpBooked():
            return contract.MakeUpBooked(
                voucher_id=event.voucher_id,
                class_id=event.class_id,
                host_class_id=event.host_class_id,
                meeting_id=event.meeting_id,
                student_id=event.student_id,
                starts_at=event.starts_at,
            )
        case events.MakeUpCancelled():
            return contract.MakeUpCancelled(
                voucher_id=event.voucher_id,
                class_id=event.class_id,
                host_class_id=event.host_class_id,
                meeting_id=event.meeting_id,
                student_id=event.student_id,
                by=event.by,
            )
        case events.SeriesEnded():
            return None  # ClassCompleted or ClassCancelled tells it all
        case events.CalendarFeedOpened() | events.CalendarFeedRenewed() | events.CalendarFeedRevoked():
            return None
        case _:
            raise TypeError(f"nobody has decided whether {type(event).__name__} is published")


def _credit_contract(
    event: events.CreditPosted,
) -> contract.CreditDeducted | contract.CreditAdjusted | contract.CreditsGranted | contract.CreditsExpired | None:
    match event.cause:
        case "attendance" | "correction" if event.meeting_id is not None and event.amount < 0:
            return contract.CreditDeducted(
                class_id=event.class_id,
                student_id=event.student_id,
                entry_id=event.entry_id,
                meeting_id=event.meeting_id,
                amount=-event.amount,
                balance=event.balance,
            )
        case "package" if event.number == 1:
            return None  # StudentEnrolled has told of the package that came with the seat
        case "purchase" | "transfer" if event.amount > 0:
            return contract.CreditsGranted(
                class_id=event.class_id,
                student_id=event.student_id,
                entry_id=event.entry_id,
                origin="purchase" if event.cause == "purchase" else "transfer",
                amount=event.amount,
                balance=event.balance,
                expires_at=event.expires_at,
                reference=event.reference,
            )
        case "expiry":
            return contract.CreditsExpired(
                class_id=event.class_id,
                student_id=event.student_id,
                entry_id=event.entry_id,
                amount=-event.amount,
                balance=event.balance,
            )
        case "package" | "manual" | "attendance" | "correction":
            return contract.CreditAdjusted(
                class_id=event.class_id,
                student_id=event.student_id,
                entry_id=event.entry_id,
                meeting_id=event.meeting_id,
                cause="manual" if event.meeting_id is None else "correction",
                amount=event.amount,
                balance=event.balance,
            )
        case "make_up" | "settlement":
            return None  # one line takes what the other gives
        case _:
            return None  # StudentWithdrawn tells what was taken along


def _completion(event: events.ClassCompleted) -> contract.ClassCompleted:
    tally = event.tally
    return contract.ClassCompleted(
        class_id=event.class_id,
        course_id=event.course_id,
        instructor_id=event.instructor_id,
        completed_at=event.completed_at,
        meetings_held=tally.meetings_held,
        meetings_planned=event.meetings_planned,
        students=len(event.credits_left),
        attended=tally.attended,
        marked=tally.marked,
        attendance_basis_points=round(10_000 * tally.attended / tally.marked) if tally.marked else None,
        credits_left=tuple(
            contract.CreditsLeft(student_id=each.student_id, enrollment_id=each.enrollment_id, credits=each.credits)
            for each in event.credits_left
        ),
    )


def _planned(meeting: Meeting) -> contract.PlannedMeeting:
    return contract.PlannedMeeting(
        meeting_id=meeting.id,
        number=meeting.number,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
    )
