"""Who of the learners may be shown to others, and as whom: the one place that says so.

Every answer in which a learner appears to another is made of `shown_people` or `faces`, and of nothing else that
tells of people. They read what is true at this moment: whoever hides, leaves, or becomes staff is gone with the
next answer, whatever a cache or a closed period remembers.
"""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Actor

SHOWN_PEOPLE = """(
    SELECT person.id, person.display_name, person.avatar_url, appearance.alias
    FROM people AS person LEFT JOIN appearances AS appearance ON appearance.id = person.id
    WHERE person.role = 'student' AND person.status = 'active'
        AND NOT EXISTS (SELECT FROM appearances WHERE id = person.id AND leaderboard = 'hidden')
)"""
"""The relation of those who may be ranked: active students who have not hidden themselves.

For joins that only decide who counts; none of its columns but the id may reach an answer.
"""

# Names are of one line, with single blanks; of a name that is one word there is nothing to shorten.
SHORT_NAME = r"regexp_replace(display_name, '^(\S+) (?:.* )?(\S)\S*$', '\1 \2.')"
"""First name and initial: "Ada L."."""

_FACES = """
SELECT shown.id AS of,
    CASE WHEN seen.is_me OR (shown.alias IS NULL AND seen.known) THEN shown.id END AS player_id,
    CASE
        WHEN shown.alias IS NOT NULL THEN shown.alias
        WHEN seen.is_me OR seen.known THEN shown.display_name
        ELSE {short_name}
    END AS name,
    CASE WHEN shown.alias IS NULL AND (seen.is_me OR seen.known) THEN shown.avatar_url END AS avatar_url,
    seen.is_me
FROM (SELECT DISTINCT player_id FROM {players}) AS asked
JOIN {shown_people} AS shown ON shown.id = asked.player_id
CROSS JOIN LATERAL (
    SELECT shown.id = {viewer}::uuid AS is_me, {knows_everybody}::boolean OR EXISTS (
        SELECT FROM class_members AS mine JOIN class_members AS theirs USING (class_id)
        WHERE mine.student_id = {viewer}::uuid AND mine.active AND theirs.student_id = shown.id AND theirs.active
    ) AS known
    OFFSET 0  -- so that it is not worked out again for every column
) AS seen
"""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. Staff and instructors know the learners by name; learners know those of their classes."""

    id: UUID
    knows_everybody: bool

    @classmethod
    def of(cls, actor: Actor) -> "Viewer":
        """The viewer that a person is."""
        return cls(actor.user_id, actor.is_staff or actor.has("instructor"))


def faces(players: str, *, viewer: str = "$1", knows_everybody: str = "$2") -> str:
    """A query for how the viewer sees these learners: `of`, and what may be answered of it.

    That is `player_id`, `name`, `avatar_url` and `is_me`. An alias takes the place of name, picture and id for
    everybody but the learner; without one, who shares no class with the viewer is a first name and an initial.
    Whoever may not be shown is missing. `players` is a relation with a column `player_id`, the others are
    placeholders for the two values of a `Viewer`.
    """
    return _FACES.format(
        players=players,
        shown_people=SHOWN_PEOPLE,
        short_name=SHORT_NAME,
        viewer=viewer,
        knows_everybody=knows_everybody,
    )


@dataclass(frozen=True, slots=True)
class Face:
    """How a viewer sees a learner. Without a `player_id` the learner stays unknown to them."""

    player_id: UUID | None
    name: str
    avatar_url: str | None
    is_me: bool
