"""What is counted anew because a fact came late."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Recount:
    """A learner's days are to be folded anew from this day on; with `redraw` quests are drawn anew, too.

    The version tells whether more has become known meanwhile.
    """

    from_day: date
    redraw: bool
    version: int
