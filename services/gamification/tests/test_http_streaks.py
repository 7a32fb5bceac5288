"""The streak as a learner sees it, and the job that mends it, in the running service."""

from datetime import timedelta
from uuid import UUID

import pytest

from babyowl_chassis.ids import utc_now
from babyowl_chassis.testing import eventually
from babyowl_contracts.class_ import HolidayDeclared
from babyowl_contracts.identity import ProfileUpdated
from gamification.domain.calendar import monday_of

from .academy import Academy
from .reports import exercise
from .test_late_facts import declared

pytestmark = pytest.mark.infra


async def practise(academy: Academy, learner_id: UUID, *days_ago: int) -> None:
    for ago in days_ago:
        await academy.served.deliver(exercise(learner_id, utc_now() - timedelta(days=ago)))


async def streak_of(academy: Academy, learner_id: UUID) -> dict[str, object]:
    body: dict[str, dict[str, object]] = (await academy.student(learner_id).get("/api/v1/players/me")).json()
    return body["streak"]


async def test_a_freeze_and_the_day_it_was_spent_on_are_shown(academy: Academy) -> None:
    ada = await academy.person("Ada")
    await practise(academy, ada, *range(16, 2, -1), 1, 0)
    today = utc_now().date()
    days = [today - timedelta(days=ago) for ago in (*range(16, 2, -1), 1, 0)]
    assert await streak_of(academy, ada) == {
        "current_days": 16,
        "longest_days": 16,
        "last_active_on": today.isoformat(),
        "current_weeks": len({monday_of(day) for day in days}),
        "longest_weeks": len({monday_of(day) for day in days}),
        "freezes": 1,
        "frozen_on": [],
    }
    bob = await academy.person("Bob")
    await practise(academy, bob, *range(9, 2, -1), 1)
    streak = await streak_of(academy, bob)
    assert (streak["current_days"], streak["freezes"]) == (8, 0)
    assert streak["frozen_on"] == [(today - timedelta(days=2)).isoformat()]


@pytest.mark.parametrize("event", ["holiday", "move"])
async def test_the_service_itself_carries_out_what_a_late_fact_asks_for(academy: Academy, event: str) -> None:
    ada, now = await academy.person("Ada"), utc_now()
    await practise(academy, ada, 3, 1)
    assert (await streak_of(academy, ada))["current_days"] == 1
    [job] = [periodic for periodic in academy.served.running.parts.periodic if periodic.name == "recounts"]
    if event == "holiday":
        closed: HolidayDeclared = declared((now - timedelta(days=2)).date(), (now - timedelta(days=2)).date())
        await academy.served.deliver(closed)
    else:
        # The first that is heard of where the learner lives: one of the deeds is a day later or earlier there.
        zone = "Pacific/Kiritimati" if now.hour >= 10 else "Pacific/Niue"
        await academy.served.deliver(ProfileUpdated(user_id=ada, time_zone=zone), queue="gamification.zones")

    async def mended() -> bool:
        await job.run()
        last = (await streak_of(academy, ada))["last_active_on"]
        days = (await streak_of(academy, ada))["current_days"]
        return days == 2 if event == "holiday" else last != (now - timedelta(days=1)).date().isoformat()

    await eventually(mended)
