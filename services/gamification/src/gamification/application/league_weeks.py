"""The weeks of leagues: seats are drawn when one opens, given to newcomers meanwhile, and settled at its close."""

from datetime import date
from uuid import UUID

from gamification.application.ports import UnitOfWork
from gamification.domain.closing import ClosedPeriod
from gamification.domain.leagues import League, Move, draw, join, settle
from gamification.domain.periods import Cycle


async def seat_those_without(uow: UnitOfWork, week: date) -> int:
    """Give a seat to everybody who has points in the week and none; how many there were."""
    newcomers = await uow.leagues.newcomers(week)
    for league, arriving in newcomers.items():
        sizes = await uow.leagues.sizes(week, league)
        await uow.leagues.seat(week, league, join(arriving, week, sizes))
    return sum(map(len, newcomers.values()))


async def is_played_in_leagues(uow: UnitOfWork, week: date) -> bool:
    """Whether leagues play for a week that is about to close: not for one before the first that they played.

    Nor for one that closes late, when one after it is closed already: its seats would follow from none.
    """
    first, last = await uow.leagues.first_week(), await uow.closings.last(Cycle.WEEK)
    return (first is None or first <= week) and (last is None or last.starts_on < week)


async def settle_week(uow: UnitOfWork, closed: ClosedPeriod) -> None:
    """Move the members of all cohorts by the frozen places, and draw the cohorts of the next week."""
    week, following = closed.starts_on, closed.period.following.starts_on
    await seat_those_without(uow, week)
    members: dict[League, list[UUID]] = {league: [] for league in League}
    for league in League:
        async for cohorts in uow.leagues.finishes(week, league):
            settled = [(number, result) for number, cohort in cohorts.items() for result in settle(league, cohort)]
            closed.move(league, (result for _, result in settled))
            await uow.leagues.note(week, league, settled)
            for _, result in settled:
                if result.next_league is not None and result.move is not Move.RESTED:
                    members[result.next_league].append(result.player_id)
    for league, staying in members.items():
        await uow.leagues.seat(following, league, draw(staying, following))
