"""Boards in Redis: a copy that can be thrown away at any moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gamification.domain.boards import Ranked, ranked
from gamification.domain.scores import Scope, ScoreKey, ScorePeriod
from gamification.infrastructure import board_scripts

log = structlog.get_logger(__name__)

PREFIX = "gamification:board:"
KNOWN = "gamification:boards"
WANTED = "gamification:boards:wanted"
KEEPER = "gamification:boards:keeper"
LIFE = "gamification:boards:life"

KEPT_SECONDS = 2 * 86_400
RENEWED_SECONDS = 86_400
"""A board lives two days, and is built anew if it is read on the second: no mistake in one would last."""
BUILT_WITHIN_SECONDS = 600
REST_SECONDS = 2.0
"""How long nobody asks a Redis that did not answer."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What has become of learners on one board: the ids of those off it, and the places of those on it.

    Ids are 16 bytes each; places 24, the id and the code as a big-endian double.
    """

    off: bytes
    on: bytes


class RedisBoards:
    """The boards of the academy and of its courses. Class boards are small, and not here.

    Every reader and writer is safe beside every other: a board that serves is whole, and what is written is by the
    one keeper, or of the one builder, that holds the right to.
    """

    def __init__(self, redis: Redis, *, clock: Callable[[], float] = monotonic) -> None:
        self._redis = redis
        self._clock = clock
        self._rests_until = 0.0
        script = redis.register_script
        self._top = script(board_scripts.TOP)
        self._around = script(board_scripts.AROUND)
        self._claim = script(board_scripts.CLAIM)
        self._apply = script(board_scripts.APPLY)
        self._start = script(board_scripts.START)
        self._add = script(board_scripts.ADD)
        self._finish = script(board_scripts.FINISH)
        self._forget = script(board_scripts.FORGET)

    @property
    def resting(self) -> bool:
        """Whether Redis did not answer a moment ago."""
        return self._clock() < self._rests_until

    def rest(self, error: Exception) -> None:
        """Leave Redis alone for a moment: whoever waits for it waits in vain."""
        log.warning("boards_rest", error=repr(error), seconds=REST_SECONDS)
        self._rests_until = self._clock() + REST_SECONDS

    async def top(self, scores: ScoreKey, limit: int) -> list[Ranked] | None:
        """The first places; None while there is no such board."""
        found = await self._asked(self._top, scores, limit)
        return None if found is None else list(ranked(_places(found)))

    async def around(self, scores: ScoreKey, player_id: UUID, neighbours: int) -> list[Ranked] | None:
        """The learner's place and as many before and behind it; None while there is no such board."""
        found = await self._asked(self._around, scores, neighbours, player_id.bytes)
        if not found:
            return found
        before, better, shown = found
        return list(ranked(_places(shown), before=before, better=better))

    async def _asked(self, script: Any, scores: ScoreKey, *args: object) -> list[Any] | None:
        if self.resting:
            return None
        name = name_of(scores)
        try:
            found: list[Any] | None = await script(
                keys=[PREFIX + name, WANTED, KNOWN], args=[name, RENEWED_SECONDS, *args]
            )
        except (RedisError, OSError) as error:
            self.rest(error)
            return None
        return found

    async def known(self) -> set[ScoreKey]:
        """The boards there are, and those being built. Raises RedisError, here and below."""
        return {scores_of(_text(name)) for name in await self._redis.smembers(KNOWN)}

    async def claim(self, token: int) -> int:
        """Become the keeper, who alone applies moves, unless a greater token holds: tells which one does."""
        return int(await self._claim(keys=[KEEPER], args=[token]))

    async def apply(self, token: int, moves: Mapping[ScoreKey, Moves]) -> bool:
        """Bring what has become of learners to the boards, and to those being built; False for who is outrun."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for scores, moved in moves.items():
                name = name_of(scores)
                await self._apply(
                    keys=[KEEPER, KNOWN, PREFIX + name, _building(name)],
                    args=[token, name, moved.off, moved.on],
                    client=pipeline,
                )
            return -1 not in await pipeline.execute()

    async def wanted(self) -> ScoreKey | None:
        """A board that somebody missed, or that should be built anew; each is told once."""
        while (asked := await self._redis.spop(WANTED)) is not None:
            name = _text(asked)
            left = await self._redis.ttl(PREFIX + name)
            if left < RENEWED_SECONDS or not await self._redis.sismember(KNOWN, name):
                return scores_of(name)
        return None

    async def start(self, scores: ScoreKey, token: int) -> None:
        """Begin to build a board beside the one that serves; moves reach both from now on."""
        name = name_of(scores)
        await self._start(keys=[_building(name), KNOWN], args=[_builder(token), BUILT_WITHIN_SECONDS, name])

    async def add(self, scores: ScoreKey, token: int, places: bytes) -> bool:
        """Put places on it, of who has not moved since it was begun; False for who builds it no longer."""
        return bool(await self._add(keys=[_building(name_of(scores))], args=[_builder(token), places]))

    async def finish(self, scores: ScoreKey, token: int) -> bool:
        """Let it take the place of the one that served; False for who builds it no longer."""
        name = name_of(scores)
        return bool(await self._finish(keys=[_building(name), PREFIX + name], args=[_builder(token), KEPT_SECONDS]))

    async def live(self, database: str) -> None:
        """Throw all boards away if Redis or Postgres, of that identity, is not what they were built in.

        Who was restarted, or replaced by a copy, may have lost the last moves, or remember some that never were.
        """
        life = f"{(await self._redis.info('server'))['run_id']} {database}"
        lived = await self._redis.get(LIFE)
        if lived is None or _text(lived) != life:
            await self.forget(life)

    async def forget(self, life: str = "") -> None:
        """Throw all boards away, and let keepers begin anew."""
        await self._forget(keys=[KNOWN, LIFE, KEEPER], args=[PREFIX, life])


def name_of(scores: ScoreKey) -> str:
    """What a board is called in Redis."""
    return f"{scores.scope}:{scores.scope_id}:{scores.period}:{scores.starts_on}"


def scores_of(name: str) -> ScoreKey:
    """The scores that a board of that name ranks."""
    scope, scope_id, period, starts_on = name.split(":")
    return ScoreKey(Scope(scope), UUID(scope_id), ScorePeriod(period), date.fromisoformat(starts_on))


def _text(told: object) -> str:
    return told.decode() if isinstance(told, bytes) else str(told)


def _building(name: str) -> str:
    return f"{PREFIX}{name}:building"


def _builder(token: int) -> str:
    return f"builder {token}"


def _places(found: Sequence[bytes]) -> list[tuple[UUID, int]]:
    pairs = zip(found[::2], found[1::2], strict=True)
    # The member at infinity only says that the board is whole.
    return [(UUID(bytes=member), int(code)) for member, code in pairs if code != b"inf"]
