"""Excuses and make-ups over HTTP: what students, instructors and the office get to see and do."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, answered, refused
from babyowl_contracts.class_ import MakeUpBooked, MakeUpCancelled, MakeUpVoucherIssued

from .office import YESTERDAY, Office

pytestmark = pytest.mark.infra

VOUCHERS = "/api/v1/vouchers"


class Visit:
    """A student of one class with a voucher, and another class to use it in."""

    def __init__(self, office: Office, home: dict[str, Any], host: dict[str, Any], student_id: UUID) -> None:
        self.office, self.home, self.host = office, home, host
        self.student_id = student_id
        self.student = office.student(student_id)
        self.voucher_id = ""

    @classmethod
    async def of(cls, office: Office, kind: str = "group", **host: Any) -> "Visit":
        home, [student_id] = await office.running("Sam Student", name="Home owls", type=kind)
        other, _ = await office.running(name="Host owls", type=kind, **host)
        visit = cls(office, home, other, student_id)
        answered(await visit.student.post(visit.excuse(2), json={"reason": "A birthday"}), 201)
        visit.voucher_id = (await visit.voucher())["id"]
        return visit

    def excuse(self, meeting: int) -> str:
        return f"/api/v1/classes/{self.home['id']}/meetings/{self.home['meetings'][meeting - 1]['id']}/excuse"

    def meeting_id(self, number: int) -> str:
        meeting_id: str = self.host["meetings"][number - 1]["id"]
        return meeting_id

    async def voucher(self) -> dict[str, Any]:
        [voucher] = answered(await self.student.get(VOUCHERS))["items"]
        assert isinstance(voucher, dict)
        return voucher

    def booking(self, meeting: int = 3) -> dict[str, str]:
        return {"class_id": self.host["id"], "meeting_id": self.meeting_id(meeting)}

    async def book(self, meeting: int = 3) -> dict[str, Any]:
        path = f"{VOUCHERS}/{self.voucher_id}/booking"
        booked = answered(await self.student.post(path, json=self.booking(meeting)), 201)
        assert isinstance(booked, dict)
        return booked

    async def credits(self) -> dict[str, Any]:
        path = f"/api/v1/classes/{self.home['id']}/credits/{self.student_id}"
        statement = answered(await self.student.get(path))
        assert isinstance(statement, dict)
        return statement


@pytest.fixture
async def office(served: Serving) -> Office:
    return await Office.open(served)


class TestExcuses:
    async def test_a_student_excuses_themselves_and_finds_a_voucher(self, office: Office) -> None:
        visit = await Visit.of(office)
        voucher = await visit.voucher()
        assert (voucher["status"], voucher["booking"]) == ("open", None)
        assert (voucher["student_name"], voucher["class_name"]) == ("Sam Student", "Home owls")
        assert voucher["meeting_id"] == visit.home["meetings"][1]["id"]
        [issued] = await office.served.events(MakeUpVoucherIssued)
        assert str(issued.subject) == voucher["id"]

    async def test_the_mark_is_there_for_the_instructor_with_its_reason(self, office: Office) -> None:
        visit = await Visit.of(office)
        path = f"/api/v1/classes/{visit.home['id']}/meetings/{visit.home['meetings'][1]['id']}/attendance"
        [line] = answered(await office.instructor.get(f"{path}/{visit.student_id}"))["history"]
        assert (line["status"], line["reason"], line["marked_by_name"]) == ("excused", "A birthday", "Sam Student")

    async def test_the_same_request_again_is_one_excuse(self, office: Office) -> None:
        visit = await Visit.of(office)
        headers = {"Idempotency-Key": "excuse-1"}
        for _ in range(2):
            response = await visit.student.post(visit.excuse(3), json={"reason": "Ill"}, headers=headers)
            assert answered(response, 201)["status"] == "excused"
        assert len(answered(await visit.student.get(VOUCHERS))["items"]) == 2

    @pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": "x" * 501}, {"reason": "x", "status": "late"}])
    async def test_an_excuse_says_why_and_nothing_else(self, office: Office, body: dict[str, str]) -> None:
        visit = await Visit.of(office)
        assert refused(await visit.student.post(visit.excuse(3), json=body)) == (422, "invalid_input")

    async def test_yesterdays_meeting_is_over_and_a_stranger_is_not_asked(self, office: Office) -> None:
        visit = await Visit.of(office)
        body = {"reason": "Ill"}
        assert refused(await visit.student.post(visit.excuse(1), json=body)) == (409, "meeting_not_ahead")
        stranger = office.student(new_id())
        assert refused(await stranger.post(visit.excuse(2), json=body)) == (403, "not_your_meeting")


class TestVouchers:
    async def test_the_office_sees_all_or_those_of_a_student_and_a_student_their_own(self, office: Office) -> None:
        visit = await Visit.of(office)
        [voucher] = answered(await office.staff.get(VOUCHERS))["items"]
        assert voucher["id"] == visit.voucher_id
        mine, others = {"student_id": str(visit.student_id)}, {"student_id": str(new_id())}
        assert len(answered(await office.staff.get(VOUCHERS, params=mine))["items"]) == 1
        assert answered(await office.staff.get(VOUCHERS, params=others))["items"] == []
        assert answered(await office.student(new_id()).get(VOUCHERS))["items"] == []
        assert answered(await office.student(new_id()).get(VOUCHERS, params=mine))["items"] == []

    async def test_a_list_goes_on_where_it_stopped_and_asks_for_a_status(self, office: Office) -> None:
        visit = await Visit.of(office)
        for meeting in (3, 4):
            answered(await visit.student.post(visit.excuse(meeting), json={"reason": "Ill"}), 201)
        await visit.book()
        seen: list[str] = []
        path: str | None = f"{VOUCHERS}?limit=2"
        while path:
            response = await visit.student.get(path)
            seen += [item["meeting_id"] for item in answered(response)["items"]]
            path = response.links["next"]["url"] if "next" in response.links else None
        assert seen == [visit.home["meetings"][n]["id"] for n in (3, 2, 1)]
        [booked] = answered(await visit.student.get(VOUCHERS, params={"status": "booked"}))["items"]
        assert (booked["id"], booked["booking"]["class_name"]) == (visit.voucher_id, "Host owls")

    async def test_what_has_run_out_is_shown_as_expired_whether_or_not_that_was_noted(self, office: Office) -> None:
        visit = await Visit.of(office)
        await office.served.resources.database.execute("UPDATE vouchers SET expires_at = now()")
        assert (await visit.voucher())["status"] == "expired"
        for status, expected in (("expired", 1), ("open", 0)):
            assert len(answered(await visit.student.get(VOUCHERS, params={"status": status}))["items"]) == expected
        assert answered(await visit.student.get(f"{VOUCHERS}/{visit.voucher_id}/meetings"))["items"] == []


class TestFindingAMeeting:
    async def test_meetings_of_compatible_classes_with_a_free_seat_are_shown(self, office: Office) -> None:
        visit = await Visit.of(office, capacity=1)
        await office.running(name="Of another type", type="private")
        await office.planned(name="Not begun")
        path = f"{VOUCHERS}/{visit.voucher_id}/meetings"
        found = answered(await visit.student.get(path))["items"]
        ahead = [m for m in visit.host["meetings"] if m["starts_at"] > datetime.now(UTC).isoformat()]
        assert [meeting["id"] for meeting in found] == [meeting["id"] for meeting in ahead]
        assert {meeting["class_name"] for meeting in found} == {"Host owls"}
        assert {meeting["free_seats"] for meeting in found} == {1}

    async def test_page_by_page(self, office: Office) -> None:
        visit = await Visit.of(office)
        seen: list[str] = []
        path: str | None = f"{VOUCHERS}/{visit.voucher_id}/meetings?limit=2"
        while path:
            response = await visit.student.get(path)
            assert len(answered(response)["items"]) <= 2
            seen += [item["id"] for item in answered(response)["items"]]
            path = response.links["next"]["url"] if "next" in response.links else None
        assert len(seen) == len(set(seen)) >= 6

    async def test_a_full_meeting_is_not_shown_and_one_of_my_own_neither(self, office: Office) -> None:
        visit = await Visit.of(office, capacity=1)
        await visit.book(3)
        answered(await visit.student.post(visit.excuse(3), json={"reason": "Ill"}), 201)
        other = next(
            item["id"] for item in answered(await visit.student.get(VOUCHERS))["items"] if item["status"] == "open"
        )
        found = answered(await visit.student.get(f"{VOUCHERS}/{other}/meetings"))["items"]
        assert visit.meeting_id(3) not in [meeting["id"] for meeting in found]
        assert visit.meeting_id(4) in [meeting["id"] for meeting in found]
        assert answered(await visit.student.get(f"{VOUCHERS}/{visit.voucher_id}/meetings"))["items"] == []

    async def test_somebody_elses_voucher_is_not_there(self, office: Office) -> None:
        visit = await Visit.of(office)
        for voucher_id in (visit.voucher_id, new_id()):
            response = await office.student(new_id()).get(f"{VOUCHERS}/{voucher_id}/meetings")
            assert refused(response) == (404, "voucher_not_found")


class TestBooking:
    async def test_the_seat_is_taken_and_the_credit_set_aside(self, office: Office) -> None:
        visit = await Visit.of(office)
        booked = await visit.book()
        assert (booked["status"], booked["booking"]["meeting_id"]) == ("booked", visit.meeting_id(3))
        statement = await visit.credits()
        assert statement["balance"] == 8
        assert [line["cause"] for line in statement["items"]] == ["make_up", "make_up", "package"]
        [event] = await office.served.events(MakeUpBooked)
        assert isinstance(event.data, MakeUpBooked)
        assert event.data.host_class_id == UUID(visit.host["id"])

    async def test_the_same_request_again_answers_the_same_and_takes_one_seat(self, office: Office) -> None:
        visit = await Visit.of(office)
        path, headers = f"{VOUCHERS}/{visit.voucher_id}/booking", {"Idempotency-Key": "book-1"}
        first, again = [await visit.student.post(path, json=visit.booking(), headers=headers) for _ in range(2)]
        assert answered(first, 201) == answered(again, 201)
        assert len(await office.served.events(MakeUpBooked)) == 1

    async def test_given_back_it_is_open_and_can_be_booked_again(self, office: Office) -> None:
        visit = await Visit.of(office)
        await visit.book(3)
        path = f"{VOUCHERS}/{visit.voucher_id}/booking"
        cancelled = answered(await visit.student.delete(path))
        assert (cancelled["status"], cancelled["booking"]) == ("open", None)
        assert refused(await visit.student.delete(path)) == (404, "booking_not_found")
        assert (await visit.book(4))["booking"]["meeting_id"] == visit.meeting_id(4)
        [event] = await office.served.events(MakeUpCancelled)
        assert isinstance(event.data, MakeUpCancelled)
        assert event.data.by == "student"

    async def test_what_stands_in_the_way_is_named(self, office: Office) -> None:
        visit = await Visit.of(office)
        path = f"{VOUCHERS}/{visit.voucher_id}/booking"
        home = {"class_id": visit.home["id"], "meeting_id": visit.home["meetings"][2]["id"]}
        nowhere = {"class_id": visit.host["id"], "meeting_id": str(new_id())}
        for body, answer in (
            (home, (409, "class_not_compatible")),
            (nowhere, (404, "meeting_not_found")),
            (visit.booking(1), (409, "meeting_not_ahead")),
            ({"class_id": visit.host["id"]}, (422, "invalid_input")),
        ):
            assert refused(await visit.student.post(path, json=body)) == answer
        unknown = f"{VOUCHERS}/{new_id()}/booking"
        assert refused(await visit.student.post(unknown, json=home)) == (404, "voucher_not_found")
        assert refused(await office.student(new_id()).post(path, json=visit.booking())) == (403, "not_your_voucher")

    async def test_who_is_full_says_so(self, office: Office) -> None:
        visit = await Visit.of(office, capacity=1)
        await visit.book(3)
        other = await Visit.of(office)
        path = f"{VOUCHERS}/{other.voucher_id}/booking"
        assert refused(await other.student.post(path, json=visit.booking(3))) == (409, "meeting_full")


class TestTheHost:
    async def test_sees_the_guest_before_and_after_the_mark(self, office: Office) -> None:
        visit = await Visit.of(office)
        await visit.book(3)
        path = f"/api/v1/classes/{visit.host['id']}/attendance"
        until = {"before": f"{YESTERDAY + timedelta(days=30)}T00:00:00Z"}
        [expected] = answered(await office.instructor.get(path, params=until))["items"]
        assert (expected["student_id"], expected["guest"]) == (str(visit.student_id), True)
        assert (expected["visits"], expected["marks"]) == ([visit.meeting_id(3)], [])

    async def test_moves_a_meeting_that_never_was_and_the_guest_books_it_again(self, office: Office) -> None:
        visit = await Visit.of(office)
        await visit.book(3)
        for change in (
            "meetings SET starts_at = now() - interval '3 days', ends_at = now() - interval '71 hours' WHERE id = $1",
            "vouchers SET host_starts_at = now() - interval '3 days' WHERE host_meeting_id = $1",
            "guest_seats SET starts_at = now() - interval '3 days' WHERE meeting_id = $1",
        ):
            await office.served.resources.database.execute(f"UPDATE {change}", UUID(visit.meeting_id(3)))
        path = f"/api/v1/classes/{visit.host['id']}/meetings/{visit.meeting_id(3)}"
        day = (YESTERDAY + timedelta(days=17)).isoformat()
        answered(await office.staff.patch(path, json={"local_date": day}))
        found = answered(await visit.student.get(f"{VOUCHERS}/{visit.voucher_id}/meetings"))["items"]
        assert [m["free_seats"] for m in found if m["id"] == visit.meeting_id(3)] == [6]
        assert (await visit.book(3))["status"] == "booked"

    async def test_marks_the_guest_who_pays_at_home(self, office: Office) -> None:
        visit = await Visit.of(office)
        await visit.book(3)
        await held_yesterday(office, visit, 3)
        register = f"/api/v1/classes/{visit.host['id']}/meetings/{visit.meeting_id(3)}/attendance"
        marked = answered(await office.instructor.put(f"{register}/{visit.student_id}", json={"status": "present"}))
        assert (marked["guest"], marked["balance"]) == (True, None)
        voucher = await visit.voucher()
        assert voucher["status"] == "used"
        statement = await visit.credits()
        assert statement["balance"] == 7
        assert statement["items"][0]["explanation"].startswith("Marked present for meeting 3")
        assert "as a guest" in statement["items"][0]["explanation"]

    async def test_is_named_in_the_ledger_also_when_the_guest_has_moved_there_since(self, office: Office) -> None:
        visit = await Visit.of(office, kind="private")
        await visit.book(3)
        await held_yesterday(office, visit, 3)
        register = f"/api/v1/classes/{visit.host['id']}/meetings/{visit.meeting_id(3)}/attendance"
        mark = f"{register}/{visit.student_id}"
        answered(await office.instructor.put(mark, json={"status": "present"}))
        path = f"/api/v1/classes/{visit.home['id']}/enrollments/{visit.student_id}/transfer"
        answered(await office.staff.post(path, json={"to_class_id": visit.host["id"]}))
        answered(await office.instructor.put(mark, json={"status": "absent"}))
        ledger = f"/api/v1/classes/{visit.host['id']}/credits/{visit.student_id}"
        told = [line["explanation"] for line in answered(await visit.student.get(ledger))["items"]]
        [corrected] = [words for words in told if words.startswith("Corrected")]
        assert "meeting 3 of Host owls on " in corrected
        assert corrected.endswith("as a guest.")


async def held_yesterday(office: Office, visit: Visit, meeting: int) -> None:
    """Let time pass for one meeting of the host."""
    for change in (
        "meetings SET starts_at = now() - interval '1 day', ends_at = now() - interval '23 hours' WHERE id = $1",
        "guest_seats SET starts_at = now() - interval '1 day' WHERE meeting_id = $1",
    ):
        await office.served.resources.database.execute(f"UPDATE {change}", UUID(visit.meeting_id(meeting)))
