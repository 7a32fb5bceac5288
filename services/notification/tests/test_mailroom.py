"""From an event to one letter, whatever fails on the way; on real Postgres and a real SMTP server."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from pydantic import ValidationError
from starlette.responses import Response

from babyowl_chassis.database import DatabaseAway
from babyowl_chassis.http.problems import problem
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving
from babyowl_contracts import Event
from babyowl_contracts.identity import EmailVerificationRequested, PasswordChanged, PasswordResetRequested
from notification.deliveries import BeingSent, Claim, Deliveries, Outcome
from notification.smtp import Unavailable

from .stand_ins import PostOffice, StandInIdentity

pytestmark = pytest.mark.infra

TOKEN = "a+token/of=many-signs"


async def rows(served: Serving) -> list[dict[str, Any]]:
    return [dict(row) for row in await served.resources.database.fetch("SELECT * FROM deliveries")]


async def only_row(served: Serving) -> dict[str, Any]:
    (row,) = await rows(served)
    return row


@pytest.fixture
def verification(identity: StandInIdentity) -> EmailVerificationRequested:
    event = EmailVerificationRequested(user_id=new_id(), challenge_id=new_id())
    identity.add_challenge(event.challenge_id, "verify_email")
    return event


def text_of(letter: Any) -> str:
    content = letter.get_body(("plain",)).get_content()
    assert isinstance(content, str)
    return content


@pytest.mark.parametrize(
    ("event_class", "purpose"),
    [(EmailVerificationRequested, "verify_email"), (PasswordResetRequested, "reset_password")],
)
async def test_a_challenge_is_sent_with_its_link_and_its_token(
    served: Serving,
    post_office: PostOffice,
    identity: StandInIdentity,
    event_class: type[EmailVerificationRequested] | type[PasswordResetRequested],
    purpose: str,
) -> None:
    event = event_class(user_id=new_id(), challenge_id=new_id())
    identity.add_challenge(event.challenge_id, purpose)
    envelope = await served.deliver(event)

    (letter,) = post_office.letters
    assert post_office.recipients == [["ana@example.org"]]
    assert letter["Message-ID"] == f"<{envelope.id}.{event.user_id}@babyowl.academy>"
    lines = text_of(letter).splitlines()
    assert TOKEN in lines
    link = urlsplit(next(line for line in lines if line.startswith("https://")))
    assert (link.netloc, link.path) == ("learn.example.org", "/" + purpose.replace("_", "-"))
    assert parse_qs(link.query) == {"token": [TOKEN]}
    row = await only_row(served)
    assert (row["kind"], row["state"], row["attempts"]) == (purpose, "sent", 1)


async def test_a_changed_password_is_told_to_its_owner(
    served: Serving, post_office: PostOffice, identity: StandInIdentity
) -> None:
    event = PasswordChanged(user_id=new_id())
    identity.contacts[event.user_id] = {"email": "ana@example.org", "display_name": "Ana", "locale": "id"}
    envelope = await served.deliver(event)
    (letter,) = post_office.letters
    assert letter["Subject"] == "Your password was changed"
    assert f"{envelope.time:%Y-%m-%d %H:%M} UTC" in text_of(letter)


async def test_five_deliveries_at_once_are_one_letter(
    served: Serving, post_office: PostOffice, verification: Event
) -> None:
    id_ = new_id()
    outcomes = await asyncio.gather(*(served.deliver(verification, id=id_) for _ in range(5)), return_exceptions=True)
    assert {type(one) for one in outcomes if isinstance(one, BaseException)} <= {BeingSent}
    await served.deliver(verification, id=id_, times=5)
    assert len(post_office.letters) == 1
    assert (await only_row(served))["state"] == "sent"


async def test_two_events_are_two_letters(served: Serving, post_office: PostOffice, verification: Event) -> None:
    await served.deliver(verification)
    await served.deliver(verification)
    assert len({letter["Message-ID"] for letter in post_office.letters}) == 2


async def test_a_letter_waits_while_the_server_cannot_take_it(
    served: Serving, post_office: PostOffice, verification: Event
) -> None:
    post_office.answers["RCPT"] = "451 4.3.0 later"
    id_ = new_id()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await served.deliver(verification, id=id_)
    row = await only_row(served)
    assert (row["state"], row["reason"], row["attempts"]) == ("waiting", "Unavailable", 2)

    post_office.answers.clear()
    await served.deliver(verification, id=id_)
    row = await only_row(served)
    assert (row["state"], row["reason"], row["attempts"]) == ("sent", None, 3)
    assert len(post_office.letters) == 1


async def test_a_mailbox_that_does_not_exist_is_noted_and_not_tried_again(
    served: Serving, post_office: PostOffice, verification: Event
) -> None:
    post_office.answers["RCPT"] = "550 5.1.1 <ana@example.org> does not exist"
    id_ = new_id()
    await served.deliver(verification, id=id_, times=2)
    row = await only_row(served)
    assert (row["state"], row["reason"], row["attempts"]) == ("failed", "SMTP 550", 1)
    assert post_office.letters == []


async def test_an_address_that_is_none_is_noted_and_not_tried_again(
    served: Serving,
    post_office: PostOffice,
    identity: StandInIdentity,
    verification: EmailVerificationRequested,
) -> None:
    identity.challenges[verification.challenge_id]["email"] = "ana@example.org\r\nBcc: eve@evil.example"
    await served.deliver(verification)
    assert (await only_row(served))["state"] == "failed"
    assert post_office.letters == []


@pytest.mark.parametrize("status", [404, 410])
async def test_a_challenge_that_is_gone_needs_no_letter(
    served: Serving, post_office: PostOffice, identity: StandInIdentity, status: int
) -> None:
    identity.gone_with = status
    await served.deliver(EmailVerificationRequested(user_id=new_id(), challenge_id=new_id()))
    await served.deliver(PasswordChanged(user_id=new_id()))
    assert sorted(row["reason"] for row in await rows(served)) == [
        "the challenge was used, replaced or has expired",
        "the person is gone",
    ]
    assert {row["state"] for row in await rows(served)} == {"skipped"}
    assert post_office.letters == []


async def test_a_challenge_that_has_expired_on_the_way_needs_no_letter(
    served: Serving, post_office: PostOffice, identity: StandInIdentity
) -> None:
    event = EmailVerificationRequested(user_id=new_id(), challenge_id=new_id())
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    identity.add_challenge(event.challenge_id, "verify_email", expires_at=past)
    await served.deliver(event)
    assert (await only_row(served))["state"] == "skipped"
    assert post_office.letters == []


async def test_while_identity_is_away_the_letter_waits(
    served: Serving, post_office: PostOffice, identity: StandInIdentity, verification: Event
) -> None:
    identity.failing_with = 503
    id_ = new_id()
    with pytest.raises(httpx.HTTPStatusError):
        await served.deliver(verification, id=id_)
    assert (await only_row(served))["state"] == "waiting"
    identity.failing_with = None
    await served.deliver(verification, id=id_)
    assert len(post_office.letters) == 1


@pytest.mark.parametrize("code", [None, "not_found"])
async def test_a_404_that_is_not_about_the_challenge_costs_nobody_a_letter(
    served: Serving, identity: StandInIdentity, verification: Event, code: str | None
) -> None:
    identity.misrouted = problem(404, code, "No such path.") if code else Response("<h1>404</h1>", 404)
    with pytest.raises(httpx.HTTPStatusError):
        await served.deliver(verification)
    assert (await only_row(served))["state"] == "waiting"


async def test_a_faulty_answer_is_told_without_address_or_token(
    served: Serving, identity: StandInIdentity, verification: EmailVerificationRequested
) -> None:
    identity.challenges[verification.challenge_id]["expires_at"] = "soon"
    with pytest.raises(ValidationError) as raised:
        await served.deliver(verification)
    assert "expires_at" in str(raised.value)
    assert "ana@" not in str(raised.value)
    assert TOKEN not in str(raised.value)


async def test_who_was_invited_is_asked_to_choose_a_password(
    served: Serving,
    post_office: PostOffice,
    identity: StandInIdentity,
    verification: EmailVerificationRequested,
) -> None:
    identity.challenges[verification.challenge_id]["invited"] = True
    await served.deliver(verification)
    (letter,) = post_office.letters
    assert letter["Subject"] == "Your account at Baby Owl"
    assert TOKEN in text_of(letter).splitlines()


async def test_no_address_and_no_token_is_kept(served: Serving, verification: Event) -> None:
    await served.deliver(verification)
    kept = str(await rows(served))
    assert "ana@" not in kept
    assert TOKEN not in kept


@pytest.fixture
def deliveries(served: Serving) -> Deliveries:
    return Deliveries(served.resources.database)


async def run_out(served: Serving) -> None:
    await served.resources.database.execute("UPDATE deliveries SET claimed_until = now() - interval '1 second'")


async def test_a_crash_after_handing_in_sends_the_same_message_id_again(
    served: Serving, post_office: PostOffice, verification: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(self: Deliveries, claim: Claim, outcome: Outcome) -> bool:
        raise ConnectionError("the database went away")

    id_ = new_id()
    with monkeypatch.context() as broken:
        broken.setattr(Deliveries, "settle", crash)
        with pytest.raises(ConnectionError):
            await served.deliver(verification, id=id_)

    with pytest.raises(BeingSent):
        await served.deliver(verification, id=id_)
    await run_out(served)
    await served.deliver(verification, id=id_)

    assert len(post_office.letters) == 2
    assert len({letter["Message-ID"] for letter in post_office.letters}) == 1
    assert (await only_row(served))["state"] == "sent"


async def test_a_database_that_goes_away_after_handing_in_sends_nothing_twice(
    served: Serving, post_office: PostOffice, verification: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = 3
    end = Deliveries._end

    async def away_for_a_while(self: Deliveries, *args: Any, **values: Any) -> bool:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise DatabaseAway("restarting")
        return await end(self, *args, **values)

    monkeypatch.setattr(Deliveries, "_end", away_for_a_while)
    await served.deliver(verification)
    assert len(post_office.letters) == 1
    assert (await only_row(served))["state"] == "sent"


async def test_a_claim_is_one_workers_until_it_runs_out(served: Serving, deliveries: Deliveries) -> None:
    event_id, person = new_id(), new_id()
    first = await deliveries.claim(event_id, person, "verify_email")
    assert first is not None
    with pytest.raises(BeingSent):
        await deliveries.claim(event_id, person, "verify_email")
    await run_out(served)
    second = await deliveries.claim(event_id, person, "verify_email")
    assert second == Claim(first.delivery_id, 2)

    assert not await deliveries.settle(first, Outcome("failed", "too late"))
    assert not await deliveries.put_back(first, "too late")
    assert await deliveries.settle(second, Outcome("sent"))
    assert await deliveries.claim(event_id, person, "verify_email") is None


async def test_only_one_of_many_gets_the_claim(deliveries: Deliveries) -> None:
    event_id, person = UUID(int=1), UUID(int=2)
    claims = await asyncio.gather(
        *(deliveries.claim(event_id, person, "verify_email") for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(one, Claim) for one in claims) == 1
    assert sum(isinstance(one, BeingSent) for one in claims) == 19


async def test_old_deliveries_are_forgotten(served: Serving, deliveries: Deliveries) -> None:
    for days in (91, 89):
        claim = await deliveries.claim(new_id(), new_id(), "verify_email")
        assert claim is not None
        await served.resources.database.execute(
            "UPDATE deliveries SET created_at = now() - $1::interval WHERE id = $2",
            timedelta(days=days),
            claim.delivery_id,
        )
    assert await deliveries.forget_old() == 1
    assert len(await rows(served)) == 1
