"""What a viewer may reach, as pieces of SQL: `$1` is always the viewer's id, `l` a published lesson."""

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

TEACHES = """(EXISTS (
    SELECT FROM classes taught WHERE taught.instructor_id = $1 AND taught.course_id = c.id
) OR EXISTS (
    SELECT FROM substitutions standing WHERE standing.substitute_id = $1 AND standing.course_id = c.id
))"""
