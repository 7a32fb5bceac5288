"""What students are written about their classes; on real Postgres and a real SMTP server."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving
from babyowl_contracts.class_ import MakeUpCancelled, SeatOffered
from notification.deliveries import Outcome
from notification.mailroom import NOBODY_SURPRISED, OFFER_LAPSED, PERSON_GONE

from .stand_ins import ANA, PostOffice, StandInIdentity

pytestmark = pytest.mark.infra

TOMORROW = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=26)


def offered(student_id: UUID, expires_at: datetime = TOMORROW) -> SeatOffered:
    return SeatOffered(class_id=UUID(int=7), course_id=new_id(), student_id=student_id, expires_at=expires_at)


def called_off(student_id: UUID, by: str) -> MakeUpCancelled:
    return MakeUpCancelled(
        voucher_id=new_id(),
        class_id=new_id(),
        host_class_id=new_id(),
        meeting_id=new_id(),
        student_id=student_id,
        by=by,  # type: ignore[arg-type]
    )


@pytest.fixture
def ana(identity: StandInIdentity) -> UUID:
    student_id = new_id()
    identity.contacts[student_id] = {
        "email": ANA,
        "display_name": "Ana",
        "locale": "id-ID",
        "time_zone": "Asia/Jakarta",
    }
    return student_id


async def fates(served: Serving) -> list[tuple[str, Outcome]]:
    rows = await served.resources.database.fetch("SELECT kind, state, reason FROM deliveries ORDER BY created_at")
    return [(row["kind"], Outcome(row["state"], row["reason"])) for row in rows]


def text_of(post_office: PostOffice) -> str:
    [letter] = post_office.letters
    body = letter.get_body(("plain",))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content


async def test_an_offered_seat_is_told_with_its_deadline_by_the_students_own_clock(
    served: Serving, post_office: PostOffice, ana: UUID
) -> None:
    await served.deliver(offered(ana), times=3)
    assert post_office.recipients == [[ANA]]
    text = text_of(post_office)
    assert f"until {TOMORROW.astimezone(ZoneInfo('Asia/Jakarta')):%Y-%m-%d %H:%M} (Asia/Jakarta)." in text
    assert f"https://learn.example.org/seat-offers?class_id={UUID(int=7)}" in text.splitlines()
    assert await fates(served) == [("seat_offered", Outcome("sent"))]


async def test_an_offer_that_has_lapsed_on_the_way_needs_no_letter(
    served: Serving, post_office: PostOffice, ana: UUID
) -> None:
    await served.deliver(offered(ana, datetime.now(UTC) - timedelta(seconds=1)))
    assert post_office.letters == []
    assert await fates(served) == [("seat_offered", OFFER_LAPSED)]


async def test_while_identity_is_away_the_offer_waits(
    served: Serving, post_office: PostOffice, identity: StandInIdentity, ana: UUID
) -> None:
    identity.failing_with, event_id = 503, new_id()
    with pytest.raises(httpx.HTTPStatusError):
        await served.deliver(offered(ana), id=event_id)
    identity.failing_with = None
    await served.deliver(offered(ana), id=event_id)
    assert len(post_office.letters) == 1
    assert await fates(served) == [("seat_offered", Outcome("sent"))]


async def test_a_guest_whom_the_class_called_off_is_told(served: Serving, post_office: PostOffice, ana: UUID) -> None:
    await served.deliver(called_off(ana, "class"), times=2)
    assert "https://learn.example.org/vouchers" in text_of(post_office).splitlines()
    assert await fates(served) == [("make_up_cancelled", Outcome("sent"))]


@pytest.mark.parametrize("by", ["student", "office"])
async def test_who_cancelled_a_make_up_is_not_told_of_it(
    served: Serving, post_office: PostOffice, ana: UUID, by: str
) -> None:
    await served.deliver(called_off(ana, by))
    assert post_office.letters == []
    assert await fates(served) == [("make_up_cancelled", NOBODY_SURPRISED)]


async def test_nobody_is_written_to_who_is_gone(served: Serving, post_office: PostOffice) -> None:
    await served.deliver(offered(new_id()))
    await served.deliver(called_off(new_id(), "class"))
    assert post_office.letters == []
    assert {outcome for _, outcome in await fates(served)} == {PERSON_GONE}
