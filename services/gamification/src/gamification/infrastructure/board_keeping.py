"""Keeping the boards in Redis what Postgres says they are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from babyowl_chassis.database import Pool, lent
from babyowl_chassis.sql import Connection
from gamification.domain.boards import FIRST_MOMENT, LAST_MOMENT, MOST_XP, SECONDS
from gamification.domain.scores import ScoreKey
from gamification.infrastructure.boards import Moves, RedisBoards
from gamification.queries.faces import SHOWN_PEOPLE

log = structlog.get_logger(__name__)

MOVED_AT_ONCE = 500
"""Learners whose moves are read and applied together."""
ADDED_AT_ONCE = 2_000
"""Places put on a new board in one go; whoever asks Redis meanwhile waits for some milliseconds."""

# A place as Redis wants it: the id, and the code as `domain.boards.place_code` makes it.
_PLACE: Final = f"""
    uuid_send(score.player_id) || float8send((
        ({MOST_XP} - least(score.xp, {MOST_XP}))::bigint * {SECONDS} + extract(
            epoch FROM least(greatest(score.reached_at, '{FIRST_MOMENT}'), '{LAST_MOMENT}')
        )::bigint - {int(FIRST_MOMENT.timestamp())}
    )::float8)"""

_STALE: Final = "SELECT player_id, version FROM stale_places ORDER BY version LIMIT $1"

_MOVED: Final = f"""
SELECT board.number, array_agg(score.player_id) AS player_ids, string_agg({_PLACE}, ''::bytea) AS places
FROM unnest($2::text[], $3::uuid[], $4::text[], $5::date[]) WITH ORDINALITY
    AS board (scope, scope_id, period, starts_on, number)
JOIN scores AS score USING (scope, scope_id, period, starts_on)
JOIN {SHOWN_PEOPLE} AS shown ON shown.id = score.player_id
WHERE score.player_id = ANY($1::uuid[])
GROUP BY board.number
"""  # noqa: S608  constants

# Those that somebody is changing at the moment stay: they will be stale again.
_SETTLED: Final = """
DELETE FROM stale_places USING (
    SELECT player_id FROM stale_places JOIN unnest($1::uuid[], $2::bigint[]) AS done (player_id, version)
        USING (player_id, version)
    FOR UPDATE OF stale_places SKIP LOCKED
) AS settled
WHERE stale_places.player_id = settled.player_id
"""

_ALL_PLACES: Final = f"""
SELECT {_PLACE} FROM scores AS score JOIN {SHOWN_PEOPLE} AS shown ON shown.id = score.player_id
WHERE score.scope = $1 AND score.scope_id = $2 AND score.period = $3 AND score.starts_on = $4
"""  # noqa: S608

# Another one after a restore or a failover: the timeline tells.
_IDENTITY: Final = """
SELECT concat_ws('/', system_identifier, timeline_id, oid, current_schema())
FROM pg_control_system(), pg_control_checkpoint(), pg_database
WHERE datname = current_database()
"""

_NEXT: Final = "SELECT nextval(pg_get_serial_sequence('stale_places', 'version'))"


@dataclass(frozen=True, slots=True)
class BoardKeeper:
    """Applies what changes to the boards there are, and builds those that are missed.

    May run in many replicas: one of them at a time is heard. Postgres must be the one that is written to; a
    replica behind it would bring old places back.
    """

    database: Pool
    boards: RedisBoards

    async def keep(self) -> None:
        """Bring all changes so far to the boards. While Redis is away they wait."""
        if self.boards.resting:
            return
        try:
            await self.boards.live(await self.database.fetchval(_IDENTITY))
            while await self._keep_some() == MOVED_AT_ONCE:
                pass
        except (RedisError, OSError) as error:
            self.boards.rest(error)

    async def build_wanted(self) -> None:
        """Build the boards that were asked for and not found, and those that grow old; others serve meanwhile."""
        if self.boards.resting:
            return
        try:
            await self.boards.live(await self.database.fetchval(_IDENTITY))
            while (scores := await self.boards.wanted()) is not None:
                await self.build(scores)
        except (RedisError, OSError) as error:
            self.boards.rest(error)

    async def _keep_some(self) -> int:
        """Apply some changes; tells how many learners were settled.

        The order matters. Only who claims first and reads then cannot bring back what somebody else has read
        before. Boards are listed again after reading: one that was begun meanwhile may have seen the learners as
        they were, so that they have to be applied once more.
        """
        async with lent(self.database) as connection:
            if not await connection.fetchval("SELECT EXISTS (SELECT FROM stale_places)"):
                return 0
            token: int = await connection.fetchval(_NEXT)
            if (holder := await self.boards.claim(token)) != token:
                # Whoever holds it drew from the same sequence, earlier than it is drawn from now; or from one that
                # is no more, since Postgres was set back to an earlier day.
                if await connection.fetchval(_NEXT) < holder:
                    await self.boards.forget()
                return 0
            known = sorted(await self.boards.known(), key=str)
            stale = await connection.fetch(_STALE, MOVED_AT_ONCE)
            players: list[UUID] = [row["player_id"] for row in stale]
            moves = await _moves(connection, players, known) if known else {}
            settled = await self.boards.known() <= set(known) and await self.boards.apply(token, moves)
            if settled:
                await connection.execute(_SETTLED, players, [row["version"] for row in stale])
        return len(stale) if settled else 0

    async def build(self, scores: ScoreKey) -> bool:
        """Build a board from nothing beside the one that serves, if any; False if another builder took over."""
        began = perf_counter()
        token: int = await self.database.fetchval(_NEXT)
        await self.boards.start(scores, token)
        number = 0
        # The snapshot is taken after the start: what is not in it reaches the new board as a move.
        async with (
            lent(self.database) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            places = await connection.cursor(_ALL_PLACES, *_bound(scores))
            while some := await places.fetch(ADDED_AT_ONCE):
                number += len(some)
                if not await self.boards.add(scores, token, b"".join(row[0] for row in some)):
                    return False
        finished = await self.boards.finish(scores, token)
        log.info("board_built", board=str(scores), places=number, seconds=perf_counter() - began, served=finished)
        return finished


def _bound(scores: ScoreKey) -> tuple[Any, ...]:
    return scores.scope, scores.scope_id, scores.period, scores.starts_on


async def _moves(
    connection: Connection, players: Collection[UUID], boards: Sequence[ScoreKey]
) -> Mapping[ScoreKey, Moves]:
    """Where these learners stand on these boards now; who is not on one, has left it or never was on it."""
    columns = zip(*map(_bound, boards), strict=True)
    rows = await connection.fetch(_MOVED, players, *map(list, columns))
    found = {row["number"]: row for row in rows}
    moves = {}
    for number, scores in enumerate(boards, start=1):
        on = found[number]["player_ids"] if number in found else []
        off = b"".join(player.bytes for player in set(players).difference(on))
        moves[scores] = Moves(off, found[number]["places"] if number in found else b"")
    return moves
