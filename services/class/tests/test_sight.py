"""Who stands in, has left, comes as a guest or waits sees what they need, for as long as they need it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.testing import Serving, answered, refused

from .office import YESTERDAY, Office

pytestmark = pytest.mark.infra

THE_CLASS = ("", "/meetings", "/roster", "/attendance", "/unlocks")
ACCOUNTS = ("/credits", "/waiting-list")


@pytest.fixture
async def office(served: Serving) -> Office:
    return await Office.open(served)


def of(class_: dict[str, Any], number: int | None = None) -> str:
    """The path of a class, or of a meeting of it."""
    path = f"/api/v1/classes/{class_['id']}"
    return path if number is None else f"{path}/meetings/{class_['meetings'][number - 1]['id']}"


async def let_it_end(office: Office, class_: dict[str, Any], number: int, ago: timedelta) -> None:
    """Let a meeting of an hour have ended so long ago."""
    await office.served.resources.database.execute(
        "UPDATE meetings SET starts_at = now() - $2::interval - interval '1 hour', ends_at = now() - $2::interval"
        " WHERE id = $1",
        UUID(class_["meetings"][number - 1]["id"]),
        ago,
    )


async def unseen(client: httpx.AsyncClient, *paths: str) -> None:
    """The person is told of each that there is no such class."""
    for path in paths:
        assert refused(await client.get(path)) == (404, "class_not_found"), path


class TestSubstitutes:
    async def standing_in(self, office: Office) -> tuple[dict[str, Any], UUID, httpx.AsyncClient]:
        """A class of Sam's, marked by its instructor; and who stands in at its first meeting."""
        class_, [sam] = await office.running("Sam Student", type="private")
        sue_id = await office.register("instructor", "Sue Substitute")
        answered(await office.staff.put(f"{of(class_, 1)}/substitute", json={"instructor_id": str(sue_id)}))
        return class_, sam, office.served.as_("instructor", sue_id)

    async def test_sees_class_series_names_and_grid_but_no_accounts(self, office: Office) -> None:
        class_, sam, sue = await self.standing_in(office)
        for path in THE_CLASS:
            answered(await sue.get(of(class_) + path))
        answered(await sue.get(of(class_, 5)))
        of_sam = (f"/enrollments/{sam}", f"/credits/{sam}")
        await unseen(sue, *(of(class_) + path for path in ACCOUNTS + of_sam))
        [line] = answered(await sue.get(f"{of(class_)}/roster"))["items"]
        assert (line["display_name"], line["balance"], line["open_vouchers"]) == ("Sam Student", None, None)
        [line] = answered(await office.instructor.get(f"{of(class_)}/roster"))["items"]
        assert (line["balance"], line["open_vouchers"]) == (8, 0)

    async def test_marks_without_being_told_what_is_left_to_pay_with(self, office: Office) -> None:
        class_, sam, sue = await self.standing_in(office)
        path, present = f"{of(class_, 1)}/attendance", {"status": "present"}
        entries = {"entries": [present | {"student_id": str(sam)}]}
        assert answered(await sue.put(f"{path}/{sam}", json=present))["balance"] is None
        assert [line["balance"] for line in answered(await sue.put(path, json=entries))["items"]] == [None]
        for client in (office.instructor, office.staff):
            assert answered(await client.put(f"{path}/{sam}", json=present))["balance"] == 7
            assert [line["balance"] for line in answered(await client.put(path, json=entries))["items"]] == [7]

    async def test_opens_the_history_of_marks_at_that_meeting_and_at_no_other(self, office: Office) -> None:
        class_, sam, sue = await self.standing_in(office)
        await let_it_end(office, class_, 2, timedelta(hours=2))
        for number in (1, 2):
            mark = f"{of(class_, number)}/attendance/{sam}"
            answered(await office.instructor.put(mark, json={"status": "late", "reason": "Overslept"}))
        assert answered(await sue.get(f"{of(class_, 1)}/attendance/{sam}"))["status"] == "late"
        await unseen(sue, f"{of(class_, 2)}/attendance/{sam}")

    async def test_sees_and_marks_until_a_week_after_the_meeting(self, office: Office) -> None:
        class_, sam, sue = await self.standing_in(office)
        mark, link = f"{of(class_, 1)}/attendance/{sam}", f"{of(class_)}/calendar-link"
        url = answered(await sue.post(link), 201)["url"]
        calendar = "/api" + url.partition("/api")[2]
        await let_it_end(office, class_, 1, timedelta(days=6, hours=23))
        answered(await sue.get(of(class_)))
        answered(await sue.put(mark, json={"status": "late"}))
        assert (await office.served.client.get(calendar)).status_code == 200
        await let_it_end(office, class_, 1, timedelta(days=7, hours=1))
        await unseen(sue, mark, *(of(class_) + path for path in THE_CLASS))
        assert refused(await sue.put(mark, json={"status": "absent"})) == (403, "not_your_class")
        assert (await office.served.client.get(calendar)).status_code == 404
        assert refused(await sue.post(link)) == (404, "class_not_found")

    async def test_who_has_handed_a_class_over_is_one_for_the_last_week(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam Student")
        successor = await office.register("instructor", "Nora New")
        answered(await office.staff.patch(of(class_), json={"instructor_id": str(successor)}))
        answered(await office.instructor.get(of(class_)))
        await unseen(office.instructor, f"{of(class_)}/credits")
        mark = f"{of(class_, 1)}/attendance/{sam}"
        assert answered(await office.instructor.put(mark, json={"status": "late"}))["balance"] is None
        await let_it_end(office, class_, 1, timedelta(days=8))
        await unseen(office.instructor, of(class_))
        assert refused(await office.instructor.put(mark, json={"status": "absent"})) == (403, "not_your_class")
        answered(await office.served.as_("instructor", successor).get(f"{of(class_)}/credits"))


async def test_who_has_left_sees_what_is_their_own_and_nothing_of_the_class_since(office: Office) -> None:
    class_, [sam, _] = await office.running("Sam Student", "Lea Learner", type="private")
    student, mark = office.student(sam), f"{of(class_, 1)}/attendance/{sam}"
    answered(await office.instructor.put(mark, json={"status": "present"}))
    answered(await student.get(of(class_)))
    answered(await office.staff.post(f"{of(class_)}/enrollments/{sam}/withdrawal", json={}))
    since = ("", "/meetings", "/unlocks")
    await unseen(student, of(class_, 1), of(class_, 2), *(of(class_) + path for path in since))
    assert refused(await student.post(f"{of(class_)}/calendar-link")) == (404, "class_not_found")
    assert answered(await student.get(f"{of(class_)}/enrollments/{sam}"))["status"] == "withdrawn"
    assert answered(await student.get(f"{of(class_)}/credits/{sam}"))["balance"] == 7
    assert answered(await student.get(mark))["status"] == "present"
    ahead = {"before": f"{YESTERDAY + timedelta(days=30)}T00:00:00Z"}
    grid = answered(await student.get(f"{of(class_)}/attendance", params=ahead))
    assert [meeting["number"] for meeting in grid["meetings"]] == [1]
    assert [line["student_id"] for line in grid["items"]] == [str(sam)]
    answered(await office.staff.post(f"{of(class_)}/enrollments", json={"student_id": str(sam)}), 201)
    answered(await student.get(of(class_)))


async def test_a_guest_sees_the_meeting_they_come_to_and_their_own_mark_there(office: Office) -> None:
    home, [sam] = await office.running("Sam Student")
    host, [lea] = await office.running("Lea Learner")
    student, there = office.student(sam), of(host, 3)
    answered(await student.post(f"{of(home, 2)}/excuse", json={"reason": "A birthday"}), 201)
    [voucher] = answered(await student.get("/api/v1/vouchers"))["items"]
    await unseen(student, there)
    booking = {"class_id": host["id"], "meeting_id": host["meetings"][2]["id"]}
    answered(await student.post(f"/api/v1/vouchers/{voucher['id']}/booking", json=booking), 201)
    assert answered(await student.get(there))["number"] == 3
    await unseen(student, of(host), of(host, 2), f"{of(host)}/attendance", f"{of(host)}/meetings")
    await let_it_end(office, host, 3, timedelta(hours=2))
    for who in (sam, lea):
        answered(await office.instructor.put(f"{there}/attendance/{who}", json={"status": "present"}))
    assert answered(await student.get(f"{there}/attendance/{sam}"))["guest"] is True
    assert refused(await student.get(f"{there}/attendance/{lea}")) == (404, "student_not_enrolled")
    answered(await office.instructor.put(f"{there}/attendance/{sam}", json={"status": "excused"}))
    assert answered(await student.get(f"{there}/attendance/{sam}"))["status"] == "excused"


async def test_who_cancels_a_make_up_is_no_guest_any_more(office: Office) -> None:
    home, [sam] = await office.running("Sam Student")
    host, _ = await office.running()
    student, there = office.student(sam), of(host, 3)
    answered(await student.post(f"{of(home, 2)}/excuse", json={"reason": "A birthday"}), 201)
    [voucher] = answered(await student.get("/api/v1/vouchers"))["items"]
    path, booking = f"/api/v1/vouchers/{voucher['id']}/booking", {"class_id": host["id"]}
    answered(await student.post(path, json=booking | {"meeting_id": host["meetings"][2]["id"]}), 201)
    answered(await student.get(there))
    assert (await student.delete(path)).is_success
    await unseen(student, there)


async def test_who_waits_or_is_offered_a_seat_sees_when_the_class_meets(office: Office) -> None:
    class_ = await office.planned(type="private", capacity=1)
    sam = await office.enroll(class_["id"])
    wanda = await office.register("student", "Wanda Waiting")
    answered(await office.staff.post(f"{of(class_)}/waiting-list", json={"student_id": str(wanda)}), 201)
    for offered in (False, True):
        if offered:
            answered(await office.staff.post(f"{of(class_)}/enrollments/{sam}/withdrawal", json={}))
        [place] = answered(await office.student(wanda).get("/api/v1/seat-offers"))["items"]
        assert (place["offer_expires_at"] is not None) is offered
        assert place["schedule"] == class_["schedule"]
        detail = answered(await office.staff.get(of(class_)))
        assert place["next_meeting_at"] == detail["next_meeting"]["starts_at"]
    await unseen(office.student(wanda), of(class_))
