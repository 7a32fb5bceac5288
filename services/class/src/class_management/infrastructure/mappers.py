"""From aggregates to rows and back; pure, and checked field by field by a round-trip test."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from babyowl_chassis.unit_of_work import AggregateMapping, Row, Rows
from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class
from class_management.domain.courses import CourseOutline
from class_management.domain.credits import CreditAccount
from class_management.domain.events import AttendanceMarked, CreditPosted, StudentEnrolled, StudentWithdrawn
from class_management.domain.feeds import CalendarFeed
from class_management.domain.lots import Lot
from class_management.domain.open_lessons import LessonUnlock, OpenLessons
from class_management.domain.seats import Enrollment, GuestSeat, Seats, WaitingPlace
from class_management.infrastructure.tables import (
    AttendanceRow,
    CalendarFeedRow,
    ClassRow,
    CourseLessonRow,
    CourseRow,
    CreditAccountRow,
    EnrollmentRow,
    GuestSeatRow,
    LessonUnlockRow,
    OpenLessonsRow,
    WaitingPlaceRow,
)

MINUTE = timedelta(minutes=1)


def class_to_rows(class_: Class) -> Rows:
    return {
        ClassRow: [
            {
                "id": class_.id,
                "version": class_.version,
                "name": class_.name,
                "course_id": class_.course_id,
                "instructor_id": class_.instructor_id,
                "type": class_.type,
                "status": class_.status,
                "capacity": class_.capacity,
                "package": class_.package,
                "zero_balance": class_.zero_balance,
                "excuse_deadline_minutes": class_.excuse_deadline // MINUTE,
                "make_up_days": class_.make_up_days,
                "credit_days": class_.credit_days,
                "offer_hours": class_.offer_hours,
                "created_by": class_.created_by,
                "created_at": class_.created_at,
                "activated_at": class_.activated_at,
                "ended_at": class_.ended_at,
                "cancel_reason": class_.cancel_reason,
            }
        ],
        EnrollmentRow: [{"class_id": class_.id, **columns(seat)} for seat in class_.seats.enrollments.values()],
        WaitingPlaceRow: [{"class_id": class_.id, **columns(place)} for place in class_.seats.waiting],
        GuestSeatRow: [{"class_id": class_.id, **columns(guest)} for guest in class_.seats.guests],
    }


def class_from_rows(rows: Rows) -> Class:
    [root] = rows[ClassRow]
    enrollments = [Enrollment(**without(row, "class_id")) for row in rows[EnrollmentRow]]
    waiting = [WaitingPlace(**without(row, "class_id")) for row in rows[WaitingPlaceRow]]
    return Class(
        id=root["id"],
        version=root["version"],
        name=root["name"],
        course_id=root["course_id"],
        instructor_id=root["instructor_id"],
        type=root["type"],
        status=root["status"],
        package=root["package"],
        zero_balance=root["zero_balance"],
        excuse_deadline=root["excuse_deadline_minutes"] * MINUTE,
        make_up_days=root["make_up_days"],
        credit_days=root["credit_days"],
        offer_hours=root["offer_hours"],
        created_by=root["created_by"],
        created_at=root["created_at"],
        activated_at=root["activated_at"],
        ended_at=root["ended_at"],
        cancel_reason=root["cancel_reason"],
        seats=Seats(
            capacity=root["capacity"],
            enrollments={enrollment.student_id: enrollment for enrollment in enrollments},
            waiting=sorted(waiting, key=lambda place: place.number),
            guests=[GuestSeat(**without(row, "class_id")) for row in rows[GuestSeatRow]],
        ),
    )


def open_lessons_to_rows(lessons: OpenLessons) -> Rows:
    of_class = {"open_lessons_id": lessons.id, "class_id": lessons.class_id}
    return {
        OpenLessonsRow: [{"id": lessons.id, "version": lessons.version, "class_id": lessons.class_id}],
        LessonUnlockRow: [of_class | columns(unlock) for unlock in lessons.unlocks],
    }


def open_lessons_from_rows(rows: Rows) -> OpenLessons:
    [root] = rows[OpenLessonsRow]
    unlocks = [LessonUnlock(**without(row, "open_lessons_id", "class_id")) for row in rows[LessonUnlockRow]]
    return OpenLessons(**root, unlocks=unlocks)


def account_to_rows(account: CreditAccount) -> Rows:
    return {
        CreditAccountRow: [
            {
                "id": account.id,
                "version": account.version,
                "class_id": account.class_id,
                "student_id": account.student_id,
                "zero_balance": account.zero_balance,
                "balance": account.balance,
                "owed": account.owed,
                "lots": [_lot_to_json(lot) for lot in account.lots],
                "next_expiry_at": account.next_expiry_at,
                "entries": account.entries,
                "last_entry_at": account.last_entry_at,
                "closed_at": account.closed_at,
                "gone_to": account.gone_to,
            }
        ]
    }


def account_from_rows(rows: Rows) -> CreditAccount:
    [root] = rows[CreditAccountRow]
    lots = [_lot_from_json(lot) for lot in root["lots"]]
    return CreditAccount(**without(root, "lots", "balance", "next_expiry_at"), lots=lots)


def _lot_to_json(lot: Lot) -> dict[str, Any]:
    return {
        "id": str(lot.id),
        "origin": lot.origin,
        "granted": lot.granted,
        "remaining": lot.remaining,
        "expires_at": None if lot.expires_at is None else lot.expires_at.astimezone(UTC).isoformat(),
        "granted_at": lot.granted_at.astimezone(UTC).isoformat(),
        "reference": lot.reference,
        "voucher_id": None if lot.voucher_id is None else str(lot.voucher_id),
        "taken_from": None if lot.taken_from is None else str(lot.taken_from),
    }


def _lot_from_json(kept: dict[str, Any]) -> Lot:
    expires_at, voucher_id, taken_from = kept["expires_at"], kept["voucher_id"], kept["taken_from"]
    return Lot(
        id=UUID(kept["id"]),
        origin=kept["origin"],
        granted=kept["granted"],
        remaining=kept["remaining"],
        expires_at=None if expires_at is None else datetime.fromisoformat(expires_at),
        granted_at=datetime.fromisoformat(kept["granted_at"]),
        reference=kept["reference"],
        voucher_id=None if voucher_id is None else UUID(voucher_id),
        taken_from=None if taken_from is None else UUID(taken_from),
    )


def attendance_to_rows(attendance: Attendance) -> Rows:
    return {
        AttendanceRow: [
            {
                "id": attendance.id,
                "version": attendance.version,
                "class_id": attendance.class_id,
                "meeting_id": attendance.meeting_id,
                "student_id": attendance.student_id,
                "voucher_id": attendance.voucher_id,
                "status": attendance.status,
                "note": attendance.note,
                "lot_id": attendance.lot_id,
                "revision": attendance.revision,
                "marked_by": attendance.marked_by,
                "marked_at": attendance.marked_at,
            }
        ]
    }


def attendance_from_rows(rows: Rows) -> Attendance:
    [root] = rows[AttendanceRow]
    return Attendance(**root)


def course_to_rows(course: CourseOutline) -> Rows:
    return {
        CourseRow: [
            {
                "id": course.id,
                "version": course.version,
                "revision": course.revision,
                "published_at": course.published_at,
                "archived_at": course.archived_at,
            }
        ],
        CourseLessonRow: [
            {"course_id": course.id, "lesson_id": lesson_id, "position": position}
            for lesson_id, position in course.lessons.items()
        ],
    }


def course_from_rows(rows: Rows) -> CourseOutline:
    [root] = rows[CourseRow]
    lessons = {row["lesson_id"]: row["position"] for row in rows[CourseLessonRow]}
    return CourseOutline(**root, lessons=lessons)


def feed_to_rows(feed: CalendarFeed) -> Rows:
    return {
        CalendarFeedRow: [
            {
                "id": feed.id,
                "version": feed.version,
                "owner_id": feed.owner_id,
                "class_id": feed.class_id,
                "token_digest": feed.token_digest,
                "created_at": feed.created_at,
                "renewed_at": feed.renewed_at,
            }
        ]
    }


def feed_from_rows(rows: Rows) -> CalendarFeed:
    [root] = rows[CalendarFeedRow]
    return CalendarFeed(**root)


def entry_to_row(posted: CreditPosted) -> Row:
    """A line of the ledger."""
    return {
        "id": posted.entry_id,
        "enrollment_id": posted.enrollment_id,
        "number": posted.number,
        "amount": posted.amount,
        "balance": posted.balance,
        "cause": posted.cause,
        "lot_id": posted.lot_id,
        "meeting_id": posted.meeting_id,
        "attendance_revision": posted.attendance_revision,
        "posted_by": posted.posted_by,
        "posted_at": posted.posted_at,
        "reason": posted.reason,
        "reference": posted.reference,
        "other_class_id": posted.other_class_id,
    }


def seat_change_to_row(changed: StudentEnrolled | StudentWithdrawn) -> Row:
    """A line of an enrolment's history."""
    if isinstance(changed, StudentEnrolled):
        return {
            "enrollment_id": changed.enrollment_id,
            "number": changed.number,
            "change": "resumed" if changed.resumed else "enrolled",
            "credits": changed.credits,
            "other_class_id": changed.transferred_from,
            "changed_by": changed.enrolled_by,
            "changed_at": changed.enrolled_at,
            "reason": None,
        }
    return {
        "enrollment_id": changed.enrollment_id,
        "number": changed.number,
        "change": "withdrawn" if changed.to_class_id is None else "transferred",
        "credits": changed.credits_left,
        "other_class_id": changed.to_class_id,
        "changed_by": changed.withdrawn_by,
        "changed_at": changed.withdrawn_at,
        "reason": changed.reason,
    }


def revision_to_row(marked: AttendanceMarked) -> Row:
    """A line of a mark's history."""
    return {
        "attendance_id": marked.attendance_id,
        "revision": marked.revision,
        "status": marked.status,
        "previous_status": marked.previous_status,
        "marked_by": marked.marked_by,
        "marked_at": marked.marked_at,
        "reason": marked.reason,
        "note": marked.note,
    }


def columns(part: Any) -> Row:
    """A flat part of an aggregate; dataclasses.asdict would copy every id in it."""
    return {name: getattr(part, name) for name in part.__dataclass_fields__}


def without(row: Row, *names: str) -> Row:
    """The row, but for some of its columns."""
    return {name: value for name, value in row.items() if name not in names}


CLASSES = AggregateMapping(
    root=ClassRow,
    children={EnrollmentRow: "class_id", WaitingPlaceRow: "class_id", GuestSeatRow: "class_id"},
    to_rows=class_to_rows,
    from_rows=class_from_rows,
)
OPEN_LESSONS = AggregateMapping(
    root=OpenLessonsRow,
    children={LessonUnlockRow: "open_lessons_id"},
    to_rows=open_lessons_to_rows,
    from_rows=open_lessons_from_rows,
)
ACCOUNTS = AggregateMapping(root=CreditAccountRow, to_rows=account_to_rows, from_rows=account_from_rows)
ATTENDANCES = AggregateMapping(root=AttendanceRow, to_rows=attendance_to_rows, from_rows=attendance_from_rows)
COURSES = AggregateMapping(
    root=CourseRow,
    children={CourseLessonRow: "course_id"},
    to_rows=course_to_rows,
    from_rows=course_from_rows,
)
FEEDS = AggregateMapping(root=CalendarFeedRow, to_rows=feed_to_rows, from_rows=feed_from_rows)
