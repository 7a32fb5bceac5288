"""The whole context without its edges, kept in memory or in Postgres: what the rules are tested on."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from babyowl_chassis.bus import Bus, SqlTransactions, Transactions
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.subscriptions import Dispatcher
from babyowl_chassis.testing import (
    MemoryRepository,
    MemoryStore,
    MemoryTransactions,
    MemoryUnitOfWork,
    acquaint,
    recorded,
)
from babyowl_chassis.unit_of_work import ConstraintViolated, Raised, SqlRepository
from babyowl_contracts import Envelope, Event
from babyowl_kernel import Actor, Ok, Refusal
from gamification.application.commands.choose_appearance import ChooseAppearance
from gamification.application.commands.remove_alias import RemoveAlias
from gamification.application.handlers import HANDLERS
from gamification.application.publishing import published
from gamification.application.scorekeeping import Scorekeeper
from gamification.bootstrap import CLASSES, REWARDS
from gamification.domain.appearance import PlayerAppearance
from gamification.domain.calendar import Academy
from gamification.domain.errors import AliasTaken
from gamification.domain.player import PlayerProfile
from gamification.domain.values import Alias, Appearance, Beside, Deed, WeeklyXp
from gamification.infrastructure.unit_of_work import GamificationUnitOfWork

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
"""A Wednesday."""

GREENWICH = ZoneInfo("UTC")


class MemoryPlayers(MemoryRepository[PlayerProfile]):
    """Players with their whole history: nothing that partial loading could have forgotten."""

    aggregate = PlayerProfile

    async def get_for(self, player_id: UUID, deed: Deed, *, today: date) -> tuple[PlayerProfile, Beside] | None:
        player = await self.get(player_id)
        if player is None:
            return None
        others = [other for other in player.deeds.values() if other.source != deed.source and other.active]
        latest: dict[date, datetime] = {}
        for other in others:
            latest[other.week] = max(other.happened_at, latest.get(other.week, other.happened_at))
        return player, Beside(frozenset(other.day for other in others), latest)


class MemoryAppearances(MemoryRepository[PlayerAppearance]):
    aggregate = PlayerAppearance

    async def has_been_removed(self, alias: Alias) -> bool:
        removed = {removal.alias.key for each in await self._all() for removal in each.removals}
        return alias.key in removed

    async def is_name_of_another(self, alias: Alias, player_id: UUID) -> bool:
        names = self._uow.store.facts.get("names", [])
        return any(Alias(name).key == alias.key and named != player_id for named, name in names)


class MemoryLearners:
    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def time_zone(self, learner_id: UUID) -> str | None:
        return dict(self._store.facts.get("time_zones", [])).get(learner_id)


class MemoryClasses:
    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

    async def note_class(self, class_id: UUID, *, course_id: UUID, instructor_id: UUID, sequence: int) -> None:
        self._uow.append("classes", (sequence, class_id, instructor_id))

    async def note_member(self, class_id: UUID, *, student_id: UUID, active: bool, sequence: int) -> None:
        self._uow.append("class_members", (sequence, class_id, student_id, active))


class MemoryGamificationUnitOfWork(MemoryUnitOfWork):
    constraints: Mapping[str, Refusal] = {"uq_appearances_alias": AliasTaken()}  # type: ignore[misc]

    def __init__(self, store: MemoryStore, *, locking: bool = False) -> None:
        super().__init__(store, locking=locking)
        self.players = MemoryPlayers(self)
        self.appearances = MemoryAppearances(self)
        self.learners = MemoryLearners(store)
        self.classes = MemoryClasses(self)

    async def flush(self) -> list[Raised]:
        keys = Counter(each.alias.key for each in await self.appearances._all() if each.alias)
        if any(number > 1 for number in keys.values()):
            raise ConstraintViolated("uq_appearances_alias")
        return await super().flush()


@dataclass(frozen=True)
class Standing:
    """What a learner's deeds add up to; what was announced on the way is no part of it."""

    total_xp: int
    level: int
    reached_at: datetime | None
    weeks: Mapping[date, WeeklyXp]
    active_runs: tuple[tuple[date, date], ...]
    ledger: Mapping[tuple[str, date, date], int]

    @classmethod
    def of(cls, player: PlayerProfile) -> "Standing":
        ledger: Counter[tuple[str, date, date]] = Counter()
        for line in player.transactions:
            ledger[line.rule, line.earned_on, line.week] += line.amount
        return cls(
            total_xp=player.total_xp,
            level=player.level,
            reached_at=player.reached_at,
            weeks=dict(player.weeks),
            active_runs=tuple((run.first, run.last) for run in player.active_days.runs),
            ledger={key: amount for key, amount in ledger.items() if amount},
        )


class Store(Protocol):
    """Where a game is kept."""

    transactions: Transactions

    async def player(self, player_id: UUID) -> PlayerProfile | None: ...
    async def appearance(self, player_id: UUID) -> PlayerAppearance | None: ...
    async def is_named(self, person_id: UUID, name: str) -> None: ...
    async def live_in(self, learner_id: UUID, zone: str) -> None: ...
    async def events(self, player_id: UUID) -> list[Event]: ...
    async def members(self, class_id: UUID) -> set[UUID]: ...
    async def instructor(self, class_id: UUID) -> UUID | None: ...


class InMemory:
    def __init__(self) -> None:
        self._store = MemoryStore()
        self.transactions: Transactions = MemoryTransactions(self._store, MemoryGamificationUnitOfWork)

    async def player(self, player_id: UUID) -> PlayerProfile | None:
        return await MemoryPlayers(MemoryGamificationUnitOfWork(self._store)).get(player_id)

    async def appearance(self, player_id: UUID) -> PlayerAppearance | None:
        return await MemoryAppearances(MemoryGamificationUnitOfWork(self._store)).get(player_id)

    async def is_named(self, person_id: UUID, name: str) -> None:
        self._store.facts.setdefault("names", []).append((person_id, name))

    async def live_in(self, learner_id: UUID, zone: str) -> None:
        self._store.facts.setdefault("time_zones", []).append((learner_id, zone))

    async def events(self, player_id: UUID) -> list[Event]:
        return [event for subject, event in self._store.published if subject == player_id]

    async def members(self, class_id: UUID) -> set[UUID]:
        facts = sorted(fact for fact in self._store.facts.get("class_members", []) if fact[1] == class_id)
        latest = {student: active for _, _, student, active in facts}
        return {student for student, active in latest.items() if active}

    async def instructor(self, class_id: UUID) -> UUID | None:
        facts = sorted(fact for fact in self._store.facts.get("classes", []) if fact[1] == class_id)
        return facts[-1][2] if facts else None


class InPostgres:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.transactions: Transactions = SqlTransactions(pool, GamificationUnitOfWork)

    async def player(self, player_id: UUID) -> PlayerProfile | None:
        async with self._pool.acquire() as connection:
            uow = GamificationUnitOfWork(connection)
            # The base class reads every child row there is; the context itself never does.
            return await SqlRepository.get(uow.players, player_id)

    async def appearance(self, player_id: UUID) -> PlayerAppearance | None:
        async with self._pool.acquire() as connection:
            return await GamificationUnitOfWork(connection).appearances.get(player_id)

    async def is_named(self, person_id: UUID, name: str) -> None:
        await acquaint(self._pool, person_id, name=name)

    async def live_in(self, learner_id: UUID, zone: str) -> None:
        await acquaint(self._pool, learner_id, time_zone=zone)

    async def events(self, player_id: UUID) -> list[Event]:
        return [envelope.data for envelope in await recorded(self._pool) if envelope.subject == player_id]

    async def members(self, class_id: UUID) -> set[UUID]:
        query = "SELECT student_id FROM class_members WHERE class_id = $1 AND active"
        return {row["student_id"] for row in await self._pool.fetch(query, class_id)}

    async def instructor(self, class_id: UUID) -> UUID | None:
        found: UUID | None = await self._pool.fetchval("SELECT instructor_id FROM classes WHERE id = $1", class_id)
        return found


@dataclass
class Game:
    """The context at work at a time the test sets."""

    store: Store
    academy_zone: ZoneInfo = GREENWICH
    now: datetime = NOON
    bus: Bus = field(init=False)

    def __post_init__(self) -> None:
        academy = Academy(self.academy_zone, lambda: self.now)
        self.bus = Bus(
            self.store.transactions,
            publish=published,
            handlers=HANDLERS,
            dependencies={"scorekeeper": Scorekeeper(academy, new_id), "clock": academy.clock},
        )
        self._dispatchers = [(listening, Dispatcher(listening, self.bus)) for listening in (REWARDS, CLASSES)]

    async def hear(self, *events: Event, event_id: UUID | None = None, sequence: int = 1) -> None:
        """Let events arrive, each with an id of its own unless one is given."""
        for event in events:
            envelope = Envelope(
                id=event_id or new_id(), subject=new_id(), time=self.now, aggregateseq=sequence, data=event
            )
            for subscription, dispatcher in self._dispatchers:
                if type(event) in subscription.events:
                    await dispatcher.dispatch(envelope)

    async def choose(self, player_id: UUID, **chosen: Any) -> Appearance | Refusal:
        """The appearance a learner has now, or why it was refused."""
        outcome = await self.bus.execute(ChooseAppearance(player_id, **chosen))
        return outcome.value.appearance if isinstance(outcome, Ok) else outcome.refusal

    async def remove_alias(self, player_id: UUID, alias: str) -> Appearance | Refusal:
        """The appearance a learner has after staff has taken this alias away, or why it was refused."""
        staff = Actor(new_id(), frozenset({"staff"}))
        outcome = await self.bus.execute(RemoveAlias(player_id, alias, "It insults somebody.", staff))
        return outcome.value.appearance if isinstance(outcome, Ok) else outcome.refusal

    async def appearance(self, player_id: UUID) -> PlayerAppearance:
        return await self.store.appearance(player_id) or PlayerAppearance(id=player_id)

    async def player(self, player_id: UUID) -> PlayerProfile:
        player = await self.store.player(player_id)
        assert player is not None
        return player

    async def standing(self, player_id: UUID) -> Standing:
        return Standing.of(await self.player(player_id))

    async def heard_of(self, player_id: UUID, kind: type[Event]) -> list[Any]:
        """What others were told of a learner, oldest first."""
        return [event for event in await self.store.events(player_id) if isinstance(event, kind)]
