"""From a report of another context to a deed that counts: on which day, for whom, and with what it brings about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from babyowl_kernel import NewId
from gamification.application.long_histories import counted
from gamification.application.ports import UnitOfWork
from gamification.domain.calendar import Academy, day_of
from gamification.domain.catalogue import Catalogue
from gamification.domain.curriculum import Span
from gamification.domain.facts import facts_of
from gamification.domain.player import Circumstances, PlayerProfile
from gamification.domain.quests import Period, PlayerQuest
from gamification.domain.rules import Outcome, SourceKind
from gamification.domain.values import Deed, Source
from gamification.domain.zones import ZoneHistory

FIRST_REVISION = 1
DONE_ONCE = (SourceKind.EXERCISE, SourceKind.LESSON)
"""What can be done no second time; quests ask only for what was not done before."""
JUST_BEFORE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What another context tells of a learner; it belongs to the day it happened on in their zone, or to `on`."""

    learner_id: UUID
    source: Source
    outcome: Outcome
    happened_at: datetime
    on: date | None = None
    revision: int = FIRST_REVISION
    course_id: UUID | None = None
    class_id: UUID | None = None
    exercise_kind: str | None = None
    score_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Scorekeeper:
    """Counts deeds. A learner nobody has told us about yet lives, until then, by the academy's clock."""

    academy: Academy
    catalogue: Catalogue
    new_id: NewId

    async def count(self, uow: UnitOfWork, report: Report) -> None:
        """Count a deed for a learner, or correct it."""
        zones = await self._zones(uow, report.learner_id)
        deed = self._deed(report, zones)
        player = await uow.players.get_for(report.learner_id, deed)
        if player is None:
            player = PlayerProfile(id=report.learner_id)
            uow.players.add(player)
        if not player.needs(deed):
            return
        circumstances = await self._circumstances(uow, zones)
        undrawn = [period for period in Period.around(deed.day) if facts_of(deed) and not player.is_drawn(period)]
        draws = await self._drawn(uow, player, undrawn, zones)
        await counted(player, lambda: player.count(deed, circumstances, draws=draws))
        if deed.source.kind in DONE_ONCE and player.has_begun_after(deed.day):
            # What was done then could not be asked for any more on the days after it.
            await uow.recounts.ask([player.id], from_day=deed.day, redraw=True)

    async def recount(self, uow: UnitOfWork, learner_id: UUID, *, from_day: date, redraw: bool = False) -> None:
        """Count everything from a day on anew, by what is known now; with `redraw` quests are drawn anew, too."""
        player = await uow.players.get_since(learner_id, from_day)
        if player is None:
            return
        zones = await self._zones(uow, learner_id)
        days_before = {deed.source: deed.day for deed in player.deeds.values()}
        circumstances = await self._circumstances(uow, zones)
        draws = await self._drawn(uow, player, player.drawn_since(from_day), zones) if redraw else {}
        await counted(
            player,
            lambda: player.recount(
                circumstances, since=from_day, placed=lambda deed: self._placed(deed, zones), draws=draws
            ),
        )
        if redraw and days_before != {deed.source: deed.day for deed in player.deeds.values()}:
            # They were drawn from what was done on which day as it was kept until now.
            await uow.recounts.ask([learner_id], from_day=from_day, redraw=True)

    async def roll_over(self, uow: UnitOfWork, learner_id: UUID, *, due_at: datetime) -> bool:
        """Begin the learner's new day at the midnight that was due; False if that has been done, or is not due."""
        zones = await self._zones(uow, learner_id)
        player = await uow.players.get_since(learner_id, zones.day_of(due_at - JUST_BEFORE))
        if player is None or player.rolls_over_at != due_at:
            return False
        circumstances = await self._circumstances(uow, zones)
        if circumstances.now < due_at:
            return False
        undrawn = [period for period in Period.around(circumstances.today) if not player.is_drawn(period)]
        draws = await self._drawn(uow, player, undrawn, zones)
        await counted(player, lambda: player.roll_over(circumstances, draws=draws))
        return True

    async def circumstances(self, uow: UnitOfWork, learner_id: UUID) -> Circumstances:
        """What counting depends on for a learner, here and now."""
        return await self._circumstances(uow, await self._zones(uow, learner_id))

    async def _drawn(
        self, uow: UnitOfWork, player: PlayerProfile, periods: Collection[Period], zones: ZoneHistory
    ) -> Mapping[Period, tuple[PlayerQuest, ...]]:
        """The quests of some periods, drawn from what the learner could do in them at first."""
        return {
            period: self.catalogue.quests.drawn(
                player.id,
                period,
                await uow.curriculum.opportunities(player.id, Span.lived(period, zones), otherwise=self.academy.zone),
            )
            for period in periods
        }

    async def _zones(self, uow: UnitOfWork, learner_id: UUID) -> ZoneHistory:
        return ZoneHistory(await uow.zones.of(learner_id), self.academy.zone)

    async def _circumstances(self, uow: UnitOfWork, zones: ZoneHistory) -> Circumstances:
        now = self.academy.clock()
        return Circumstances(
            catalogue=self.catalogue,
            holidays=await uow.holidays.all(),
            now=now,
            zone=zones.at(now).key,
            today=zones.day_of(now),
            new_id=self.new_id,
        )

    def _deed(self, report: Report, zones: ZoneHistory) -> Deed:
        happened_at = report.happened_at
        return Deed(
            source=report.source,
            outcome=report.outcome,
            revision=report.revision,
            happened_at=happened_at,
            zone=zones.at(happened_at).key,
            day=report.on or zones.day_of(happened_at),
            counts_on=day_of(happened_at, self.academy.zone),
            course_id=report.course_id,
            class_id=report.class_id,
            exercise_kind=report.exercise_kind,
            score_percent=report.score_percent,
        )

    def _placed(self, deed: Deed, zones: ZoneHistory) -> Deed:
        """The deed where it belongs by what is known now; a meeting stays on its day."""
        zone = zones.at(deed.happened_at).key
        if deed.source.kind is SourceKind.MEETING:
            return replace(deed, zone=zone)
        return replace(deed, zone=zone, day=zones.day_of(deed.happened_at))
