"""Who of the learners may be shown to others, and as whom: the one place that says so.

Every answer in which a learner appears to another is made of `SHOWN_PEOPLE`, or of `faces` and `Face.of`, and of
nothing else that tells of people. They read what is true at this moment: whoever hides, leaves, or becomes staff is
gone with the next answer, whatever a cache or a closed period remembers.
"""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from babyowl_kernel import Actor
from gamification.infrastructure.aliases import load_words

SHOWN_PEOPLE = """(
    SELECT person.id, person.display_name, appearance.alias
    FROM people AS person LEFT JOIN appearances AS appearance ON appearance.id = person.id
    WHERE person.role = 'student' AND person.status = 'active'
        AND NOT EXISTS (SELECT FROM appearances WHERE id = person.id AND leaderboard = 'hidden')
)"""
"""The relation of those who may be ranked: active students who have not hidden themselves.

For joins that only decide who counts; none of its columns but the id may reach an answer.
"""

_FACES = """
SELECT shown.id AS of, shown.alias, seen.is_me, seen.known, CASE WHEN seen.known THEN shown.display_name END AS name
FROM (SELECT DISTINCT player_id FROM {players}) AS asked
JOIN {shown_people} AS shown ON shown.id = asked.player_id
CROSS JOIN LATERAL (
    SELECT shown.id = {viewer}::uuid AS is_me,
        {knows_everybody}::boolean OR shown.id = {viewer}::uuid OR EXISTS (
            SELECT FROM class_members AS mine JOIN class_members AS theirs USING (class_id)
            WHERE mine.student_id = {viewer}::uuid AND mine.active AND theirs.student_id = shown.id AND theirs.active
        ) OR EXISTS (
            SELECT FROM classes AS class JOIN class_members AS theirs ON theirs.class_id = class.id
            WHERE class.instructor_id = {viewer}::uuid AND theirs.student_id = shown.id AND theirs.active
        ) AS known
    OFFSET 0  -- so that it is not worked out again for every column
) AS seen
"""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. Staff know all learners; others themselves, those of their classes, and those they teach."""

    id: UUID
    knows_everybody: bool

    @classmethod
    def of(cls, actor: Actor) -> "Viewer":
        """The viewer that a person is."""
        return cls(actor.user_id, actor.is_staff)


def faces(players: str, *, viewer: str = "$1", knows_everybody: str = "$2") -> str:
    """A query for what the viewer may know of these learners; each row, with others joined to it, makes a `Face`.

    Whoever may not be shown is missing. Of its columns only `of`, the learner's id, is for joining and ordering.
    `players` is a relation with a column `player_id`, the others are placeholders for the two values of a `Viewer`.
    """
    return _FACES.format(players=players, shown_people=SHOWN_PEOPLE, viewer=viewer, knows_everybody=knows_everybody)


@dataclass(frozen=True, slots=True)
class Face:
    """How a viewer sees a learner. Without a `player_id` the learner stays unknown to them."""

    player_id: UUID | None
    name: str
    is_me: bool

    @classmethod
    def of(cls, row: asyncpg.Record) -> "Face":
        """The alias that the learner has chosen, for everybody; else the name, for whoever knows them.

        To others they are an alias that follows from their id. Behind an alias the id is for the learner alone.
        """
        is_me, alias = row["is_me"], row["alias"]
        if alias is not None:
            return cls(row["of"] if is_me else None, alias, is_me)
        if row["known"]:
            return cls(row["of"], row["name"], is_me)
        return cls(None, load_words().of_player(row["of"]).text, is_me)
