"""The service behind a real broker."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.messaging.topology import declare_topology
from babyowl_chassis.testing import eventually, serving
from babyowl_chassis.testing.broker import tell
from babyowl_contracts import Envelope, Event
from gamification.bootstrap import REWARDS, service

from .academy import Academy
from .reports import attendance, exercise

pytestmark = pytest.mark.infra


async def test_a_school_day_told_five_times_over_by_the_broker_counts_once(
    postgres_admin_url: str, fresh_vhost: Callable[[], str]
) -> None:
    amqp_url, now, meeting = fresh_vhost(), utc_now(), new_id()
    async with serving(service, admin_url=postgres_admin_url, amqp_url=amqp_url) as served:
        await declare_topology(amqp_url, service.name, served.running.parts.subscriptions)
        academy = Academy(served)
        ada = await academy.learner("Ada", 0)
        await tell(
            amqp_url,
            *(told(exercise(ada, now - timedelta(minutes=minute))) for minute in range(5)),
            told(attendance(ada, now, "present", meeting_id=meeting)),
            told(attendance(ada, now, "absent", meeting_id=meeting, revision=2)),
            times=5,
        )

        async def all_has_been_heard() -> bool:
            heard = "SELECT count(*) FROM inbox WHERE queue = $1"
            return bool(await served.resources.reader.fetchval(heard, REWARDS.queue) == 7)

        await eventually(all_has_been_heard, timeout=30)
        client = academy.student(ada)
        lines = (await client.get("/api/v1/players/me/history", params={"limit": 100})).json()["items"]
        assert sum(line["amount"] for line in lines if line["rule"] == "exercise_completed") == 100
        assert sum(line["amount"] for line in lines if line["source"]["kind"] == "meeting") == 0
        total = sum(line["amount"] for line in lines)
        assert (await client.get("/api/v1/players/me")).json()["total_xp"] == total
        [place] = (await client.get("/api/v1/leaderboards/all-time")).json()["items"]
        assert (place["name"], place["rank"], place["xp"]) == ("Ada", 1, total)


def told(event: Event) -> Envelope:
    return Envelope(id=new_id(), subject=new_id(), time=utc_now(), aggregateseq=1, data=event)
