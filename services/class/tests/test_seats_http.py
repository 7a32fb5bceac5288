"""Seats, waiting lists and the ends of classes over HTTP, and the clock that moves waiting lists up."""

from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, acquaint, answered, refused
from babyowl_contracts.class_ import ClassCompleted, SeatOffered, SeatOfferEnded, StudentEnrolled, StudentWithdrawn
from class_management.application.handlers import HANDLERS
from class_management.application.publishing import published
from class_management.infrastructure.unit_of_work import ClassUnitOfWork
from class_management.infrastructure.waiting_lists import WaitingLists

from .office import Office

pytestmark = pytest.mark.infra


@pytest.fixture
async def office(served: Serving) -> Office:
    return await Office.open(served)


class Full:
    """A class of one seat, taken by Sam; Wanda and Walter wait."""

    def __init__(self, office: Office, class_id: str, sam: UUID, wanda: UUID, walter: UUID) -> None:
        self.office, self.class_id = office, class_id
        self.sam, self.wanda, self.walter = sam, wanda, walter
        self.path = f"/api/v1/classes/{class_id}"

    @classmethod
    async def of(cls, office: Office, **changed: Any) -> "Full":
        class_ = await office.planned(**{"capacity": 1} | changed)
        sam = await office.enroll(class_["id"])
        wanda, walter = [await office.register("student", name) for name in ("Wanda Waiting", "Walter Waiting")]
        full = cls(office, class_["id"], sam, wanda, walter)
        for student in (wanda, walter):
            await full.join(student)
        return full

    async def join(self, student_id: UUID) -> dict[str, Any]:
        body = {"student_id": str(student_id)}
        return answered(await self.office.staff.post(f"{self.path}/waiting-list", json=body), 201)

    async def free_a_seat(self) -> None:
        answered(await self.office.staff.post(f"{self.path}/enrollments/{self.sam}/withdrawal", json={}))

    async def waiting(self) -> list[tuple[str, int, bool]]:
        page = answered(await self.office.staff.get(f"{self.path}/waiting-list"))
        return [(line["display_name"], line["position"], line["offered_at"] is not None) for line in page["items"]]

    async def seat_offers(self, student_id: UUID) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = answered(await self.office.student(student_id).get("/api/v1/seat-offers"))[
            "items"
        ]
        return items

    async def let_offers_expire(self) -> None:
        """Two days later, as far as the database is concerned."""
        await self.office.served.resources.database.execute(
            "UPDATE waiting_list SET offered_at = offered_at - interval '48 hours',"
            " offer_expires_at = offer_expires_at - interval '48 hours'"
        )


@pytest.fixture
def clockwork(office: Office) -> WaitingLists:
    """What the worker runs from time to time."""
    database = office.served.resources.database
    bus = Bus(SqlTransactions(database, ClassUnitOfWork), publish=published, handlers=HANDLERS)
    return WaitingLists(database, bus)


class TestWaitingList:
    async def test_it_is_shown_in_order_to_its_instructor_and_the_office(self, office: Office) -> None:
        full = await Full.of(office)
        assert await full.waiting() == [("Wanda Waiting", 1, False), ("Walter Waiting", 2, False)]
        first = answered(await office.instructor.get(f"{full.path}/waiting-list?limit=1"))
        assert [line["position"] for line in first["items"]] == [1]
        rest = answered(await office.instructor.get(f"{full.path}/waiting-list?cursor={first['next_cursor']}"))
        assert [line["student_id"] for line in rest["items"]] == [str(full.walter)]

    async def test_a_student_sees_what_they_wait_for_and_accepts_the_seat_that_is_kept(self, office: Office) -> None:
        full = await Full.of(office)
        [awaited] = await full.seat_offers(full.walter)
        assert (awaited["class_id"], awaited["class_name"], awaited["position"]) == (full.class_id, "Owls", 2)
        assert awaited["offer_expires_at"] is None
        await full.free_a_seat()
        [offer] = await full.seat_offers(full.wanda)
        assert offer["offer_expires_at"] > offer["offered_at"]
        wanda = office.student(full.wanda)
        path = f"{full.path}/waiting-list/{full.wanda}/acceptance"
        headers = {"Idempotency-Key": "mine"}
        seat = answered(await wanda.post(path, headers=headers), 201)
        assert answered(await wanda.post(path, headers=headers), 201) == seat
        assert (seat["student_id"], seat["credits"], seat["balance"]) == (str(full.wanda), 8, 8)
        assert refused(await wanda.post(path)) == (409, "already_enrolled")
        assert await full.seat_offers(full.wanda) == []
        assert await full.waiting() == [("Walter Waiting", 1, False)]
        assert len(await office.served.events(StudentEnrolled)) == 2
        assert answered(await wanda.get(full.path))["enrolled"] == 1

    async def test_who_declines_makes_way_for_the_next(self, office: Office) -> None:
        full = await Full.of(office)
        await full.free_a_seat()
        declined = await office.student(full.wanda).delete(f"{full.path}/waiting-list/{full.wanda}")
        assert declined.status_code == 204
        assert await full.waiting() == [("Walter Waiting", 1, True)]
        again = await office.student(full.wanda).delete(f"{full.path}/waiting-list/{full.wanda}")
        assert refused(again) == (404, "not_waiting")

    async def test_refusals_are_told_by_their_codes(self, office: Office) -> None:
        full = await Full.of(office)
        walter = office.student(full.walter)
        path = f"{full.path}/waiting-list"
        assert refused(await walter.post(f"{path}/{full.walter}/acceptance")) == (409, "no_seat_offered")
        assert refused(await walter.post(f"{path}/{full.wanda}/acceptance")) == (403, "not_your_seat")
        assert refused(await walter.delete(f"{path}/{full.wanda}")) == (403, "not_your_seat")
        body = {"student_id": str(full.walter)}
        assert refused(await office.staff.post(path, json=body)) == (409, "already_waiting")
        enrolling = await office.staff.post(f"{full.path}/enrollments", json=body)
        assert refused(enrolling) == (409, "class_full")
        empty = await office.planned()
        free = await office.staff.post(f"/api/v1/classes/{empty['id']}/waiting-list", json=body)
        assert refused(free) == (409, "seat_is_free")


class TestClockwork:
    async def test_an_offer_that_lapsed_is_nobodys_even_before_the_clock_comes_by(
        self, office: Office, clockwork: WaitingLists
    ) -> None:
        full = await Full.of(office)
        await full.free_a_seat()
        await full.let_offers_expire()
        assert await full.seat_offers(full.wanda) == []
        assert await full.waiting() == [("Walter Waiting", 1, False)]
        late = await office.student(full.wanda).post(f"{full.path}/waiting-list/{full.wanda}/acceptance")
        assert refused(late) == (409, "seat_offer_lapsed")
        for _ in range(2):
            await clockwork.move_up()
        assert await full.waiting() == [("Walter Waiting", 1, True)]
        offered = [envelope.data for envelope in await office.served.events(SeatOffered)]
        assert [event.student_id for event in offered] == [full.wanda, full.walter]  # type: ignore[attr-defined]
        [ended] = await office.served.events(SeatOfferEnded)
        assert ended.data.outcome == "lapsed"  # type: ignore[attr-defined]

    async def test_who_was_passed_over_is_offered_a_seat_when_they_are_back(
        self, office: Office, clockwork: WaitingLists
    ) -> None:
        full = await Full.of(office)
        database = office.served.resources.database
        for student in (full.wanda, full.walter):
            await acquaint(database, student, name="Away", status="deactivated")
        await full.free_a_seat()
        await clockwork.move_up()
        assert [offered for _, _, offered in await full.waiting()] == [False, False]
        await acquaint(database, full.wanda, name="Wanda Waiting")
        await clockwork.move_up()
        assert [offered for _, _, offered in await full.waiting()] == [True, False]

    async def test_a_class_whose_seats_are_all_given_away_is_left_alone(
        self, office: Office, clockwork: WaitingLists
    ) -> None:
        full = await Full.of(office)
        version = answered(await office.staff.get(full.path))["version"]
        await clockwork.move_up()
        assert answered(await office.staff.get(full.path))["version"] == version


class TestLeaving:
    async def test_a_withdrawn_student_keeps_the_account_and_comes_back_to_it(self, office: Office) -> None:
        class_, [student] = await office.running("Sam Student", type="private")
        path = f"/api/v1/classes/{class_['id']}"
        body = {"reason": "Moved away"}
        left = answered(await office.staff.post(f"{path}/enrollments/{student}/withdrawal", json=body))
        assert (left["status"], left["student_id"]) == ("withdrawn", str(student))
        assert answered(await office.staff.get(f"{path}/roster"))["items"] == []
        statement = answered(await office.student(student).get(f"{path}/credits/{student}"))
        assert statement["balance"] == 8
        mine = answered(await office.student(student).get(f"{path}/enrollments/{student}"))
        assert (mine["status"], mine["left_at"]) == ("withdrawn", left["left_at"])
        told = [(line["change"], line["credits"], line["reason"]) for line in mine["history"]]
        assert told == [("enrolled", 8, None), ("withdrawn", 8, "Moved away")]
        back = answered(await office.staff.post(f"{path}/enrollments", json={"student_id": str(student)}), 201)
        assert back["id"] == left["id"]
        [gone] = await office.served.events(StudentWithdrawn)
        assert gone.data.credits_left == 8  # type: ignore[attr-defined]

    async def test_who_comes_back_is_told_what_their_account_holds_and_not_only_what_it_began_with(
        self, office: Office
    ) -> None:
        class_, [student] = await office.running("Sam Student", type="private")
        path = f"/api/v1/classes/{class_['id']}"
        body = {"amount": -3, "reason": "Moved house"}
        answered(await office.staff.post(f"{path}/credits/{student}/adjustments", json=body), 201)
        answered(await office.staff.post(f"{path}/enrollments/{student}/withdrawal", json={}))
        back = answered(await office.staff.post(f"{path}/enrollments", json={"student_id": str(student)}), 201)
        assert (back["credits"], back["balance"]) == (8, 5)

    async def test_the_same_transfer_again_moves_nobody_twice(self, office: Office) -> None:
        home, there = await office.planned(), await office.planned()
        student = await office.enroll(home["id"])
        path = f"/api/v1/classes/{home['id']}/enrollments/{student}/transfer"
        body, headers = {"to_class_id": there["id"]}, {"Idempotency-Key": "move-1"}
        moved = answered(await office.staff.post(path, json=body, headers=headers))
        assert (moved["class_id"], moved["student_id"], moved["balance"]) == (there["id"], str(student), 8)
        assert answered(await office.staff.post(path, json=body, headers=headers)) == moved
        statement = await office.staff.get(f"/api/v1/classes/{there['id']}/credits/{student}")
        assert answered(statement)["balance"] == 8
        again = await office.staff.post(path, json=body)
        assert refused(again) == (404, "student_not_enrolled")
        same = await office.staff.post(path, json={"to_class_id": home["id"]})
        assert refused(same) == (422, "same_class")


class TestTerms:
    async def test_a_draft_may_be_changed_in_everything_a_running_class_in_what_it_promised_nobody(
        self, office: Office
    ) -> None:
        class_ = await office.planned(make_up_days=30)
        path = f"/api/v1/classes/{class_['id']}"
        successor = await office.register("instructor", "Iris Instructor")
        changes: dict[str, Any] = {
            "name": "Night owls",
            "instructor_id": str(successor),
            "zero_balance": "owe",
            "excuse_deadline_minutes": 30,
            "make_up_days": None,
            "credit_days": 90,
            "offer_hours": 24,
        }
        edited = answered(await office.staff.patch(path, json=changes))
        assert {name: edited[name] for name in changes} == changes
        shown = answered(await office.staff.get(path))
        assert {name: shown[name] for name in changes} == changes
        assert shown["instructor_name"] == "Iris Instructor"
        assert shown["next_meeting"]["instructor_id"] == str(successor)
        answered(await office.staff.post(f"{path}/activation"))
        frozen = await office.staff.patch(path, json={"zero_balance": "refuse"})
        assert refused(frozen) == (409, "zero_balance_frozen")
        assert refused(await office.staff.patch(path, json={"total_meetings": 9})) == (409, "package_frozen")
        kept = answered(await office.staff.patch(path, json={"credit_days": None, "offer_hours": 12}))
        assert (kept["credit_days"], kept["offer_hours"], kept["make_up_days"]) == (None, 12, None)

    @pytest.mark.parametrize(
        "changes",
        [
            {"offer_hours": 0},
            {"offer_hours": 337},
            {"make_up_days": 366},
            {"credit_days": 1096},
            {"excuse_deadline_minutes": -1},
            {"excuse_deadline_minutes": 20_161},
        ],
    )
    async def test_policies_keep_within_their_bounds(self, office: Office, changes: dict[str, int]) -> None:
        class_ = await office.planned()
        assert refused(await office.staff.patch(f"/api/v1/classes/{class_['id']}", json=changes))[0] == 422

    async def test_only_an_instructor_takes_over(self, office: Office) -> None:
        class_ = await office.planned()
        path = f"/api/v1/classes/{class_['id']}"
        student = await office.register("student", "Sam")
        refusal = await office.staff.patch(path, json={"instructor_id": str(student)})
        assert refused(refusal) == (422, "not_an_instructor")


class TestEndings:
    async def test_a_class_is_completed_once_its_meetings_are_over_or_called_off(self, office: Office) -> None:
        class_, [student] = await office.running("Sam Student", total_meetings=3)
        path = f"/api/v1/classes/{class_['id']}"
        register = f"{path}/meetings/{class_['meetings'][0]['id']}/attendance/{student}"
        answered(await office.instructor.put(register, json={"status": "present"}))
        ahead = await office.staff.post(f"{path}/completion", json={})
        assert refused(ahead) == (409, "meetings_ahead")
        body, headers = {"cancel_remaining": True}, {"Idempotency-Key": "end"}
        done = answered(await office.staff.post(f"{path}/completion", json=body, headers=headers))
        assert (done["status"], done["ended_at"] is not None) == ("completed", True)
        assert answered(await office.staff.post(f"{path}/completion", json=body, headers=headers)) == done
        [completed] = await office.served.events(ClassCompleted)
        told = completed.data
        assert isinstance(told, ClassCompleted)
        assert (told.meetings_held, told.meetings_planned, told.attendance_basis_points) == (1, 3, 10_000)
        assert [left.credits for left in told.credits_left] == [2]

    async def test_a_class_is_called_off_with_a_reason(self, office: Office) -> None:
        class_ = await office.planned()
        path = f"/api/v1/classes/{class_['id']}"
        assert refused(await office.staff.post(f"{path}/cancellation", json={})) == (422, "invalid_input")
        called_off = answered(await office.staff.post(f"{path}/cancellation", json={"reason": "Too few"}))
        assert (called_off["status"], called_off["cancel_reason"]) == ("cancelled", "Too few")
        assert refused(await office.staff.post(f"{path}/activation")) == (409, "class_over")
        unknown = f"/api/v1/classes/{new_id()}/cancellation"
        assert refused(await office.staff.post(unknown, json={"reason": "Too few"})) == (404, "class_not_found")
