"""What the context keeps, kept in memory: whole histories, nothing that partial loading could have forgotten."""

from collections import Counter
from collections.abc import Collection, Mapping
from copy import copy
from datetime import date, datetime
from uuid import UUID

from babyowl_chassis.testing import MemoryRepository, MemoryStore, MemoryUnitOfWork
from babyowl_chassis.unit_of_work import ConstraintViolated, Raised
from babyowl_kernel import Refusal
from gamification.domain.appearance import PlayerAppearance
from gamification.domain.errors import AliasTaken
from gamification.domain.player import PlayerProfile
from gamification.domain.recounts import Recount
from gamification.domain.streaks import Holidays
from gamification.domain.values import Deed
from gamification.domain.zones import ZoneChange

from .memory_curriculum import MemoryCurriculum


def _copied(player: PlayerProfile, _: dict[int, object]) -> PlayerProfile:
    """All that a player holds are values: only what they lie in has to be another."""
    twin = copy(player)
    for name, held in vars(player).items():
        if isinstance(held, dict | list):
            setattr(twin, name, copy(held))
    return twin


PlayerProfile.__deepcopy__ = _copied  # type: ignore[attr-defined]


class MemoryPlayers(MemoryRepository[PlayerProfile]):
    aggregate = PlayerProfile

    async def get_for(self, player_id: UUID, deed: Deed) -> PlayerProfile | None:
        return await self.get(player_id)

    async def get_since(self, player_id: UUID, day: date) -> PlayerProfile | None:
        return await self.get(player_id)


class MemoryAppearances(MemoryRepository[PlayerAppearance]):
    aggregate = PlayerAppearance


class MemoryClasses:
    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

    async def note_class(self, class_id: UUID, *, course_id: UUID, instructor_id: UUID, sequence: int) -> None:
        self._uow.append("classes", (sequence, class_id, instructor_id))

    async def note_member(self, class_id: UUID, *, student_id: UUID, active: bool, sequence: int) -> None:
        self._uow.append("class_members", (sequence, class_id, student_id, active))


class MemoryZones:
    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

    async def note(self, learner_id: UUID, zone: str, *, since: datetime, sequence: int) -> None:
        self._uow.append("zones", (sequence, learner_id, since, zone))

    async def of(self, learner_id: UUID) -> list[ZoneChange]:
        known = sorted(fact for fact in self._uow.store.facts.get("zones", []) if fact[1] == learner_id)
        return [ZoneChange(since, zone) for since, zone in {since: zone for _, _, since, zone in known}.items()]


class MemoryHolidays:
    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

    async def note(self, holiday_id: UUID, *, first_date: date, last_date: date, active: bool, sequence: int) -> None:
        self._uow.append("holidays", (sequence, holiday_id, first_date, last_date, active))
        for player in self._uow.store.aggregates.get(PlayerProfile, {}):
            self._uow.append("recounts", (player, date.min, False))

    async def all(self) -> Holidays:
        latest = {fact[1]: fact for fact in sorted(self._uow.store.facts.get("holidays", []))}
        return Holidays((first, last) for _, _, first, last, active in latest.values() if active)


class MemoryRecounts:
    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

    async def ask(self, learner_ids: Collection[UUID], *, from_day: date, redraw: bool = False) -> None:
        for learner_id in learner_ids:
            self._uow.append("recounts", (learner_id, from_day, redraw))

    async def due(self, learner_id: UUID) -> Recount | None:
        asked = [fact for fact in self._uow.store.facts.get("recounts", []) if fact[0] == learner_id]
        if not asked:
            return None
        return Recount(min(fact[1] for fact in asked), any(fact[2] for fact in asked), len(asked))

    async def done(self, learner_id: UUID, recount: Recount) -> None:
        asked = self._uow.store.facts["recounts"]
        self._uow.store.facts["recounts"] = [fact for fact in asked if fact[0] != learner_id]


class MemoryGamificationUnitOfWork(MemoryUnitOfWork):
    constraints: Mapping[str, Refusal] = {"uq_appearances_alias": AliasTaken()}  # type: ignore[misc]

    def __init__(self, store: MemoryStore, *, locking: bool = False) -> None:
        super().__init__(store, locking=locking)
        self.players = MemoryPlayers(self)
        self.appearances = MemoryAppearances(self)
        self.classes = MemoryClasses(self)
        self.zones = MemoryZones(self)
        self.holidays = MemoryHolidays(self)
        self.recounts = MemoryRecounts(self)
        self.curriculum = MemoryCurriculum(self, self.zones)

    async def flush(self) -> list[Raised]:
        worn = Counter(each.alias for each in await self.appearances._all() if each.alias)
        if any(number > 1 for number in worn.values()):
            raise ConstraintViolated("uq_appearances_alias")
        return await super().flush()
