"""From aggregates to rows and back; pure, and checked field by field by a round-trip test."""

from dataclasses import asdict
from datetime import timedelta

from babyowl_chassis.unit_of_work import AggregateMapping, Row, Rows
from class_management.domain.attendance import Attendance
from class_management.domain.class_ import Class, Enrollment, LessonUnlock
from class_management.domain.courses import CourseOutline
from class_management.domain.credits import CreditAccount
from class_management.domain.events import AttendanceMarked, CreditPosted
from class_management.domain.schedule import Meeting, Schedule
from class_management.infrastructure.tables import (
    AttendanceRow,
    ClassRow,
    CourseLessonRow,
    CourseRow,
    CreditAccountRow,
    EnrollmentRow,
    LessonUnlockRow,
    MeetingRow,
)

_MINUTE = timedelta(minutes=1)


def class_to_rows(class_: Class) -> Rows:
    schedule = class_.schedule
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
                "time_zone": schedule.time_zone,
                "first_date": schedule.first_date,
                "local_time": schedule.local_time,
                "weekdays": list(schedule.weekdays),
                "duration_minutes": schedule.duration // _MINUTE,
                "created_by": class_.created_by,
                "created_at": class_.created_at,
                "activated_at": class_.activated_at,
            }
        ],
        MeetingRow: [{"class_id": class_.id, **asdict(meeting)} for meeting in class_.meetings],
        EnrollmentRow: [{"class_id": class_.id, **asdict(seat)} for seat in class_.enrollments.values()],
        LessonUnlockRow: [{"class_id": class_.id, **asdict(unlock)} for unlock in class_.unlocks],
    }


def class_from_rows(rows: Rows) -> Class:
    [root] = rows[ClassRow]
    enrollments = [Enrollment(**_without(row, "class_id")) for row in rows[EnrollmentRow]]
    meetings = [Meeting(**_without(row, "class_id")) for row in rows[MeetingRow]]
    return Class(
        id=root["id"],
        version=root["version"],
        name=root["name"],
        course_id=root["course_id"],
        instructor_id=root["instructor_id"],
        type=root["type"],
        status=root["status"],
        capacity=root["capacity"],
        package=root["package"],
        zero_balance=root["zero_balance"],
        schedule=Schedule(
            time_zone=root["time_zone"],
            first_date=root["first_date"],
            local_time=root["local_time"],
            weekdays=tuple(root["weekdays"]),
            duration=root["duration_minutes"] * _MINUTE,
        ),
        created_by=root["created_by"],
        created_at=root["created_at"],
        activated_at=root["activated_at"],
        meetings=sorted(meetings, key=lambda meeting: meeting.number),
        enrollments={enrollment.student_id: enrollment for enrollment in enrollments},
        unlocks=[LessonUnlock(**_without(row, "class_id")) for row in rows[LessonUnlockRow]],
    )


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
                "entries": account.entries,
                "last_entry_at": account.last_entry_at,
            }
        ]
    }


def account_from_rows(rows: Rows) -> CreditAccount:
    [root] = rows[CreditAccountRow]
    return CreditAccount(**root)


def attendance_to_rows(attendance: Attendance) -> Rows:
    return {
        AttendanceRow: [
            {
                "id": attendance.id,
                "version": attendance.version,
                "class_id": attendance.class_id,
                "meeting_id": attendance.meeting_id,
                "student_id": attendance.student_id,
                "status": attendance.status,
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


def entry_to_row(posted: CreditPosted) -> Row:
    """A line of the ledger."""
    return {
        "id": posted.entry_id,
        "enrollment_id": posted.enrollment_id,
        "number": posted.number,
        "amount": posted.amount,
        "balance": posted.balance,
        "cause": posted.cause,
        "meeting_id": posted.meeting_id,
        "attendance_revision": posted.attendance_revision,
        "posted_by": posted.posted_by,
        "posted_at": posted.posted_at,
        "reason": posted.reason,
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
    }


def _without(row: Row, column: str) -> Row:
    return {name: value for name, value in row.items() if name != column}


CLASSES = AggregateMapping(
    root=ClassRow,
    children={MeetingRow: "class_id", EnrollmentRow: "class_id", LessonUnlockRow: "class_id"},
    to_rows=class_to_rows,
    from_rows=class_from_rows,
)
ACCOUNTS = AggregateMapping(root=CreditAccountRow, to_rows=account_to_rows, from_rows=account_from_rows)
ATTENDANCES = AggregateMapping(root=AttendanceRow, to_rows=attendance_to_rows, from_rows=attendance_from_rows)
COURSES = AggregateMapping(
    root=CourseRow,
    children={CourseLessonRow: "course_id"},
    to_rows=course_to_rows,
    from_rows=course_from_rows,
)
