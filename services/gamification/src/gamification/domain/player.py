"""The learner as a player: what was done on which day, and what follows from it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from gamification.domain.badges import Badge, BadgeRevocation
from gamification.domain.calendar import monday_of, next_midnight
from gamification.domain.catalogue import Catalogue
from gamification.domain.days import NOTHING_YET, Day, Standing
from gamification.domain.errors import BadgeNotHeld, BadgeNotRevoked
from gamification.domain.events import (
    BadgeRevoked,
    BadgeUnlocked,
    LevelReached,
    QuestCompleted,
    QuestReopened,
    StreakChanged,
    XpPosted,
)
from gamification.domain.folding import Folded, fold
from gamification.domain.ledger import Entry, Worth, differences
from gamification.domain.levels import level_for
from gamification.domain.quests import Period, PlayerQuest
from gamification.domain.rules import SourceKind
from gamification.domain.scores import ScoreChange, ScoreKey, score_changes
from gamification.domain.streaks import Holidays, Streak
from gamification.domain.values import Deed, Source, XpTransaction

PLAYS_STILL = timedelta(days=30)
"""So long after the last active day a learner's midnights are still waited for, and longer while a run holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What counting depends on besides the learner: the game's catalogue, the holidays, and the time.

    `today` is the learner's own, in the zone they live in `now`.
    """

    catalogue: Catalogue
    holidays: Holidays
    now: datetime
    zone: str
    today: date
    new_id: NewId

    @property
    def midnight(self) -> datetime:
        """When the learner's next day begins."""
        return next_midnight(self.now, ZoneInfo(self.zone))


@dataclass(kw_only=True)
class PlayerProfile(AggregateRoot):
    """A learner's game; the id is the learner's own.

    What is loaded is what the news at hand touches, not a learner's whole history: the deeds of the touched days
    with their lines of the ledger; all badges; days, quests and rewards from the Monday before them on; and the last
    day before that, from which the fold goes on.
    """

    total_xp: int = 0
    announced_level: int = 1
    """The highest level ever announced: what was said, which a correction cannot unsay."""
    told_streak: Streak | None = None
    """The streak that others were last told of."""
    rolls_over_at: datetime | None = None
    """The learner's next midnight, as long as anything is to happen at it."""
    deeds: dict[Source, Deed] = field(default_factory=dict)
    transactions: list[XpTransaction] = field(default_factory=list)
    days: dict[date, Day] = field(default_factory=dict)
    quests: dict[tuple[Period, str], PlayerQuest] = field(default_factory=dict)
    badges: dict[str, date] = field(default_factory=dict)
    """The badges held, and when each was earned."""
    revocations: dict[str, BadgeRevocation] = field(default_factory=dict)
    """The badges that staff took away: they count as not earned, and give nothing."""
    _score_changes: list[Mapping[ScoreKey, ScoreChange]] = field(default_factory=list, compare=False, repr=False)

    @property
    def level(self) -> int:
        """The level of the points as they are now; a correction can lower it."""
        return level_for(self.total_xp)

    @property
    def standing(self) -> Standing:
        """How things stand after the last active day."""
        return self._standing_before(date.max)

    def needs(self, deed: Deed) -> bool:
        """Whether the deed is news: reports no newer than what is known change nothing."""
        known = self.deeds.get(deed.source)
        return known is None or deed.supersedes(known)

    def quests_of(self, period: Period) -> tuple[PlayerQuest, ...]:
        """The quests of a period, as far as they were drawn."""
        return tuple(quest for quest in self.quests.values() if quest.period == period)

    def is_drawn(self, period: Period) -> bool:
        """Whether quests were drawn for the period, if only to find that there are none: with its first deed."""
        return bool(self.quests_of(period)) or any(day in period for day in self.days)

    def drawn_since(self, day: date) -> set[Period]:
        """The days and weeks from the Monday before a day on that quests were drawn for."""
        periods = {period for active in self.days for period in Period.around(active)}
        periods |= {quest.period for quest in self.quests.values()}
        return {period for period in periods if period.starts_on >= monday_of(day)}

    def has_begun_after(self, day: date) -> bool:
        """Whether something was done, or quests were drawn, on a later day."""
        return any(later > day for later in (*self.days, *(quest.starts_on for quest in self.quests.values())))

    def count(
        self,
        deed: Deed,
        circumstances: Circumstances,
        *,
        draws: Mapping[Period, Collection[PlayerQuest]] | None = None,
    ) -> None:
        """Count what the learner did, or correct it; neither the order of reports nor their number matters.

        `draws` are the quests of periods that have none yet.
        """
        if not self.needs(deed):
            return
        known = self.deeds.get(deed.source)
        touched = {deed.day} if known is None else {deed.day, known.day}
        self._replay(touched, min(touched), {deed.source: deed}, circumstances, draws or {})

    def recount(
        self,
        circumstances: Circumstances,
        *,
        since: date,
        placed: Callable[[Deed], Deed] = lambda deed: deed,
        draws: Mapping[Period, Collection[PlayerQuest]] | None = None,
    ) -> None:
        """Count everything from a day on anew, each deed where it is now `placed`; none lands before that day.

        `draws` are the quests of periods that are to be drawn anew.
        """
        again = [deed for deed in self.deeds.values() if deed.day >= since]
        moved = {deed.source: placed(deed) for deed in again}
        touched = {deed.day for deed in (*again, *moved.values())}
        self._replay(touched, min([since, *touched]), moved, circumstances, draws or {})

    def revoke_badge(
        self, revocation: BadgeRevocation, circumstances: Circumstances
    ) -> Result[BadgeRevocation, BadgeNotHeld]:
        """Take away a badge that the learner holds, and what it gave; the whole history is loaded."""
        earned_on = self.badges.get(revocation.badge)
        if earned_on is None:
            return Err(BadgeNotHeld(revocation.badge))
        self.revocations[revocation.badge] = revocation
        self._replay(set(), earned_on, {}, circumstances, {})
        return Ok(revocation)

    def reinstate_badge(self, badge: Badge, circumstances: Circumstances) -> Result[None, BadgeNotRevoked]:
        """Give back a badge that was taken away, if it is still earned, as of the day it was; all is loaded."""
        if self.revocations.pop(badge.id, None) is None:
            return Err(BadgeNotRevoked(badge.id))
        met_on = [day for day, each in self.days.items() if each.after.value(badge.fact) >= badge.at_least]
        if met_on:
            self._replay(set(), min(met_on), {}, circumstances, {})
        return Ok(None)

    def roll_over(self, circumstances: Circumstances, *, draws: Mapping[Period, Collection[PlayerQuest]]) -> None:
        """Begin the learner's new day: with quests of its own, and a streak that may have ended with the old one."""
        self.rolls_over_at = None
        self._replay(set(), circumstances.today, {}, circumstances, draws)

    def tell_streak(self, circumstances: Circumstances) -> None:
        """Let others know of the streak as it is today, unless they do."""
        streak = self.standing.streaks.as_of(
            circumstances.today, circumstances.holidays, now=circumstances.now, zone=circumstances.zone
        )
        if streak != (self.told_streak or Streak(0, 0, None)):
            self.told_streak = streak
            self.record(StreakChanged(player_id=self.id, streak=streak))

    def collect_score_changes(self) -> list[Mapping[ScoreKey, ScoreChange]]:
        """What has changed in the learner's scores since this was last asked."""
        collected, self._score_changes = self._score_changes, []
        return collected

    def _replay(
        self,
        touched: set[date],
        start: date,
        deeds: Mapping[Source, Deed],
        circumstances: Circumstances,
        draws: Mapping[Period, Collection[PlayerQuest]],
    ) -> None:
        """Bring everything from `start` on to what follows from the deeds; those given are new, or other ones."""
        quests_before = dict(self.quests)
        before = [deed for deed in self.deeds.values() if deed.day in touched]
        self.deeds |= deeds
        worth = self._grant(touched, circumstances.catalogue)
        after = [deed for deed in self.deeds.values() if deed.day in touched]
        self._make_days(touched, after)
        start = min([start, *self._draw(draws)])
        self._work_on_quests(start)
        folded = list(
            fold(
                self._standing_before(start),
                [self.days[day] for day in sorted(self.days) if day >= start],
                self.quests.values(),
                circumstances.catalogue,
                circumstances.holidays,
            )
        )
        for each in folded:
            self.days[each.day.day] = each.day
        worth |= self._rewards(folded, start)
        posted = differences(
            self.transactions,
            worth,
            of={deed.source for deed in after},
            rewards_since=start,
            now=circumstances.now,
            new_id=circumstances.new_id,
        )
        for line in posted:
            self._post(line)
        self._score_changes.append(score_changes(posted, before, after))
        self._announce_levels()
        self._announce_quests(quests_before)
        self._settle_badges(folded, start)
        self.tell_streak(circumstances)
        self._forget_what_nobody_tried(circumstances.today)
        self._expect_midnight(circumstances)

    def _standing_before(self, day: date) -> Standing:
        last = max((each for each in self.days if each < day), default=None)
        return NOTHING_YET if last is None else self.days[last].after

    def _grant(self, touched: set[date], catalogue: Catalogue) -> dict[Entry, Worth]:
        """Say of each deed of the touched days what it earns."""
        worth: dict[Entry, Worth] = {}
        for deeds in _by_day(deed for deed in self.deeds.values() if deed.day in touched).values():
            grants = catalogue.rulebook.grants(deeds)
            for deed in deeds:
                for rule, xp in grants[deed.source].items():
                    worth[deed.source, rule] = Worth(xp, deed.day, deed.counts_on, deed.course_id)
                earned = sum(grants[deed.source].values())
                if earned != deed.xp:
                    self.deeds[deed.source] = replace(deed, xp=earned)
        return worth

    def _make_days(self, touched: set[date], deeds: Iterable[Deed]) -> None:
        done = _by_day(deeds)
        for day in touched:
            made = Day.made_by(done.get(day, ()))
            known = self.days.pop(day, None)
            if made is not None:
                self.days[day] = made if known is None else replace(made, xp=known.xp)

    def _draw(self, draws: Mapping[Period, Collection[PlayerQuest]]) -> Iterable[date]:
        """Take over the quests drawn for some periods; yields the first day of those that are other than before."""
        of_period: dict[Period, dict[str, PlayerQuest]] = defaultdict(dict)
        for (period, name), quest in self.quests.items():
            of_period[period][name] = quest
        for period, drawn in draws.items():
            known = of_period.get(period, {})
            if known.keys() == {quest.quest for quest in drawn}:
                continue
            for quest in known.values():
                del self.quests[period, quest.quest]
            for quest in drawn:
                self.quests[period, quest.quest] = known.get(quest.quest, quest)
            yield period.starts_on

    def _work_on_quests(self, start: date) -> None:
        tallies = {day.day: day.tally for day in self.days.values()}
        for key, quest in self.quests.items():
            if quest.ends_on >= start:
                self.quests[key] = quest.after(tallies)

    def _forget_what_nobody_tried(self, today: date) -> None:
        """Let go of the quests of days and weeks that are over and in which nothing was done."""
        for key, quest in list(self.quests.items()):
            if quest.ends_on < today and not any(day in self.days for day in quest.period.days):
                del self.quests[key]

    def _expect_midnight(self, circumstances: Circumstances) -> None:
        if self.rolls_over_at is not None and self.rolls_over_at <= circumstances.now:
            return  # that day has yet to begin
        last = max(self.days, default=None)
        plays = last is not None and (circumstances.today - last <= PLAYS_STILL or self._is_on_a_run)
        self.rolls_over_at = circumstances.midnight if plays else None

    @property
    def _is_on_a_run(self) -> bool:
        """Whether a run still holds, as a holiday can make it do for long; that it ends has yet to be told."""
        told = self.told_streak
        return told is not None and (told.current_days > 0 or told.current_weeks > 0)

    def _rewards(self, folded: Iterable[Folded], start: date) -> dict[Entry, Worth]:
        worth: dict[Entry, Worth] = {}
        for each in folded:
            day = each.day
            for quest in each.quests:
                source = Source(SourceKind.QUEST, quest.reward_id(self.id))
                worth[source, quest.quest] = Worth(quest.xp, day.day, day.counts_on, None)
            for badge in each.badges:
                if self._may_earn(badge, start):
                    source = Source(SourceKind.BADGE, badge.reward_id(self.id))
                    worth[source, badge.rule] = Worth(badge.xp, day.day, day.counts_on, None)
        return worth

    def _may_earn(self, badge: Badge, start: date) -> bool:
        """Whether a badge is the learner's to earn from `start` on; one held since before is not earned again.

        That happens only when the catalogue has come to ask for more than it did, and the game was not rebuilt.
        """
        return badge.id not in self.revocations and self.badges.get(badge.id, start) >= start

    def _post(self, line: XpTransaction) -> None:
        self.transactions.append(line)
        self.total_xp += line.amount
        if (day := self.days.get(line.earned_on)) is not None:
            self.days[line.earned_on] = replace(day, xp=day.xp + line.amount)
        self.record(
            XpPosted(
                player_id=self.id,
                transaction_id=line.id,
                rule=line.rule,
                amount=line.amount,
                total_xp=self.total_xp,
                level=self.level,
                earned_on=line.earned_on,
            )
        )

    def _announce_levels(self) -> None:
        for level in range(self.announced_level + 1, self.level + 1):
            self.record(LevelReached(player_id=self.id, level=level, total_xp=self.total_xp))
        self.announced_level = max(self.announced_level, self.level)

    def _announce_quests(self, before: Mapping[tuple[Period, str], PlayerQuest]) -> None:
        for key in {**before, **self.quests}:
            was = before[key].completed_on if key in before else None
            quest = self.quests.get(key)
            completed_on = quest.completed_on if quest else None
            if was == completed_on:
                continue
            period, name = key
            if quest is None or completed_on is None:
                self.record(
                    QuestReopened(player_id=self.id, quest=name, cadence=period.cadence, starts_on=period.starts_on)
                )
            else:
                self.record(
                    QuestCompleted(
                        player_id=self.id,
                        quest=name,
                        cadence=period.cadence,
                        starts_on=period.starts_on,
                        completed_on=completed_on,
                        xp=quest.xp,
                    )
                )

    def _settle_badges(self, folded: Iterable[Folded], start: date) -> None:
        before = {badge: day for badge, day in self.badges.items() if day >= start}
        earned = {badge.id: each.day.day for each in folded for badge in each.badges if self._may_earn(badge, start)}
        for badge in before.keys() - earned.keys():
            del self.badges[badge]
            reason: Literal["corrected", "revoked"] = "revoked" if badge in self.revocations else "corrected"
            self.record(BadgeRevoked(player_id=self.id, badge=badge, reason=reason))
        for badge, day in earned.items():
            self.badges[badge] = day
            if before.get(badge) != day:
                self.record(BadgeUnlocked(player_id=self.id, badge=badge, earned_on=day))


def _by_day(deeds: Iterable[Deed]) -> Mapping[date, list[Deed]]:
    of_day: dict[date, list[Deed]] = defaultdict(list)
    for deed in deeds:
        of_day[deed.day].append(deed)
    return of_day
