"""The values of the game: deeds and where they come from, points, and how a learner appears to others."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from babyowl_kernel import Err, Ok, Result
from gamification.domain.errors import AliasUnsuitable
from gamification.domain.rules import Outcome, SourceKind, XpRule, rules_for

ALIAS_LENGTH = range(2, 31)
_ALIAS = re.compile(r"[\w .'-]*[^\W\d_][\w .'-]*")


@dataclass(frozen=True, slots=True)
class Source:
    """What a learner's points come from: this exercise, that meeting."""

    kind: SourceKind
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a learner did, as last reported; of two reports on one source the greater `revision` holds.

    `day` is in the learner's own zone, or for a meeting the day it was held on; `week` is the Monday of
    the academy's week. Both are settled when the deed is counted and do not move with the learner.
    """

    source: Source
    outcome: Outcome
    revision: int
    day: date
    week: date
    happened_at: datetime

    @property
    def rules(self) -> tuple[XpRule, ...]:
        """The rules by which it earns points."""
        return rules_for(self.source.kind, self.outcome)

    @property
    def active(self) -> bool:
        """Whether it makes its day an active one."""
        return bool(self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class XpTransaction:
    """A line of the ledger: points earned by a rule or, below zero, taken back. Lines are only ever added."""

    id: UUID
    source: Source
    rule: str
    revision: int
    amount: int
    earned_on: date
    week: date
    recorded_at: datetime

    @property
    def reversal(self) -> bool:
        """Whether it takes back what an earlier line gave."""
        return self.amount < 0


@dataclass(frozen=True, slots=True)
class WeeklyXp:
    """The points of one week, and when the last deed that counts in it happened."""

    xp: int
    reached_at: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """What the learner's other deeds, those beside the one at hand, say about its days and weeks."""

    days: frozenset[date]
    latest: Mapping[date, datetime]
    """Of each week the moment of the last of them."""


NOTHING_BESIDE = Beside(frozenset(), {})


class Visibility(StrEnum):
    """Whether a learner stands on leaderboards."""

    SHOWN = "shown"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Alias:
    """The name a learner goes by on leaderboards instead of their own."""

    text: str

    @classmethod
    def of(cls, text: str) -> "Result[Alias, AliasUnsuitable]":
        """Accept 2 to 30 letters, digits, spaces and . ' - _ with a letter among them; spaces are folded."""
        folded = " ".join(unicodedata.normalize("NFC", text).split())
        if len(folded) not in ALIAS_LENGTH or not _ALIAS.fullmatch(folded):
            return Err(AliasUnsuitable())
        return Ok(cls(folded))

    @property
    def key(self) -> str:
        """What makes two aliases the same to a reader: neither case nor the width of letters tells them apart."""
        return unicodedata.normalize("NFKC", self.text).casefold()


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a learner appears to others."""

    leaderboard: Visibility
    alias: Alias | None
