"""What is swept away once nobody can need it any more."""

from babyowl_chassis.sql import Connection, rows_touched

# A text that is being written anew is locked: this waits, finds it young, and leaves it.
_FORGET = """
DELETE FROM texts t
WHERE t.kept_at < now() - interval '1 day'
    AND NOT EXISTS (SELECT FROM lessons l WHERE l.course_id = t.course_id AND l.text_digest = t.digest)
    AND NOT EXISTS (SELECT FROM exercises x WHERE x.course_id = t.course_id AND x.text_digest = t.digest)
    AND NOT EXISTS (SELECT FROM published_lessons l WHERE l.course_id = t.course_id AND l.text_digest = t.digest)
    AND NOT EXISTS (SELECT FROM published_exercises x WHERE x.course_id = t.course_id AND x.text_digest = t.digest)
"""


async def forget_unused_texts(db: Connection) -> int:
    """Delete texts that no draft and no publication refers to, a day after they were written; how many."""
    return rows_touched(await db.execute(_FORGET))
