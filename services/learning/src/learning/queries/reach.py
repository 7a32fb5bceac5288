"""What a viewer may reach, as pieces of SQL: `$1` is always the viewer's id, `l` a published lesson."""

from typing import Final

STANDING_IN_ENDS_AFTER_DAYS: Final = 7
"""Who stands in at a meeting reads the course from then on, and so many days longer."""

ENROLLED = """EXISTS (
    SELECT FROM enrollments seat
    WHERE seat.student_id = $1 AND seat.course_id = l.course_id AND seat.active
)"""

UNLOCKED = """EXISTS (
    SELECT FROM enrollments seat
    WHERE seat.student_id = $1 AND seat.course_id = l.course_id AND seat.active AND (
        EXISTS (
            SELECT FROM class_unlocks whole
            WHERE whole.class_id = seat.class_id AND whole.lesson_id = l.lesson_id AND whole.open)
        OR EXISTS (
            SELECT FROM student_unlocks single
            WHERE single.class_id = seat.class_id AND single.student_id = seat.student_id
                AND single.lesson_id = l.lesson_id AND single.open)
    )
)"""

TEACHES = f"""(EXISTS (
    SELECT FROM classes taught WHERE taught.instructor_id = $1 AND taught.course_id = c.id
) OR EXISTS (
    SELECT FROM substitutions standing JOIN meeting_dates met ON met.meeting_id = standing.meeting_id
    WHERE standing.substitute_id = $1 AND standing.course_id = c.id
        AND met.meeting_date >= (now() AT TIME ZONE 'UTC')::date - {STANDING_IN_ENDS_AFTER_DAYS}
))"""  # noqa: S608
