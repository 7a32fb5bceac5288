"""The ledger of points: what it should hold, and the lines that bring it there."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from babyowl_kernel import NewId
from gamification.domain.rules import SourceKind
from gamification.domain.values import Source, XpTransaction

REWARDS = (SourceKind.QUEST, SourceKind.BADGE)

Entry: TypeAlias = tuple[Source, str]
"""A source and a rule: it earns by it once, whatever is corrected how often."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What the ledger should hold for an entry."""

    xp: int
    earned_on: date
    counts_on: date
    course_id: UUID | None

    @classmethod
    def of(cls, line: XpTransaction) -> "Worth":
        """What a line that gives says."""
        return cls(line.amount, line.earned_on, line.counts_on, line.course_id)


def differences(
    lines: Iterable[XpTransaction],
    worth: Mapping[Entry, Worth],
    *,
    of: Collection[Source],
    rewards_since: date,
    now: datetime,
    new_id: NewId,
) -> list[XpTransaction]:
    """The lines that bring the ledger to what it should hold `of` these sources and of rewards since a day.

    What is wrong is taken back first, and then given as it is right.
    """
    latest: dict[Entry, XpTransaction] = {}
    for line in lines:
        entry = line.source, line.rule
        if entry not in latest or latest[entry].number < line.number:
            latest[entry] = line
    wrong = [
        line
        for entry, line in latest.items()
        if line.gives
        and (line.source in of or (line.source.kind in REWARDS and line.earned_on >= rewards_since))
        and Worth.of(line) != worth.get(entry)
    ]
    # As a reader expects them: first the deeds', then what went with them.
    wrong.sort(key=lambda line: (line.source.kind in REWARDS, line.recorded_at, line.id))
    taken_back = [
        replace(line, id=new_id(), number=line.number + 1, amount=-line.amount, recorded_at=now) for line in wrong
    ]
    latest |= {(line.source, line.rule): line for line in taken_back}
    given = [
        XpTransaction(
            id=new_id(),
            source=source,
            rule=rule,
            number=latest[source, rule].number + 1 if (source, rule) in latest else 1,
            amount=due.xp,
            earned_on=due.earned_on,
            counts_on=due.counts_on,
            course_id=due.course_id,
            recorded_at=now,
        )
        for (source, rule), due in worth.items()
        if (source, rule) not in latest or not latest[source, rule].gives
    ]
    return taken_back + given
