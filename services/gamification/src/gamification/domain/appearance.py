"""How a learner appears to others: a decision of their own, which no event can rebuild."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from babyowl_kernel import AggregateRoot, Err, Ok, Result
from gamification.domain.errors import AliasNotWorn
from gamification.domain.events import AliasRemoved, AppearanceChosen
from gamification.domain.values import Alias, Appearance, Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRemoval:
    """Staff took an alias away; nobody gets it again."""

    alias: Alias
    reason: str
    removed_by: UUID
    removed_at: datetime


@dataclass(kw_only=True)
class PlayerAppearance(AggregateRoot):
    """How a learner appears; the id is the learner's own. Who has chosen nothing is shown by their own name."""

    leaderboard: Visibility = Visibility.SHOWN
    alias: Alias | None = None
    removals: list[AliasRemoval] = field(default_factory=list)

    @property
    def appearance(self) -> Appearance:
        """What others get to see."""
        return Appearance(self.leaderboard, self.alias)

    @property
    def removal(self) -> AliasRemoval | None:
        """What became of the last alias, if staff took it away and the learner goes by no other."""
        return self.removals[-1] if self.removals and self.alias is None else None

    def choose(self, *, leaderboard: Visibility, alias: Alias | None) -> None:
        """Stand on leaderboards or not, and under which name."""
        chosen = Appearance(leaderboard, alias)
        if chosen != self.appearance:
            self.leaderboard, self.alias = leaderboard, alias
            self.record(AppearanceChosen(player_id=self.id, appearance=chosen))

    def remove_alias(
        self, seen: Alias, *, reason: str, by: UUID, now: datetime
    ) -> "Result[PlayerAppearance, AliasNotWorn]":
        """Take away the alias that was seen, not another one chosen in the meantime."""
        if self.alias is None or self.alias.key != seen.key:
            return Err(AliasNotWorn())
        removed, self.alias = self.alias, None
        self.removals.append(AliasRemoval(alias=removed, reason=reason, removed_by=by, removed_at=now))
        self.record(AliasRemoved(player_id=self.id, alias=removed))
        return Ok(self)
