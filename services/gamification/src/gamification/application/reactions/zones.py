"""Where learners live."""

from datetime import UTC, date, timedelta

from babyowl_contracts import Envelope
from babyowl_contracts.identity import ProfileUpdated, UserRegistered
from gamification.application.ports import UnitOfWork

FROM_THE_BEGINNING = date(1970, 1, 1)
DATES_APART = timedelta(days=2)
"""A deed of that moment is dated no further than this from the date in UTC, wherever learner and class are."""


async def note_zone(event: UserRegistered | ProfileUpdated, uow: UnitOfWork, envelope: Envelope) -> None:
    """What happens from now on belongs to the days of this zone; what happened before stays where it is.

    Where the learner was before the first known move nobody has told: there the first zone holds.
    """
    if event.time_zone is None:
        return
    earlier = [change for change in await uow.zones.of(event.user_id) if change.since < envelope.time]
    await uow.zones.note(event.user_id, event.time_zone, since=envelope.time, sequence=envelope.aggregateseq)
    from_day = envelope.time.astimezone(UTC).date() - DATES_APART if earlier else FROM_THE_BEGINNING
    await uow.recounts.ask([event.user_id], from_day=from_day, redraw=True)
