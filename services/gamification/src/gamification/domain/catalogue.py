"""What the game is made of: its rules, badges and quests."""

from dataclasses import dataclass
from datetime import date

from gamification.domain.badges import Badge, BadgeCatalogue
from gamification.domain.quests import Quest, QuestCatalogue
from gamification.domain.rules import Rulebook, SourceKind, XpRule


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that is data, not code, in the game."""

    rulebook: Rulebook
    badges: BadgeCatalogue
    quests: QuestCatalogue

    def title_of(self, kind: SourceKind, rule: str, day: date) -> str | None:
        """What the ledger knows by that name, as learners call it; None if the catalogue no longer knows it.

        `day` is the learner's own on which the points were earned.
        """
        known: Badge | Quest | XpRule | None
        match kind:
            case SourceKind.BADGE:
                known = self.badges.rewarded_by(rule)
            case SourceKind.QUEST:
                known = self.quests.about(rule, day)
            case _:
                known = self.rulebook.about(rule, day)
        return None if known is None else known.title
