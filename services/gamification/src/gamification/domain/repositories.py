"""Where players, and what is known of learners and classes, are kept."""

from datetime import date
from typing import Protocol
from uuid import UUID

from gamification.domain.player import PlayerProfile
from gamification.domain.values import Beside, Deed


class Players(Protocol):
    """The learners' games."""

    def add(self, player: PlayerProfile) -> None:
        """Keep a player who was not here before."""

    async def get(self, player_id: UUID) -> PlayerProfile | None:
        """The player, without any of what they did: enough to change how they appear."""

    async def get_for(self, player_id: UUID, deed: Deed, *, today: date) -> tuple[PlayerProfile, Beside] | None:
        """The player with all that counting this deed may touch, and what the other deeds say beside it."""


class Learners(Protocol):
    """What is known of the people who learn here."""

    async def time_zone(self, learner_id: UUID) -> str | None:
        """The IANA name of the zone the learner lives in; None while the learner is unknown here."""


class Classes(Protocol):
    """Who teaches and who attends which class; facts of another context that arrive in any order.

    Of two facts about the same thing the one with the greater sequence stays.
    """

    async def note_class(self, class_id: UUID, *, course_id: UUID, instructor_id: UUID, sequence: int) -> None:
        """A class exists, and who teaches it."""

    async def note_member(self, class_id: UUID, *, student_id: UUID, active: bool, sequence: int) -> None:
        """A student has a seat in a class, or has given it up."""
