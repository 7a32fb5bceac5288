"""What learners go by instead of their names: composed of words that the academy has chosen, never written freely."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from uuid import UUID

from babyowl_kernel import Err, Ok, Result
from gamification.domain.errors import AliasUnsuitable

NUMBERS = range(2, 100)
"""What may follow the two words."""

_PERHAPS_A_NUMBER = re.compile(r"([2-9]|[1-9][0-9])?")
_WORD = re.compile(r"[A-Z][a-z]{1,14}")
_LEAST_WORDS = 50
"""Of each kind: with fewer, those who go by no chosen alias would too often share one."""


@dataclass(frozen=True, slots=True)
class Alias:
    """What a learner goes by among those who do not know them; always in its canonical form."""

    text: str


@dataclass(frozen=True, slots=True)
class AliasWords:
    """The words aliases are made of. They are numbered: first those of two words, then those with a number."""

    first: Sequence[str]
    second: Sequence[str]

    def parse(self, text: str) -> Result[Alias, AliasUnsuitable]:
        """The alias that was meant, whatever its capitals and spaces; refused if it is not composed of the words."""
        match [word.capitalize() for word in text.split()]:
            case [first, second, *number] if first in self.first and second in self.second:
                if _PERHAPS_A_NUMBER.fullmatch(" ".join(number)):
                    return Ok(Alias(" ".join((first, second, *number))))
        return Err(AliasUnsuitable())

    def of_player(self, player_id: UUID) -> Alias:
        """What a learner goes by who has chosen nothing. It follows from the id alone; others may share it."""
        digest = int.from_bytes(sha256(player_id.bytes).digest())
        return self._at(self._pairs + digest % (self._pairs * len(NUMBERS)))

    def draw(self, count: int, chance: Random) -> list[Alias]:
        """So many different aliases at random: every other one without a number."""
        everything = self._pairs * (1 + len(NUMBERS))
        drawn = [chance.randrange((self._pairs, everything)[turn % 2]) for turn in range(count)]
        return [self._at(number) for number in dict.fromkeys(drawn)]

    @property
    def _pairs(self) -> int:
        return len(self.first) * len(self.second)

    def _at(self, number: int) -> Alias:
        turn, pair = divmod(number, self._pairs)
        first, second = divmod(pair, len(self.second))
        words = f"{self.first[first]} {self.second[second]}"
        return Alias(words if turn == 0 else f"{words} {NUMBERS[turn - 1]}")


def faults_in(first: Iterable[str], second: Iterable[str]) -> list[str]:
    """What is wrong with these words; empty if aliases can be composed of them."""
    faults: list[str] = []
    for kind, words in (("first", list(first)), ("second", list(second))):
        faults += [f"{word!r} is not a single word with a capital" for word in words if not _WORD.fullmatch(word)]
        faults += [f"{kind} has {word} twice" for word in sorted({word for word in words if words.count(word) > 1})]
        if len(words) < _LEAST_WORDS:
            faults.append(f"{kind} has {len(words)} words, and needs {_LEAST_WORDS}")
    return faults
