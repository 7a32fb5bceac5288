"""What the game is made of: its rules, badges and quests."""

from dataclasses import dataclass

from gamification.domain.badges import BadgeCatalogue
from gamification.domain.quests import QuestCatalogue
from gamification.domain.rules import Rulebook


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that is data, not code, in the game."""

    rulebook: Rulebook
    badges: BadgeCatalogue
    quests: QuestCatalogue
