"""Quests: what a learner is asked to do today, and this week."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID, uuid5

from gamification.domain.calendar import monday_of
from gamification.domain.facts import Fact, Tally


class Cadence(StrEnum):
    """How often quests are drawn: for each of a learner's own days, and for each ISO week of them."""

    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def places(self) -> int:
        """How many quests are drawn at most."""
        return 3 if self is Cadence.DAILY else 2

    @property
    def length(self) -> int:
        """How many days a period has."""
        return 1 if self is Cadence.DAILY else 7

    def starts_on(self, day: date) -> date:
        """The first day of the period that a day lies in."""
        return day if self is Cadence.DAILY else monday_of(day)

    def ends_on(self, starts_on: date) -> date:
        """The last day of the period that begins on a day."""
        return starts_on + timedelta(days=self.length - 1)


@dataclass(frozen=True, slots=True)
class Period:
    """A day or a week that quests are drawn for."""

    cadence: Cadence
    starts_on: date

    @property
    def ends_on(self) -> date:
        """Its last day."""
        return self.cadence.ends_on(self.starts_on)

    @property
    def days(self) -> Iterator[date]:
        """Its days, earliest first."""
        return (self.starts_on + timedelta(days=number) for number in range(self.cadence.length))

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    @classmethod
    def around(cls, day: date) -> "tuple[Period, Period]":
        """The day itself, and its week."""
        return cls(Cadence.DAILY, day), cls(Cadence.WEEKLY, Cadence.WEEKLY.starts_on(day))


class Opportunity(StrEnum):
    """Something a learner can have before them to do."""

    EXERCISES = "exercises"
    """Of any kind."""
    READINGS = "readings"
    QUIZZES = "quizzes"
    CODING_EXERCISES = "coding_exercises"
    LESSONS = "lessons"
    MEETINGS = "meetings"


NEEDED: Mapping[Fact, Opportunity] = {
    Fact.EXERCISES: Opportunity.EXERCISES,
    Fact.READINGS: Opportunity.READINGS,
    Fact.QUIZZES: Opportunity.QUIZZES,
    Fact.PERFECT_QUIZZES: Opportunity.QUIZZES,
    Fact.CODING_EXERCISES: Opportunity.CODING_EXERCISES,
    Fact.LESSONS: Opportunity.LESSONS,
    Fact.MEETINGS: Opportunity.MEETINGS,
    Fact.PUNCTUAL_MEETINGS: Opportunity.MEETINGS,
}
"""What there must be to do for each fact that a quest can be about. It can not be about any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunities:
    """What a learner can do in a period: how many exercises, in all and of each kind, lessons and meetings.

    Exercises and lessons were open to them when the period began, or, if nothing was possible then, at the first
    moment in it at which something was; and they were not completed before the period.
    """

    exercises: int = 0
    lessons: int = 0
    meetings: int = 0
    readings: int = 0
    quizzes: int = 0
    coding_exercises: int = 0

    def of(self, opportunity: Opportunity) -> int:
        """How many there are of one sort."""
        found: int = getattr(self, opportunity.value)
        return found


NOTHING_TO_DO = Opportunities()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quest:
    """An entry of the catalogue: do so many of something within a day or a week.

    It is drawn for periods that begin from `since` to `until`, both included. `at_least` is how many there must
    be to do for the quest to be fair: the target, or more where not every attempt succeeds.
    """

    id: str
    cadence: Cadence
    fact: Fact
    target: int
    xp: int
    title: str
    text: str
    at_least: int
    since: date = date.min
    until: date = date.max

    @property
    def needs(self) -> Opportunity:
        """What there must be to do."""
        return NEEDED[self.fact]

    def suits(self, period: Period, opportunities: Opportunities) -> bool:
        """Whether the learner can do it in that period."""
        return (
            self.cadence is period.cadence
            and self.since <= period.starts_on <= self.until
            and opportunities.of(self.needs) >= self.at_least
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerQuest:
    """A quest drawn for a learner and a period, and how far they are with it.

    Target and reward are those of the day it was drawn. `completed_on` is the learner's own day on which the
    target was first reached.
    """

    quest: str
    cadence: Cadence
    starts_on: date
    fact: Fact
    target: int
    xp: int
    progress: int = 0
    completed_on: date | None = None

    @property
    def period(self) -> Period:
        """The day or week it was drawn for."""
        return Period(self.cadence, self.starts_on)

    @property
    def ends_on(self) -> date:
        """The last day on which something done counts."""
        return self.cadence.ends_on(self.starts_on)

    @property
    def completed(self) -> bool:
        """Whether the target was reached."""
        return self.completed_on is not None

    def reward_id(self, player_id: UUID) -> UUID:
        """What its points come from, for the ledger: the same whenever it is drawn anew."""
        return uuid5(player_id, f"{self.cadence}:{self.starts_on}:{self.quest}")

    def after(self, days: Mapping[date, Tally]) -> "PlayerQuest":
        """The quest with the progress that these days make; days outside its period do not count."""
        progress, completed_on = 0, None
        # By the period's own days, of which there are few: a learner's are many.
        for day in self.period.days:
            if day not in days:
                continue
            progress += days[day].get(self.fact, 0)
            if progress >= self.target:
                progress, completed_on = self.target, day
                break
        if (progress, completed_on) == (self.progress, self.completed_on):
            return self
        return replace(self, progress=progress, completed_on=completed_on)


@dataclass(frozen=True)
class QuestCatalogue:
    """All quests there are, and were. A quest may change from a day on: its versions share the id."""

    quests: tuple[Quest, ...]
    _versions: Mapping[str, tuple[Quest, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        versions: dict[str, tuple[Quest, ...]] = {}
        for quest in self.quests:
            versions[quest.id] = (*versions.get(quest.id, ()), quest)
        object.__setattr__(self, "_versions", versions)

    def draw(
        self, player_id: UUID, cadence: Cadence, starts_on: date, opportunities: Opportunities
    ) -> tuple[Quest, ...]:
        """The quests of a learner for a period, no two of them about the same fact.

        The lot is drawn by hashing each quest with the learner and the period, and taking the highest. So it
        is the same wherever and whenever it is drawn, and a quest that no longer suits makes room for one
        other without stirring the rest.
        """
        period = Period(cadence, starts_on)
        drawn: dict[Fact, Quest] = {}
        for quest in sorted(
            (quest for quest in self.quests if quest.suits(period, opportunities)),
            key=lambda quest: _lot(player_id, period, quest),
            reverse=True,
        ):
            if len(drawn) == cadence.places:
                break
            drawn.setdefault(quest.fact, quest)
        return tuple(drawn.values())

    def drawn(self, player_id: UUID, period: Period, opportunities: Opportunities) -> tuple[PlayerQuest, ...]:
        """The quests of a learner for a period, nothing done yet."""
        return tuple(
            PlayerQuest(
                quest=quest.id,
                cadence=period.cadence,
                starts_on=period.starts_on,
                fact=quest.fact,
                target=quest.target,
                xp=quest.xp,
            )
            for quest in self.draw(player_id, period.cadence, period.starts_on, opportunities)
        )

    def about(self, quest_id: str, starts_on: date) -> Quest | None:
        """The entry as it was for a period; None for a quest that the catalogue no longer knows."""
        versions = self._versions.get(quest_id, ())
        return next(
            (quest for quest in versions if quest.since <= starts_on <= quest.until),
            versions[-1] if versions else None,
        )


def faults_in(quests: Iterable[Quest]) -> list[str]:
    """What is wrong with a catalogue, in words for whoever wrote it."""
    found: list[str] = []
    known: list[Quest] = []
    for quest in quests:
        if quest.fact not in NEEDED:
            found.append(f"{quest.id}: no quest can be about {quest.fact}")
        if not 1 <= quest.target <= quest.at_least:
            found.append(f"{quest.id}: the target must be at least 1, and no more than there must be to do")
        if quest.xp < 1:
            found.append(f"{quest.id}: a quest is worth points")
        if quest.since > quest.until:
            found.append(f"{quest.id}: ends before it begins")
        if any(other.id == quest.id and other.since <= quest.until and quest.since <= other.until for other in known):
            found.append(f"{quest.id}: two versions hold on the same day")
        known.append(quest)
    return found


def _lot(player_id: UUID, period: Period, quest: Quest) -> bytes:
    return sha256(f"{player_id}:{period.cadence}:{period.starts_on}:{quest.id}".encode()).digest()
