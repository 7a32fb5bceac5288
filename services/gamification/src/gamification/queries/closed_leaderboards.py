"""Leaderboards of weeks and months that are over: places as they were frozen, learners as they appear today."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.periods import ClosingPeriod, Cycle
from gamification.domain.scores import ACADEMY_ID
from gamification.queries.faces import SHOWN_PEOPLE, Face, Viewer, faces

# $4 is who asks; the place is looked up for each period by its key, however many places there are.
_CLOSED = f"""
SELECT closed.starts_on, closed.closed_at, mine.rank, mine.xp
FROM (
    SELECT * FROM closed_periods WHERE cycle = $1 AND starts_on < $5 ORDER BY starts_on DESC LIMIT $6
) AS closed
LEFT JOIN LATERAL (
    SELECT place.rank, place.xp
    FROM final_places AS place JOIN {SHOWN_PEOPLE} AS shown ON shown.id = place.player_id
    WHERE place.cycle = $1 AND place.starts_on = closed.starts_on AND place.scope = $2 AND place.scope_id = $3
        AND place.player_id = $4
    LIMIT 1
) AS mine ON true
ORDER BY closed.starts_on DESC
"""  # noqa: S608  the only thing put in is the rule of who is shown

_IS_CLOSED = "SELECT EXISTS (SELECT FROM closed_periods WHERE cycle = $1 AND starts_on = $2)"

# $1 to $4 are the board, $5 and $6 the viewer.
_BOARD = f"""
board AS NOT MATERIALIZED (
    SELECT place.player_id, place.position, place.rank, place.xp
    FROM final_places AS place JOIN {SHOWN_PEOPLE} AS shown ON shown.id = place.player_id
    WHERE place.cycle = $1 AND place.starts_on = $2 AND place.scope = $3 AND place.scope_id = $4
)"""  # noqa: S608

_FACED = f"""
SELECT place.position, place.rank, place.xp, face.*
FROM place JOIN ({faces("place", viewer="$5", knows_everybody="$6")}) AS face ON face.of = place.player_id
ORDER BY place.position
"""  # noqa: S608

_PAGE = f"""
WITH {_BOARD}, place AS MATERIALIZED (SELECT * FROM board WHERE position > $7 ORDER BY position LIMIT $8)
{_FACED}
"""  # noqa: S608

_AROUND = f"""
WITH {_BOARD},
me AS (SELECT position FROM board WHERE player_id = $5),
place AS MATERIALIZED (
    (SELECT * FROM board WHERE position < (SELECT position FROM me) ORDER BY position DESC LIMIT $7)
    UNION ALL
    (SELECT * FROM board WHERE position >= (SELECT position FROM me) ORDER BY position LIMIT $7 + 1)
)
{_FACED}
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class ClosedBoard:
    """One board of a period that is over: of the academy, of a course, or of a class as it was at the close."""

    period: ClosingPeriod
    scope: str
    scope_id: UUID

    @classmethod
    def of(cls, period: ClosingPeriod, *, course_id: UUID | None, class_id: UUID | None) -> "ClosedBoard":
        """The board of a class, else of a course, else of the academy."""
        if class_id is not None:
            return cls(period, "class", class_id)
        return cls(period, "academy", ACADEMY_ID) if course_id is None else cls(period, "course", course_id)

    @property
    def key(self) -> tuple[str, date, str, UUID]:
        """What its places are kept under."""
        return self.period.cycle.value, self.period.starts_on, self.scope, self.scope_id


@dataclass(frozen=True, slots=True)
class Closed:
    """A period that is over; rank and points are those of who asks, None for who is not on the board."""

    starts_on: date
    closed_at: datetime
    rank: int | None
    xp: int | None


@dataclass(frozen=True, slots=True)
class FinalPlace:
    """A frozen place. Who is not shown any more is missing, and the ranks of the others stay."""

    position: int
    rank: int
    xp: int
    face: Face


async def closed_periods(
    db: Connection,
    cycle: Cycle,
    *,
    viewer: Viewer,
    course_id: UUID | None,
    class_id: UUID | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[Closed]:
    """Newest first; one more than `limit`, to show whether there are others."""
    [before] = after or (date.max,)
    _, _, *scope = ClosedBoard.of(ClosingPeriod(cycle, before), course_id=course_id, class_id=class_id).key
    rows = await db.fetch(_CLOSED, cycle.value, *scope, viewer.id, before, limit + 1)
    return [Closed(**row) for row in rows]


async def is_closed(db: Connection, period: ClosingPeriod) -> bool:
    """Whether the places of the period are fixed."""
    return bool(await db.fetchval(_IS_CLOSED, period.cycle.value, period.starts_on))


async def final_places(
    db: Connection, board: ClosedBoard, *, viewer: Viewer, after: tuple[Any, ...] | None, limit: int
) -> list[FinalPlace]:
    """From the first place on; one more than `limit`, to show whether there are others."""
    [position] = after or (0,)
    return await _places(db, _PAGE, board, viewer, position, limit + 1)


async def around(db: Connection, board: ClosedBoard, *, viewer: Viewer, neighbours: int) -> list[FinalPlace]:
    """The viewer's own place and as many before and behind it; empty for who is not on the board."""
    return await _places(db, _AROUND, board, viewer, neighbours)


async def _places(db: Connection, sql: str, board: ClosedBoard, viewer: Viewer, *arguments: int) -> list[FinalPlace]:
    rows = await db.fetch(sql, *board.key, viewer.id, viewer.knows_everybody, *arguments)
    return [FinalPlace(row["position"], row["rank"], row["xp"], Face.of(row)) for row in rows]
