"""The whole context without its edges, kept in memory or in Postgres: what the rules are tested on."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from babyowl_chassis.bus import Bus, SqlTransactions, Transactions
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.subscriptions import Dispatcher
from babyowl_chassis.testing import MemoryStore, MemoryTransactions, eventually, recorded
from babyowl_chassis.unit_of_work import SqlRepository
from babyowl_contracts import Envelope, Event
from babyowl_contracts.identity import ProfileUpdated
from babyowl_kernel import Ok, Refusal
from gamification.application.commands.choose_appearance import ChooseAppearance
from gamification.application.commands.recount_player import RecountPlayer
from gamification.application.handlers import HANDLERS
from gamification.application.publishing import published
from gamification.application.scorekeeping import Scorekeeper
from gamification.bootstrap import CLASSES, CURRICULUM, HOLIDAYS, REWARDS, ZONES
from gamification.domain.appearance import PlayerAppearance
from gamification.domain.badges import BadgeCatalogue
from gamification.domain.calendar import Academy
from gamification.domain.catalogue import Catalogue
from gamification.domain.days import Day
from gamification.domain.player import PlayerProfile
from gamification.domain.quests import Period, PlayerQuest, QuestCatalogue
from gamification.domain.scores import ACADEMY_ID, ALL_TIME, BEFORE_ALL, Scope, ScoreKey, ScorePeriod, keys_of
from gamification.domain.streaks import Holidays, Streak
from gamification.domain.values import Appearance
from gamification.domain.zones import ZoneChange, ZoneHistory
from gamification.infrastructure.aliases import load_words
from gamification.infrastructure.catalogue import load_catalogue
from gamification.infrastructure.recounting import Recounting
from gamification.infrastructure.unit_of_work import GamificationUnitOfWork

from .memory import MemoryAppearances, MemoryGamificationUnitOfWork, MemoryPlayers

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
"""A Wednesday."""

GREENWICH = ZoneInfo("UTC")

RULES_ALONE = Catalogue(load_catalogue().rulebook, BadgeCatalogue(()), QuestCatalogue(()))
"""A game without badges and quests, for what is about points and days only."""


ScoresByKey: TypeAlias = Mapping[ScoreKey, tuple[int, datetime]]
"""Of each score the points, and when they were reached."""


@dataclass(frozen=True)
class Standing:
    """What a learner's deeds add up to; what was announced on the way is no part of it."""

    total_xp: int
    level: int
    days: Mapping[date, Day]
    quests: Mapping[tuple[Period, str], PlayerQuest]
    badges: Mapping[str, date]
    streak: Streak
    scores: ScoresByKey
    ledger: Mapping[tuple[str, date, date, UUID | None], int]

    @property
    def active_days(self) -> list[date]:
        """The days on which something was done."""
        return sorted(self.days)

    @property
    def weeks(self) -> dict[date, tuple[int, datetime]]:
        """The academy's weeks, with the points of each and when they were reached."""
        return {
            key.starts_on: score
            for key, score in self.scores.items()
            if (key.scope, key.period) == (Scope.ACADEMY, ScorePeriod.WEEK)
        }

    @property
    def reached_at(self) -> datetime | None:
        """When all the points were reached."""
        found = self.scores.get(ScoreKey(Scope.ACADEMY, ACADEMY_ID, ScorePeriod.ALL, ALL_TIME))
        return found and found[1]

    @classmethod
    def of(cls, player: PlayerProfile, scores: ScoresByKey, streak: Streak) -> "Standing":
        ledger: Counter[tuple[str, date, date, UUID | None]] = Counter()
        for line in player.transactions:
            ledger[line.rule, line.earned_on, line.counts_on, line.course_id] += line.amount
        return cls(
            total_xp=player.total_xp,
            level=player.level,
            days=dict(player.days),
            quests={key: quest for key, quest in player.quests.items() if quest.progress},
            badges=dict(player.badges),
            streak=streak,
            scores=scores,
            ledger={key: amount for key, amount in ledger.items() if amount},
        )


def scores_by_definition(player: PlayerProfile) -> ScoresByKey:
    """The sums of the ledger, and the latest deeds that earn in each: what is kept beside them must be the same."""
    sums: Counter[ScoreKey] = Counter()
    for line in player.transactions:
        for key in keys_of(line.counts_on, line.course_id):
            sums[key] += line.amount
    reached: dict[ScoreKey, datetime] = {}
    for deed in player.deeds.values():
        for key in keys_of(deed.counts_on, deed.course_id) if deed.xp else ():
            reached[key] = max(deed.happened_at.replace(microsecond=0), reached.get(key, BEFORE_ALL))
    return {key: (xp, reached.get(key, BEFORE_ALL)) for key, xp in sums.items() if xp}


class Store(Protocol):
    """Where a game is kept."""

    transactions: Transactions

    async def player(self, player_id: UUID) -> PlayerProfile | None: ...
    async def scores(self, player_id: UUID) -> ScoresByKey: ...
    async def holidays(self) -> Holidays: ...
    async def zones(self, learner_id: UUID) -> list[ZoneChange]: ...
    async def settle(self, bus: Bus, today: date) -> None: ...
    async def appearance(self, player_id: UUID) -> PlayerAppearance | None: ...
    async def events(self, player_id: UUID) -> list[Event]: ...
    async def members(self, class_id: UUID) -> set[UUID]: ...
    async def instructor(self, class_id: UUID) -> UUID | None: ...


class InMemory:
    def __init__(self) -> None:
        self._store = MemoryStore()
        self.transactions: Transactions = MemoryTransactions(self._store, MemoryGamificationUnitOfWork)

    async def player(self, player_id: UUID) -> PlayerProfile | None:
        return await MemoryPlayers(MemoryGamificationUnitOfWork(self._store)).get(player_id)

    async def scores(self, player_id: UUID) -> ScoresByKey:
        player = await self.player(player_id)
        return {} if player is None else scores_by_definition(player)

    async def holidays(self) -> Holidays:
        return await MemoryGamificationUnitOfWork(self._store).holidays.all()

    async def zones(self, learner_id: UUID) -> list[ZoneChange]:
        return await MemoryGamificationUnitOfWork(self._store).zones.of(learner_id)

    async def settle(self, bus: Bus, today: date) -> None:
        while asked := self._store.facts.get("recounts"):
            await bus.execute(RecountPlayer(asked[0][0]))

    async def appearance(self, player_id: UUID) -> PlayerAppearance | None:
        return await MemoryAppearances(MemoryGamificationUnitOfWork(self._store)).get(player_id)

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

    async def scores(self, player_id: UUID) -> ScoresByKey:
        rows = await self._pool.fetch("SELECT * FROM scores WHERE player_id = $1", player_id)
        return {
            ScoreKey(Scope(row["scope"]), row["scope_id"], ScorePeriod(row["period"]), row["starts_on"]): (
                row["xp"],
                row["reached_at"],
            )
            for row in rows
        }

    async def holidays(self) -> Holidays:
        async with self._pool.acquire() as connection:
            return await GamificationUnitOfWork(connection).holidays.all()

    async def zones(self, learner_id: UUID) -> list[ZoneChange]:
        async with self._pool.acquire() as connection:
            return await GamificationUnitOfWork(connection).zones.of(learner_id)

    async def settle(self, bus: Bus, today: date) -> None:
        async def settled() -> bool:
            await Recounting(self._pool, bus, lambda: today).run()
            waiting = "SELECT EXISTS (SELECT FROM recounts) OR EXISTS (SELECT FROM holidays WHERE NOT spread)"
            return not await self._pool.fetchval(waiting)

        await eventually(settled, every=0.002)

    async def appearance(self, player_id: UUID) -> PlayerAppearance | None:
        async with self._pool.acquire() as connection:
            return await GamificationUnitOfWork(connection).appearances.get(player_id)

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
    catalogue: Catalogue = field(default_factory=load_catalogue)
    now: datetime = NOON
    bus: Bus = field(init=False)

    def __post_init__(self) -> None:
        academy = Academy(self.academy_zone, lambda: self.now)
        self.bus = Bus(
            self.store.transactions,
            publish=published,
            handlers=HANDLERS,
            dependencies={
                "scorekeeper": Scorekeeper(academy, self.catalogue, new_id),
                "clock": academy.clock,
                "words": load_words(),
            },
        )
        queues = (REWARDS, CLASSES, CURRICULUM, ZONES, HOLIDAYS)
        self._dispatchers = [(listening, Dispatcher(listening, self.bus)) for listening in queues]

    async def hear(self, *events: Event, event_id: UUID | None = None, sequence: int = 1) -> None:
        """Let events arrive, each with an id of its own unless one is given."""
        for event in events:
            envelope = Envelope(
                id=event_id or new_id(), subject=new_id(), time=self.now, aggregateseq=sequence, data=event
            )
            await self.receive(envelope)

    async def receive(self, *envelopes: Envelope) -> None:
        """Let events arrive, with whatever is on their envelopes."""
        for envelope in envelopes:
            for subscription, dispatcher in self._dispatchers:
                if type(envelope.data) in subscription.events:
                    await dispatcher.dispatch(envelope)

    async def choose(self, player_id: UUID, **chosen: Any) -> Appearance | Refusal:
        """The appearance a learner has now, or why it was refused."""
        outcome = await self.bus.execute(ChooseAppearance(player_id, **chosen))
        return outcome.value.appearance if isinstance(outcome, Ok) else outcome.refusal

    async def appearance(self, player_id: UUID) -> PlayerAppearance:
        return await self.store.appearance(player_id) or PlayerAppearance(id=player_id)

    async def live_in(self, learner_id: UUID, zone: str, *, since: datetime = BEFORE_ALL) -> None:
        """A learner lives in a zone from some moment on, and Identity has told us."""
        moved = ProfileUpdated(user_id=learner_id, time_zone=zone)
        envelope = Envelope(id=new_id(), subject=learner_id, time=since, aggregateseq=1, data=moved)
        await self.receive(envelope)

    async def settle(self) -> None:
        """Carry out the recounts that facts which came late have asked for."""
        await self.store.settle(self.bus, self.now.astimezone(self.academy_zone).date())

    async def player(self, player_id: UUID) -> PlayerProfile:
        player = await self.store.player(player_id)
        assert player is not None
        return player

    async def standing(self, player_id: UUID) -> Standing:
        player, scores = await self.player(player_id), await self.store.scores(player_id)
        here = ZoneHistory(await self.store.zones(player_id), self.academy_zone)
        streak = player.standing.streaks.as_of(
            here.day_of(self.now), await self.store.holidays(), now=self.now, zone=here.at(self.now).key
        )
        return Standing.of(player, scores, streak)

    async def heard_of(self, player_id: UUID, kind: type[Event]) -> list[Any]:
        """What others were told of a learner, oldest first."""
        return [event for event in await self.store.events(player_id) if isinstance(event, kind)]
