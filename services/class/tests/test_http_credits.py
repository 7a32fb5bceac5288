"""Credits and notes over HTTP: what was bought, until when it counts, and how every line explains itself."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.testing import Serving, answered, refused
from babyowl_contracts.class_ import AttendanceMarked, CreditsExpired, CreditsGranted

from .office import YESTERDAY, Office

pytestmark = pytest.mark.infra

DAY = timedelta(days=1)


@pytest.fixture
async def office(served: Serving) -> Office:
    return await Office.open(served)


async def purchase(office: Office, path: str, **body: Any) -> dict[str, Any]:
    return answered(await office.staff.post(f"{path}/purchases", json=body), 201)


async def statement(office: Office, path: str, as_of: datetime | None = None) -> dict[str, Any]:
    """The statement, having checked that its lines and its lots both add up to the balance."""
    params = {} if as_of is None else {"as_of": as_of.isoformat()}
    found = answered(await office.staff.get(path, params=params))
    assert sum(line["amount"] for line in found["items"]) - found["lapsing"] == found["balance"]
    assert sum(lot["remaining"] for lot in found["lots"]) - found["owed"] == found["balance"]
    return found


async def an_account(office: Office, **changed: Any) -> tuple[dict[str, Any], UUID, str]:
    class_, [sam] = await office.running("Sam", **changed)
    return class_, sam, f"/api/v1/classes/{class_['id']}/credits/{sam}"


class TestPurchases:
    async def test_what_is_bought_is_a_lot_with_a_reference_and_an_end(self, office: Office) -> None:
        _, sam, path = await an_account(office)
        until = (utc_now() + 30 * DAY).replace(microsecond=0)
        bought = await purchase(office, path, amount=4, reference="R-17", expires_at=until.isoformat())
        assert bought == {"student_id": str(sam), "balance": 12}
        found = await statement(office, path)
        lots = [(lot["origin"], lot["remaining"], lot["reference"]) for lot in found["lots"]]
        assert lots == [("purchase", 4, "R-17"), ("package", 8, None)]
        assert found["items"][0]["explanation"] == (
            f"Bought 4 credits (reference R-17). To be spent before {until:%Y-%m-%d %H:%M} UTC."
        )
        [envelope] = await office.served.events(CreditsGranted)
        told = envelope.data
        assert isinstance(told, CreditsGranted)
        assert (told.origin, told.amount, told.balance) == ("purchase", 4, 12)
        assert (told.expires_at, told.reference) == (until, "R-17")

    async def test_the_same_reference_is_refused_and_the_same_request_is_not(self, office: Office) -> None:
        _, _, path = await an_account(office)
        body = {"amount": 4, "reference": "R-17"}
        for _ in range(2):
            headers = {"Idempotency-Key": "till-1"}
            again = await office.staff.post(f"{path}/purchases", json=body, headers=headers)
            assert answered(again, 201)["balance"] == 12
        twice = await office.staff.post(f"{path}/purchases", json=body)
        assert refused(twice) == (409, "purchase_already_recorded")
        assert (await statement(office, path))["balance"] == 12

    async def test_one_invoice_may_serve_siblings(self, office: Office) -> None:
        class_, students = await office.running("Sam", "Lea")
        for student in students:
            path = f"/api/v1/classes/{class_['id']}/credits/{student}"
            assert (await purchase(office, path, amount=4, reference="R-17"))["balance"] == 12

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"amount": 0, "reference": "R"}, "invalid_input"),
            ({"amount": 1001, "reference": "R"}, "invalid_input"),
            ({"amount": 1}, "invalid_input"),
            ({"amount": 1, "reference": " "}, "invalid_input"),
            ({"amount": 1, "reference": "R" * 101}, "invalid_input"),
            ({"amount": 1, "reference": "R", "expires_at": "tomorrow"}, "invalid_input"),
            ({"amount": 1, "reference": "R", "expires_at": "2027-01-01T00:00:00"}, "invalid_input"),
            ({"amount": 1, "reference": "R", "expires_at": "2020-01-01T00:00:00Z"}, "expired_before"),
        ],
    )
    async def test_a_purchase_that_makes_no_sense_is_refused(
        self, office: Office, body: dict[str, Any], code: str
    ) -> None:
        _, _, path = await an_account(office)
        assert refused(await office.staff.post(f"{path}/purchases", json=body)) == (422, code)

    async def test_only_the_enrolled_buy(self, office: Office) -> None:
        class_ = await office.planned()
        path = f"/api/v1/classes/{class_['id']}/credits/{new_id()}/purchases"
        response = await office.staff.post(path, json={"amount": 1, "reference": "R"})
        assert refused(response) == (404, "student_not_enrolled")


class TestTransfer:
    async def test_a_correction_in_the_former_class_stands_in_the_ledger_of_the_class_gone_to(
        self, office: Office
    ) -> None:
        class_, sam, path = await an_account(office, type="private", name="Monday owls")
        other = await office.planned(type="private")
        mark = f"/api/v1/classes/{class_['id']}/meetings/{first_meeting(class_)}/attendance/{sam}"
        answered(await office.instructor.put(mark, json={"status": "present"}))
        gone = f"/api/v1/classes/{class_['id']}/enrollments/{sam}/transfer"
        answered(await office.staff.post(gone, json={"to_class_id": other["id"]}))
        answered(await office.instructor.put(mark, json={"status": "absent"}))
        there = await statement(office, f"/api/v1/classes/{other['id']}/credits/{sam}")
        assert (there["balance"], (await statement(office, path))["balance"]) == (8, 0)
        [line, brought] = there["items"]
        assert (line["meeting_id"], line["other_class_id"]) == (first_meeting(class_), class_["id"])
        assert line["explanation"].startswith("Corrected from present to absent for meeting 1 of Monday owls on ")
        assert (brought["cause"], brought["lot_id"]) == ("transfer", line["lot_id"])


class TestExpiry:
    async def test_a_balance_ahead_leaves_out_what_will_have_lapsed(self, office: Office) -> None:
        _, _, path = await an_account(office)
        until = utc_now() + 30 * DAY
        gift = {"amount": 2, "reason": "Birthday", "expires_at": until.isoformat()}
        answered(await office.staff.post(f"{path}/adjustments", json=gift), 201)
        for moment, balance, lapsing in (
            (utc_now() + DAY, 10, 0),
            (until - timedelta(microseconds=1), 10, 0),
            (until, 8, 2),
            (until + 900 * DAY, 8, 2),
        ):
            found = await statement(office, path, moment)
            assert (found["balance"], found["lapsing"]) == (balance, lapsing)

    async def test_what_has_expired_is_gone_before_and_after_somebody_comes_to_write_it_down(
        self, office: Office
    ) -> None:
        class_, sam, path = await an_account(office)
        await self._buy_what_has_expired(office, path, 5)
        roster = f"/api/v1/classes/{class_['id']}/roster"
        before = await statement(office, path)
        assert (before["balance"], before["lapsing"], len(before["items"])) == (8, 5, 2)
        assert [line["balance"] for line in answered(await office.staff.get(roster))["items"]] == [8]
        assert await lapse_due(office) == 1
        assert await lapse_due(office) == 0
        after = await statement(office, path)
        assert (after["balance"], after["lapsing"], len(after["items"])) == (8, 0, 3)
        assert [line["balance"] for line in answered(await office.staff.get(roster))["items"]] == [8]
        [line, *_] = after["items"]
        assert (line["cause"], line["posted_by"], line["amount"]) == ("expiry", None, -5)
        assert line["explanation"].endswith(": 5 credits expired.")
        [envelope] = await office.served.events(CreditsExpired)
        told = envelope.data
        assert isinstance(told, CreditsExpired)
        assert (told.student_id, told.amount, told.balance) == (sam, 5, 8)

    async def _buy_what_has_expired(self, office: Office, path: str, amount: int) -> None:
        """A purchase that was made a week ago, for three days: nobody can make it now."""
        await purchase(office, path, amount=amount, reference="R", expires_at=(utc_now() + DAY).isoformat())
        moved = """
        UPDATE credit_accounts SET next_expiry_at = next_expiry_at - interval '2 days', lots = (
            SELECT jsonb_agg(CASE WHEN lot->>'expires_at' IS NULL THEN lot ELSE lot || jsonb_build_object(
                'expires_at', (lot->>'expires_at')::timestamptz - interval '2 days') END)
            FROM jsonb_array_elements(lots) AS lot)
        """
        await office.served.resources.database.execute(moved)


async def lapse_due(office: Office) -> int:
    """What the worker does once a minute."""
    [periodic] = [each for each in office.served.running.parts.periodic if each.name == "lapse-credits"]
    seen = await periodic.run()
    assert isinstance(seen, int)
    return seen


class TestExplanations:
    async def test_what_is_owed_and_what_settles_it(self, office: Office) -> None:
        class_, sam, path = await an_account(office, total_meetings=1, zero_balance="owe")
        day = YESTERDAY.isoformat()
        mark = f"/api/v1/classes/{class_['id']}/meetings/{first_meeting(class_)}/attendance/{sam}"
        body = {"amount": -1, "reason": "Used up elsewhere"}
        answered(await office.staff.post(f"{path}/adjustments", json=body), 201)
        answered(await office.instructor.put(mark, json={"status": "present"}))
        assert (await statement(office, path))["owed"] == 1
        await purchase(office, path, amount=3, reference="R-1")
        found = await statement(office, path)
        assert (found["owed"], found["balance"]) == (0, 2)
        assert [(line["explanation"], line["amount"]) for line in found["items"]] == [
            ("No longer owed: 1 credit.", 1),
            ("Spent on what was owed.", -1),
            ("Bought 3 credits (reference R-1).", 3),
            (f"Marked present for meeting 1 on {day}. It is owed.", -1),
            ("Adjusted by the office: Used up elsewhere", -1),
            ("Enrolled with a package of 1 meeting.", 1),
        ]


class TestNotes:
    async def test_a_note_stays_with_the_mark_until_there_is_another(self, office: Office) -> None:
        class_, sam, _ = await an_account(office)
        mark = f"/api/v1/classes/{class_['id']}/meetings/{first_meeting(class_)}/attendance/{sam}"
        for body, note, revision in (
            ({"status": "late", "note": "Missed the bus"}, "Missed the bus", 1),
            ({"status": "late"}, "Missed the bus", 1),
            ({"status": "late", "note": "Missed the bus"}, "Missed the bus", 1),
            ({"status": "late", "note": "Missed the train"}, "Missed the train", 2),
            ({"status": "present", "reason": "Was on time after all"}, "Missed the train", 3),
            ({"status": "present", "note": ""}, None, 4),
            ({"status": "present", "note": ""}, None, 4),
        ):
            marked = answered(await office.instructor.put(mark, json=body))
            assert (marked["note"], marked["revision"]) == (note, revision)
        found = answered(await office.student(sam).get(mark))
        assert (found["status"], found["note"], found["guest"]) == ("present", None, False)
        history = [(h["previous_status"], h["status"], h["note"], h["reason"]) for h in found["history"]]
        assert history == [
            (None, "late", "Missed the bus", None),
            ("late", "late", "Missed the train", None),
            ("late", "present", "Missed the train", "Was on time after all"),
            ("present", "present", None, None),
        ]

    async def test_another_note_is_nobody_elses_business(self, office: Office) -> None:
        class_, sam, path = await an_account(office)
        mark = f"/api/v1/classes/{class_['id']}/meetings/{first_meeting(class_)}/attendance/{sam}"
        for note in ("Sat at the back", "Sat in front"):
            answered(await office.instructor.put(mark, json={"status": "present", "note": note}))
        assert len(await office.served.events(AttendanceMarked)) == 1
        assert (await statement(office, path))["balance"] == 7

    async def test_every_line_of_a_register_has_its_note(self, office: Office) -> None:
        class_, [sam, lea] = await office.running("Sam", "Lea")
        register = f"/api/v1/classes/{class_['id']}/meetings/{first_meeting(class_)}/attendance"
        entries = [
            {"student_id": str(sam), "status": "present", "note": "Helped Lea"},
            {"student_id": str(lea), "status": "excused", "reason": "Ill"},
        ]
        taken = answered(await office.instructor.put(register, json={"entries": entries}))["items"]
        assert {item["student_id"]: item["note"] for item in taken} == {str(sam): "Helped Lea", str(lea): None}

    async def test_a_note_has_an_end(self, office: Office) -> None:
        class_, sam, _ = await an_account(office)
        mark = f"/api/v1/classes/{class_['id']}/meetings/{first_meeting(class_)}/attendance/{sam}"
        response = await office.instructor.put(mark, json={"status": "late", "note": "n" * 501})
        assert refused(response) == (422, "invalid_input")


def first_meeting(class_: dict[str, Any]) -> str:
    found: str = class_["meetings"][0]["id"]
    return found
