"""Leaderboards: the first places, and one's own among its neighbours.

Places are read from a cache where there is one, and told only if Postgres still has them so, and lets the learners
be shown. Otherwise, and for the few dozens of a class, Postgres works them out.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from babyowl_chassis.sql import Connection
from gamification.domain.boards import Board, Ranked
from gamification.domain.scores import ScoreKey
from gamification.queries import standings
from gamification.queries.faces import Viewer
from gamification.queries.standings import Place


class Boards(Protocol):
    """A copy of the boards of the academy and its courses, quick to read and possibly a moment behind."""

    async def top(self, scores: ScoreKey, limit: int) -> list[Ranked] | None:
        """The first places; None while there is no such copy."""

    async def around(self, scores: ScoreKey, player_id: UUID, neighbours: int) -> list[Ranked] | None:
        """The learner's place and as many before and behind it; None while there is no such copy."""


@dataclass(frozen=True, slots=True)
class Leaderboards:
    """The boards as viewers see them."""

    boards: Boards

    async def top(self, db: Connection, board: Board, *, viewer: Viewer, limit: int) -> list[Place]:
        """The first places."""
        if board.class_id is None and (cached := await self.boards.top(board.scores, limit)):
            places = await standings.remembered(db, board, cached, viewer=viewer)
            if places is not None:
                return places
        return await standings.top(db, board, viewer=viewer, limit=limit)

    async def around(self, db: Connection, board: Board, *, viewer: Viewer, neighbours: int) -> list[Place]:
        """The viewer's own place and as many before and behind it; empty for who is not on the leaderboard."""
        if board.class_id is None and (cached := await self.boards.around(board.scores, viewer.id, neighbours)):
            places = await standings.remembered(db, board, cached, viewer=viewer)
            if places is not None:
                return places
        return await standings.around(db, board, viewer=viewer, neighbours=neighbours)
