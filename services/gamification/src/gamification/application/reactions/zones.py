"""Where learners live."""

from datetime import UTC, date, timedelta

from babyowl_contracts import Envelope
from babyowl_contracts.identity import ProfileUpdated, UserRegistered
from gamification.application.ports import UnitOfWork
from gamification.application.scorekeeping import Scorekeeper
from gamification.domain.zones import BEFORE_ALL_MOVES, ZoneChange, ZoneHistory

FROM_THE_BEGINNING = date(1970, 1, 1)
DATES_APART = timedelta(days=2)
"""A deed of that moment is dated no further than this from the date in UTC, wherever learner and class are."""


async def note_zone(
    event: UserRegistered | ProfileUpdated, uow: UnitOfWork, envelope: Envelope, scorekeeper: Scorekeeper
) -> None:
    """What happens from now on belongs to the days of this zone; what happened before stays where it is.

    Where the learner was before the first known move nobody has told: there the first zone holds. Mostly a profile
    tells only the zone that is known, and there is nothing to count anew.
    """
    if event.time_zone is None:
        return
    moves = await uow.zones.of(event.user_id)
    await uow.zones.note(event.user_id, event.time_zone, since=envelope.time, sequence=envelope.aggregateseq)
    known = ZoneHistory(moves, scorekeeper.academy.zone)
    others = [move for move in moves if move.since != envelope.time]
    now_known = ZoneHistory([*others, ZoneChange(envelope.time, event.time_zone)], scorekeeper.academy.zone)
    since = now_known.differs_since(known)
    if since is None:
        return
    from_day = FROM_THE_BEGINNING if since == BEFORE_ALL_MOVES else since.astimezone(UTC).date() - DATES_APART
    await uow.recounts.ask([event.user_id], from_day=from_day, redraw=True)
