"""Where players, and what is known of learners and classes, are kept."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from gamification.domain.appearance import PlayerAppearance
from gamification.domain.closing import ClosedPeriod
from gamification.domain.leagues import Finish, League, Result
from gamification.domain.periods import ClosingPeriod, Cycle
from gamification.domain.player import PlayerProfile
from gamification.domain.recounts import Recount
from gamification.domain.streaks import Holidays
from gamification.domain.values import Deed
from gamification.domain.zones import ZoneChange


class Players(Protocol):
    """The learners' games."""

    def add(self, player: PlayerProfile) -> None:
        """Keep a player who was not here before."""

    async def get(self, player_id: UUID) -> PlayerProfile | None:
        """The player, without any of what they did."""

    async def get_for(self, player_id: UUID, deed: Deed) -> PlayerProfile | None:
        """The player with all that counting this deed may touch."""

    async def get_since(self, player_id: UUID, day: date) -> PlayerProfile | None:
        """The player with everything from that day on."""


class Appearances(Protocol):
    """How learners appear to others."""

    def add(self, appearance: PlayerAppearance) -> None:
        """Keep the choice of a learner who had made none."""

    async def get(self, player_id: UUID) -> PlayerAppearance | None:
        """What the learner has chosen; None for who has not."""


class Classes(Protocol):
    """Who teaches and who attends which class; facts of another context that arrive in any order.

    Of two facts about the same thing the one with the greater sequence stays.
    """

    async def note_class(self, class_id: UUID, *, course_id: UUID, instructor_id: UUID, sequence: int) -> None:
        """A class exists, and who teaches it."""

    async def note_member(self, class_id: UUID, *, student_id: UUID, active: bool, sequence: int) -> None:
        """A student has a seat in a class, or has given it up."""


class Zones(Protocol):
    """Where learners live, as Identity tells it; facts that arrive in any order."""

    async def note(self, learner_id: UUID, zone: str, *, since: datetime, sequence: int) -> None:
        """A learner lives in a zone since a moment; of two at one moment the greater sequence stays."""

    async def of(self, learner_id: UUID) -> list[ZoneChange]:
        """Every known move of a learner, in no order."""


class HolidayCalendar(Protocol):
    """When the academy is closed, as Class tells it; of two facts about a holiday the greater sequence stays."""

    async def note(self, holiday_id: UUID, *, first_date: date, last_date: date, active: bool, sequence: int) -> None:
        """The academy is closed from the first to the last date, or open after all; whom it concerns is recounted."""

    async def all(self) -> Holidays:
        """Every holiday that was not withdrawn."""


class Recounts(Protocol):
    """Learners whose days are to be folded anew."""

    async def ask(self, learner_ids: Collection[UUID], *, from_day: date, redraw: bool = False) -> None:
        """Have these learners recounted from that day on, once what is under way now has ended."""

    async def due(self, learner_id: UUID) -> Recount | None:
        """What is asked for a learner; None if nothing is."""

    async def done(self, learner_id: UUID, recount: Recount) -> None:
        """It is done, unless more has become known meanwhile."""


class Closings(Protocol):
    """Weeks and months of the academy that are over."""

    def add(self, closed: ClosedPeriod) -> None:
        """Keep that a period is closed."""

    async def get(self, period_id: UUID) -> ClosedPeriod | None:
        """The period, if it is closed."""

    async def hold(self) -> None:
        """Be the only one who closes periods or gives out seats in leagues, until the end of the transaction."""

    async def last(self, cycle: Cycle) -> ClosingPeriod | None:
        """The latest one that is closed."""

    async def freeze(self, period: ClosingPeriod) -> None:
        """Keep the places on all boards of the period as they are."""


class Leagues(Protocol):
    """Who spends which week in which cohort, and how they came out of it."""

    async def first_week(self) -> date | None:
        """The first week that was played in leagues."""

    async def latest_week(self) -> date | None:
        """The last week that anybody has a seat in."""

    async def newcomers(self, week: date) -> Mapping[League, list[UUID]]:
        """Who has points in the week and no seat, by the league they come to."""

    async def sizes(self, week: date, league: League) -> Mapping[int, int]:
        """How many seats each cohort of a league has given out, by its number."""

    async def seat(self, week: date, league: League, seats: Mapping[UUID, int]) -> None:
        """Give out seats; who has one that week keeps it."""

    def finishes(self, week: date, league: League) -> AsyncIterator[Mapping[int, list[Finish]]]:
        """How the members of each cohort came out of the week that was frozen, thousands of cohorts at a time."""

    async def note(self, week: date, league: League, results: Iterable[tuple[int, Result]]) -> None:
        """Keep how members of cohorts, by the number of these, came out of the week."""
