"""What is known of zones, holidays and recounts, kept in memory: append-only, and read as the latest fact says."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from uuid import UUID

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from babyowl_chassis.testing import MemoryStore, MemoryUnitOfWork, eventually
from gamification.application.commands.recount_player import RecountPlayer
from gamification.domain.player import PlayerProfile
from gamification.domain.recounts import Recount
from gamification.domain.streaks import Holidays
from gamification.domain.zones import ZoneChange
from gamification.infrastructure.recounting import Recounting


class MemoryZones:
    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

    async def note(self, learner_id: UUID, zone: str, *, since: datetime, sequence: int) -> None:
        self._uow.append("zone_changes", (learner_id, since, sequence, zone))

    async def of(self, learner_id: UUID) -> list[ZoneChange]:
        facts = sorted(fact for fact in self._uow.store.facts.get("zone_changes", []) if fact[0] == learner_id)
        return [ZoneChange(since, zone) for since, zone in {since: zone for _, since, _, zone in facts}.items()]


class MemoryHolidays:
    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

    async def note(self, holiday_id: UUID, *, first_date: date, last_date: date, active: bool, sequence: int) -> None:
        self._uow.append("holidays", (holiday_id, sequence, active, first_date, last_date))
        # Nothing is under way beside this, and nothing is dear: everybody is recounted from the beginning.
        for learner_id in self._uow.store.aggregates.get(PlayerProfile, {}):
            self._uow.append("recounts", (learner_id, date(1970, 1, 1), False))

    async def all(self) -> Holidays:
        latest = {fact[0]: fact for fact in sorted(self._uow.store.facts.get("holidays", []))}
        return Holidays((first, last) for _, _, active, first, last in latest.values() if active)


class MemoryRecounts:
    """Asked for and done are facts alike; the version is the place in the list of what is asked last."""

    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

    async def ask(self, learner_ids: Collection[UUID], *, from_day: date, redraw: bool = False) -> None:
        for learner_id in learner_ids:
            self._uow.append("recounts", (learner_id, from_day, redraw))

    async def due(self, learner_id: UUID) -> Recount | None:
        done = max((at for who, at in self._uow.store.facts.get("recounted", []) if who == learner_id), default=0)
        asked = [
            (at, from_day, redraw)
            for at, (who, from_day, redraw) in enumerate(self._uow.store.facts.get("recounts", []), start=1)
            if who == learner_id and at > done
        ]
        if not asked:
            return None
        return Recount(min(each[1] for each in asked), any(each[2] for each in asked), max(each[0] for each in asked))

    async def done(self, learner_id: UUID, recount: Recount) -> None:
        self._uow.append("recounted", (learner_id, recount.version))


async def settle_in_memory(store: MemoryStore, bus: Bus) -> None:
    """Carry out every recount that is asked for."""
    for learner_id in sorted({learner_id for learner_id, _, _ in store.facts.get("recounts", [])}):
        await bus.execute(RecountPlayer(learner_id))


_LEFT = "SELECT (SELECT count(*) FROM recounts) + (SELECT count(*) FROM holidays WHERE NOT spread)"


async def settle_in_postgres(pool: Pool, bus: Bus, today: Callable[[], date]) -> None:
    """Let the job run until nothing is left for it; it waits for transactions that are under way elsewhere."""
    recounting = Recounting(pool, bus, today)

    async def nothing_is_left() -> bool:
        await recounting.run()
        return await pool.fetchval(_LEFT) == 0

    if await pool.fetchval(_LEFT):
        await eventually(nothing_is_left)
