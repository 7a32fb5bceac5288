"""How often each student of a class was what: counted with each mark, so that nobody has to count marks again."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from babyowl_chassis.sql import Connection
from babyowl_kernel import DomainEvent
from class_management.domain.events import AttendanceMarked, MeetingCancelled, SeriesEnded
from class_management.domain.values import MeetingId

# Whoever is corrected away from the last meeting they came to has been last at one before it.
_COUNT = """
INSERT INTO attendance_tallies AS known (class_id, student_id, present, late, absent, excused, last_attended_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::int[], $6::int[], $7::timestamptz[])
ON CONFLICT (class_id, student_id) DO UPDATE SET
    present = known.present + excluded.present, late = known.late + excluded.late,
    absent = known.absent + excluded.absent, excused = known.excused + excluded.excused,
    last_attended_at = CASE
        WHEN excluded.present + excluded.late >= 0 THEN greatest(known.last_attended_at, excluded.last_attended_at)
        ELSE (
            SELECT m.starts_at FROM meetings m JOIN attendances a ON a.meeting_id = m.id
            WHERE m.class_id = known.class_id AND m.starts_at <= known.last_attended_at
                AND a.student_id = known.student_id AND a.status IN ('present', 'late')
            ORDER BY m.starts_at DESC LIMIT 1)
    END
"""

# Nobody is marked for a meeting that is cancelled, but some had excused themselves ahead.
_LEAVE_OUT = """
INSERT INTO attendance_tallies AS known (class_id, student_id, present, late, absent, excused)
SELECT class_id, student_id, 0, 0, 0, count(*) FROM attendances
WHERE meeting_id = ANY($1::uuid[]) AND status = 'excused' GROUP BY class_id, student_id ORDER BY class_id, student_id
ON CONFLICT (class_id, student_id) DO UPDATE SET excused = known.excused - excluded.excused
"""

STATUSES = ("present", "late", "absent", "excused")
ATTENDED = ("present", "late")


async def count_marks(connection: Connection, marks: Iterable[AttendanceMarked]) -> None:
    """Add these marks to the tallies, and take away what they correct; the marks themselves are written by now."""
    changes: dict[tuple[UUID, UUID], Counter[str]] = {}
    last: dict[tuple[UUID, UUID], AttendanceMarked] = {}
    for mark in marks:
        if mark.status == mark.previous_status:
            continue
        key = (mark.class_id, mark.student_id)
        change = changes.setdefault(key, Counter())
        change[mark.status] += 1
        if mark.previous_status is not None:
            change[mark.previous_status] -= 1
        if mark.status in ATTENDED and (key not in last or last[key].meeting_starts_at < mark.meeting_starts_at):
            last[key] = mark
    if not changes:
        return
    # In the same order for everybody, so that two registers of the same students never deadlock.
    keys = sorted(changes)
    await connection.execute(
        _COUNT,
        [class_id for class_id, _ in keys],
        [student_id for _, student_id in keys],
        *([changes[key][status] for key in keys] for status in STATUSES),
        [last[key].meeting_starts_at if key in last else None for key in keys],
    )


async def leave_out_cancelled(connection: Connection, events: Iterable[DomainEvent]) -> None:
    """Take the excuses from meetings that these events have cancelled away from the tallies."""
    cancelled: list[MeetingId] = []
    for event in events:
        match event:
            case MeetingCancelled(meeting=meeting):
                cancelled.append(meeting.id)
            case SeriesEnded(cancelled=meetings):
                cancelled += meetings
    if cancelled:
        await connection.execute(_LEAVE_OUT, cancelled)
