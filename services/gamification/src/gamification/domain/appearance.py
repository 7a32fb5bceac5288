"""How a learner appears to others: a decision of their own, which no event can rebuild."""

from dataclasses import dataclass

from babyowl_kernel import AggregateRoot
from gamification.domain.aliases import Alias
from gamification.domain.events import AppearanceChosen
from gamification.domain.values import Appearance, Visibility


@dataclass(kw_only=True)
class PlayerAppearance(AggregateRoot):
    """How a learner appears; the id is the learner's own. Who has chosen nothing is known by name to some."""

    leaderboard: Visibility = Visibility.SHOWN
    alias: Alias | None = None

    @property
    def appearance(self) -> Appearance:
        """What others get to see."""
        return Appearance(self.leaderboard, self.alias)

    def choose(self, *, leaderboard: Visibility, alias: Alias | None) -> None:
        """Stand on leaderboards or not, and under which name."""
        chosen = Appearance(leaderboard, alias)
        if chosen != self.appearance:
            self.leaderboard, self.alias = leaderboard, alias
            self.record(AppearanceChosen(player_id=self.id, appearance=chosen))
