"""From a report of another context to a deed that counts: on which day, in which week, for whom."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from babyowl_kernel import NewId
from gamification.application.ports import UnitOfWork
from gamification.domain.calendar import Academy, day_of, week_of, zone_or
from gamification.domain.player import PlayerProfile
from gamification.domain.rules import Outcome
from gamification.domain.values import NOTHING_BESIDE, Deed, Source

FIRST_REVISION = 1


@dataclass(frozen=True, slots=True)
class Scorekeeper:
    """Counts deeds. A learner nobody has told us about yet lives, until then, by the academy's clock."""

    academy: Academy
    new_id: NewId

    async def count(
        self,
        uow: UnitOfWork,
        learner_id: UUID,
        source: Source,
        outcome: Outcome,
        *,
        happened_at: datetime,
        on: date | None = None,
        revision: int = FIRST_REVISION,
    ) -> None:
        """Count a deed for a learner; it belongs to the day it happened on in their zone, unless `on` says."""
        now = self.academy.clock()
        zone = zone_or(await uow.learners.time_zone(learner_id), self.academy.zone)
        today = day_of(now, zone)
        deed = Deed(
            source=source,
            outcome=outcome,
            revision=revision,
            day=on or day_of(happened_at, zone),
            week=week_of(happened_at, self.academy.zone),
            happened_at=happened_at,
        )
        found = await uow.players.get_for(learner_id, deed, today=today)
        if found is None:
            player, beside = PlayerProfile(id=learner_id), NOTHING_BESIDE
            uow.players.add(player)
        else:
            player, beside = found
        player.count(deed, beside=beside, today=today, now=now, new_id=self.new_id)
