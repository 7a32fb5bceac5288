"""Counting what takes long, while the replica goes on serving."""

from asyncio import to_thread
from collections.abc import Callable
from typing import TypeVar

from gamification.domain.player import PlayerProfile

T = TypeVar("T")

LONG = 90
"""To count so many days takes no longer than anybody notices."""


async def counted(player: PlayerProfile, count: Callable[[], T]) -> T:
    """What counting for a player comes to; of a long history it is done in a thread of its own.

    The player belongs to one command, which waits for it: nobody else has it in hand.
    """
    return count() if len(player.days) <= LONG else await to_thread(count)
