"""Leagues: five, one above the other, in which learners meet about thirty others for a week.

Who earns points in a week has a seat in one cohort of one league that week; newcomers in the lowest. When the
week closes the first of each cohort go up and the last go down, by one league. Nothing here knows of time or
storage: the same week always ends the same.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from heapq import heapify, heappush, heapreplace
from uuid import UUID

COHORT_SIZE = 30
MOVES = 5
"""How many of a full cohort go up, and how many down."""


class League(StrEnum):
    """From the lowest to the highest."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    SAPPHIRE = "sapphire"
    DIAMOND = "diamond"

    @property
    def above(self) -> "League":
        """The next higher one; the highest has none but itself."""
        return _ORDER[min(_ORDER.index(self) + 1, len(_ORDER) - 1)]

    @property
    def below(self) -> "League":
        """The next lower one; the lowest has none but itself."""
        return _ORDER[max(_ORDER.index(self) - 1, 0)]


_ORDER = tuple(League)


class Move(StrEnum):
    """What a week in a league led to."""

    PROMOTED = "promoted"
    STAYED = "stayed"
    RELEGATED = "relegated"
    RESTED = "rested"
    """Was on no leaderboard when the week closed: keeps the league, and comes back to it."""
    LEFT = "left"
    """Earned nothing in the lowest league: has no seat any more, until points are earned again."""


@dataclass(frozen=True, slots=True)
class Finish:
    """How a member of a cohort came out of the week.

    `position` is that on the academy's closed leaderboard, which no two share; None without points.
    """

    player_id: UUID
    position: int | None
    xp: int
    takes_part: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a member of a cohort: the rank in it (equal points share one), and the league of next week."""

    player_id: UUID
    rank: int | None
    xp: int
    move: Move
    next_league: League | None


def promoted_of(size: int) -> int:
    """How many of a cohort go up: five of a full one, a third of a small one, of any at least one."""
    return max(1, min(MOVES, size // 3))


def relegated_of(size: int) -> int:
    """How many of a cohort go down, beside those without points: five of a full one, a third of a small one."""
    return min(MOVES, size // 3)


def settle(league: League, cohort: Iterable[Finish]) -> list[Result]:
    """The final table of a cohort, best first; those who take no part come last and stay what they were."""
    members = sorted(cohort, key=_place)
    playing = [member for member in members if member.takes_part]
    up, last_safe = promoted_of(len(playing)), len(playing) - relegated_of(len(playing))
    results: list[Result] = []
    for place, member in enumerate(playing, start=1):
        if member.position is None:
            move = Move.LEFT if league is League.BRONZE else Move.RELEGATED
        elif place <= up:
            move = Move.STAYED if league is League.DIAMOND else Move.PROMOTED
        elif place > last_safe:
            move = Move.STAYED if league is League.BRONZE else Move.RELEGATED
        else:
            move = Move.STAYED
        rank = results[-1].rank if results and results[-1].xp == member.xp else place
        results.append(Result(member.player_id, rank, member.xp, move, _next(league, move)))
    resting = (member for member in members if not member.takes_part)
    return results + [Result(member.player_id, None, member.xp, Move.RESTED, league) for member in resting]


def draw(members: Collection[UUID], week: date) -> dict[UUID, int]:
    """Divide the members of a league into cohorts for a week: by lot, and so that no two differ by more than one."""
    number = -(-len(members) // COHORT_SIZE)
    drawn = sorted(members, key=lambda member: _lot(member, week))
    return {member: place * number // len(drawn) for place, member in enumerate(drawn)}


def join(newcomers: Collection[UUID], week: date, sizes: Mapping[int, int]) -> dict[UUID, int]:
    """Seat newcomers while the week runs: in the smallest cohort that is not full, else in one of their own.

    `sizes` are those of the league's cohorts by number.
    """
    seats: dict[UUID, int] = {}
    smallest = [(size, number) for number, size in sizes.items()]
    heapify(smallest)
    unused = max(sizes, default=-1) + 1
    for newcomer in sorted(newcomers, key=lambda newcomer: _lot(newcomer, week)):
        if not smallest or smallest[0][0] >= COHORT_SIZE:
            heappush(smallest, (0, unused))
            unused += 1
        size, number = smallest[0]
        seats[newcomer] = number
        heapreplace(smallest, (size + 1, number))
    return seats


def _lot(player_id: UUID, week: date) -> bytes:
    return sha256(player_id.bytes + week.isoformat().encode()).digest()


def _place(member: Finish) -> tuple[bool, int, UUID]:
    return member.position is None, member.position or 0, member.player_id


def _next(league: League, move: Move) -> League | None:
    match move:
        case Move.PROMOTED:
            return league.above
        case Move.RELEGATED:
            return league.below
        case Move.LEFT:
            return None
        case _:
            return league
