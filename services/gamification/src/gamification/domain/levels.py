"""Levels: how far a learner has come, from the points alone."""

from dataclasses import dataclass
from math import isqrt

STEP = 50
"""Half of what the second level costs; each level costs 2 * STEP more than the one before it."""


@dataclass(frozen=True, slots=True)
class Level:
    """A learner's level, and the way to the next one in points."""

    number: int
    starts_at: int
    next_at: int

    @classmethod
    def of(cls, total_xp: int) -> "Level":
        """The level that so many points make."""
        number = level_for(total_xp)
        return cls(number, starts_at=xp_needed(number), next_at=xp_needed(number + 1))


def xp_needed(level: int) -> int:
    """The points at which a level begins: 0, 100, 300, 600, 1000, … = 50 · n · (n - 1)."""
    return STEP * level * (level - 1)


def level_for(total_xp: int) -> int:
    """The greatest level whose beginning so many points reach; the inverse of `xp_needed`, in integers."""
    return (1 + isqrt(1 + 4 * (total_xp // STEP))) // 2
