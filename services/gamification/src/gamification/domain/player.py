"""The learner as a player: points, level, streak, and the ledger they come from."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from babyowl_kernel import AggregateRoot, NewId
from gamification.domain.events import AppearanceChosen, LevelReached, StreakChanged, XpPosted
from gamification.domain.levels import level_for
from gamification.domain.streaks import ActiveDays
from gamification.domain.values import (
    Alias,
    Appearance,
    Beside,
    Deed,
    Source,
    Visibility,
    WeeklyXp,
    XpTransaction,
)


@dataclass(kw_only=True)
class PlayerProfile(AggregateRoot):
    """A learner's game; the id is the learner's own.

    Deeds, transactions, weeks and active days are those the deed at hand touches, not a learner's
    whole history: what they add up to stands on the root.
    """

    total_xp: int = 0
    reached_at: datetime | None = None
    """When the last deed that counts happened; decides who of two with equal points was there first."""
    announced_level: int = 1
    """The highest level ever announced: what was said, which a correction cannot unsay."""
    leaderboard: Visibility = Visibility.SHOWN
    alias: Alias | None = None
    deeds: dict[Source, Deed] = field(default_factory=dict)
    transactions: list[XpTransaction] = field(default_factory=list)
    weeks: dict[date, WeeklyXp] = field(default_factory=dict)
    active_days: ActiveDays = field(default_factory=ActiveDays)

    @property
    def level(self) -> int:
        """The level of the points as they are now; a correction can lower it."""
        return level_for(self.total_xp)

    @property
    def appearance(self) -> Appearance:
        """How the learner appears to others."""
        return Appearance(self.leaderboard, self.alias)

    def count(self, deed: Deed, *, beside: Beside, today: date, now: datetime, new_id: NewId) -> None:
        """Count what the learner did, or correct it.

        News no newer than what is known changes nothing, so that neither the order of reports nor their
        number matters. `today` is the learner's own, `beside` is about the days and weeks of the deed as
        reported and as known.
        """
        known = self.deeds.get(deed.source)
        if known is not None and known.revision >= deed.revision:
            return
        streak_before = self.active_days.streak(today)
        self.deeds[deed.source] = deed
        self._mark_days(known, deed, beside)
        posted = self._post_differences(deed, now, new_id)
        touched = {each.week for each in (known, deed) if each is not None and each.active}
        self._settle_weeks(touched, posted, deed, beside)
        self._announce_levels()
        streak = self.active_days.streak(today)
        if streak != streak_before:
            self.record(StreakChanged(player_id=self.id, streak=streak))

    def choose_appearance(self, *, leaderboard: Visibility, alias: Alias | None) -> Appearance:
        """Stand on leaderboards or not, and under which name."""
        chosen = Appearance(leaderboard, alias)
        if chosen != self.appearance:
            self.leaderboard, self.alias = leaderboard, alias
            self.record(AppearanceChosen(player_id=self.id, appearance=chosen))
        return chosen

    def _mark_days(self, known: Deed | None, deed: Deed, beside: Beside) -> None:
        if known is not None and known.active and known.day not in beside.days:
            self.active_days.remove(known.day)
        if deed.active:
            self.active_days.add(deed.day)

    def _post_differences(self, deed: Deed, now: datetime, new_id: NewId) -> list[XpTransaction]:
        """Bring what the ledger gives for the source to what the deed is worth; taking back comes first."""
        owed: Counter[tuple[str, date, date]] = Counter()
        for held in self.transactions:
            if held.source == deed.source:
                owed[held.rule, held.earned_on, held.week] -= held.amount
        for rule in deed.rules:
            owed[rule.name, deed.day, deed.week] += rule.xp
        posted = [
            XpTransaction(
                id=new_id(),
                source=deed.source,
                rule=rule,
                revision=deed.revision,
                amount=amount,
                earned_on=earned_on,
                week=week,
                recorded_at=now,
            )
            for (rule, earned_on, week), amount in sorted(owed.items(), key=lambda item: item[1])
            if amount != 0
        ]
        for transaction in posted:
            self._post(transaction)
        return posted

    def _post(self, transaction: XpTransaction) -> None:
        self.transactions.append(transaction)
        self.total_xp += transaction.amount
        self.record(
            XpPosted(
                player_id=self.id,
                transaction_id=transaction.id,
                rule=transaction.rule,
                amount=transaction.amount,
                total_xp=self.total_xp,
                level=self.level,
                earned_on=transaction.earned_on,
            )
        )

    def _settle_weeks(self, touched: set[date], posted: list[XpTransaction], deed: Deed, beside: Beside) -> None:
        """Add up the touched weeks, and say anew when they, and with them the whole, were reached."""
        for week in touched:
            xp = self.weeks[week].xp if week in self.weeks else 0
            xp += sum(transaction.amount for transaction in posted if transaction.week == week)
            moments = [beside.latest[week]] if week in beside.latest else []
            if deed.active and deed.week == week:
                moments.append(deed.happened_at)
            if moments:
                self.weeks[week] = WeeklyXp(xp, max(moments))
            else:
                # Nothing that happened in the week counts any more.
                del self.weeks[week]
        self.reached_at = max((week.reached_at for week in self.weeks.values()), default=None)

    def _announce_levels(self) -> None:
        for level in range(self.announced_level + 1, self.level + 1):
            self.record(LevelReached(player_id=self.id, level=level, total_xp=self.total_xp))
        self.announced_level = max(self.announced_level, self.level)
