"""The service behind a real broker: what happens to copies, and to letters nobody can take for the moment."""

from collections.abc import Callable

import pytest

from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.messaging import topology
from babyowl_chassis.messaging.broker import link
from babyowl_chassis.messaging.topology import declare_topology
from babyowl_chassis.testing import Serving, eventually, serving
from babyowl_chassis.testing.broker import tell
from babyowl_contracts import Envelope
from babyowl_contracts.identity import EmailVerificationRequested
from notification.bootstrap import service

from .stand_ins import PostOffice, StandInIdentity

pytestmark = pytest.mark.infra

LADDER = {"200ms": 200, "500ms": 500, "1s": 1_000, "4s": 4_000}


@pytest.fixture
def short_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many rungs as there are, climbed in seconds."""
    assert len(LADDER) == len(topology.RETRY_LADDER)
    monkeypatch.setattr(topology, "RETRY_LADDER", LADDER)


async def test_five_copies_through_the_broker_are_one_letter_even_if_the_server_was_down(
    short_ladder: None,
    postgres_admin_url: str,
    fresh_vhost: Callable[[], str],
    post_office: PostOffice,
    identity: StandInIdentity,
) -> None:
    amqp_url = fresh_vhost()
    event = EmailVerificationRequested(user_id=new_id(), challenge_id=new_id())
    identity.add_challenge(event.challenge_id, "verify_email")
    envelope = Envelope(id=new_id(), subject=event.user_id, time=utc_now(), aggregateseq=1, data=event)
    post_office.answers["MAIL"] = "421 4.3.2 shutting down"
    async with serving(
        service,
        admin_url=postgres_admin_url,
        amqp_url=amqp_url,
        identity_url=identity.url,
        smtp_url=f"smtp://127.0.0.1:{post_office.port}",
    ) as running:
        await declare_topology(amqp_url, service.name, running.running.parts.subscriptions)
        await tell(amqp_url, envelope, times=5)

        async def a_letter_waits() -> bool:
            return await state(running) == "waiting"

        async def no_copy_is_left() -> bool:
            return await copies(amqp_url) == 0

        await eventually(a_letter_waits)
        post_office.answers.clear()

        await eventually(lambda: len(post_office.letters) == 1, timeout=30)
        await eventually(no_copy_is_left, timeout=30)
        assert len(post_office.letters) == 1
        assert await state(running) == "sent"


async def state(running: Serving) -> str | None:
    found: str | None = await running.resources.database.fetchval("SELECT state FROM deliveries")
    return found


async def copies(amqp_url: str) -> int:
    """How many copies the work queue, its ladder and its dead-letter queue hold."""
    async with link(amqp_url, name="test") as channel:
        suffixes = ("", *(f".retry.{rung}" for rung in LADDER), ".dlq")
        queues = [await channel.get_queue(f"notification.letters{suffix}") for suffix in suffixes]
    return sum(queue.declaration_result.message_count or 0 for queue in queues)
