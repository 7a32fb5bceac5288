"""Every route against everyone who might call it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, answered, serving
from babyowl_chassis.testing.access import (
    ALLOWED,
    Answer,
    Route,
    assert_covered,
    assert_met,
    caller,
    cells,
    only,
)
from class_management.bootstrap import service

from .office import YESTERDAY, Office

ANYBODY: dict[str, Answer] = {
    "anonymous": 401,
    "super_admin": ALLOWED,
    "staff": ALLOWED,
    "its instructor": ALLOWED,
    "its substitute": ALLOWED,
    "another instructor": ALLOWED,
    "its student": ALLOWED,
    "a classmate": ALLOWED,
    "a former student": ALLOWED,
    "a guest": ALLOWED,
    "another student": ALLOWED,
    "service": 403,
}
NOT_THEIRS: dict[str, Answer] = {
    "another instructor": 404,
    "a former student": 404,
    "a guest": 404,
    "another student": 404,
}
MEMBERS = ANYBODY | NOT_THEIRS
OF_A_MARK = MEMBERS | {"a classmate": 404}
STUDENT_ITSELF = OF_A_MARK | {"its substitute": 404}
OFFICE = only(ANYBODY, "super_admin", "staff")
OFFICE_AND_STUDENT = only(ANYBODY, "super_admin", "staff", "its student")
KEEPERS = only(ANYBODY, "super_admin", "staff", "its instructor", "its substitute")
STAFF_AND_INSTRUCTORS = KEEPERS | {"another instructor": ALLOWED}
READING_KEEPERS = KEEPERS | {"another instructor": 404}
READING_ACCOUNTS = READING_KEEPERS | {"its substitute": 404}
ITS_INSTRUCTOR = only(ANYBODY, "its instructor")
STUDENTS = only(ANYBODY, "its student", "a classmate")
READING_STUDENT = {who: 404 if answer == 403 else answer for who, answer in OFFICE_AND_STUDENT.items()}
OPERATORS = only(ANYBODY, "super_admin")
SERVICES = only(ANYBODY, "service")

CLASS = "/api/v1/classes/{class_id}"
SEAT = f"{CLASS}/enrollments/{{student_id}}"
TRANSFER = ("POST", f"{SEAT}/transfer")
WAITING_LIST = f"{CLASS}/waiting-list"
WAITING_PLACE = f"{WAITING_LIST}/{{student_id}}"
REGISTER = f"{CLASS}/meetings/{{meeting_id}}/attendance"
SUBSTITUTE = f"{CLASS}/meetings/{{meeting_id}}/substitute"
HOLIDAYS = "/api/v1/holidays"
HOLIDAY = f"{HOLIDAYS}/{{holiday_id}}"

EXCUSE = f"{CLASS}/meetings/{{meeting_id}}/excuse"
VOUCHER = "/api/v1/vouchers/{voucher_id}"
BOOKING = f"{VOUCHER}/booking"

CALENDAR = "/api/v1/calendars/{token}.ics"
MY_CALENDAR_LINK = "/api/v1/calendar-link"
CALENDAR_LINK = f"{CLASS}/calendar-link"


def in_days(number: int) -> str:
    return (YESTERDAY + timedelta(days=1 + number)).isoformat()


MATRIX: dict[Route, dict[str, Answer]] = {
    ("GET", CALENDAR): dict.fromkeys(ANYBODY, ALLOWED),
    ("POST", MY_CALENDAR_LINK): ANYBODY,
    ("DELETE", MY_CALENDAR_LINK): ANYBODY,
    ("POST", CALENDAR_LINK): MEMBERS,
    ("DELETE", CALENDAR_LINK): MEMBERS,
    ("GET", "/api/v1/classes"): ANYBODY,
    ("POST", "/api/v1/classes"): OFFICE,
    ("GET", CLASS): MEMBERS,
    ("PATCH", CLASS): OFFICE,
    ("POST", f"{CLASS}/activation"): OFFICE,
    ("GET", f"{CLASS}/meetings"): MEMBERS,
    ("POST", f"{CLASS}/meetings"): OFFICE,
    ("GET", f"{CLASS}/meetings/{{meeting_id}}"): MEMBERS | {"a guest": ALLOWED},
    ("PATCH", f"{CLASS}/meetings/{{meeting_id}}"): OFFICE,
    ("POST", f"{CLASS}/meetings/{{meeting_id}}/cancellation"): OFFICE,
    ("PUT", SUBSTITUTE): OFFICE,
    ("DELETE", SUBSTITUTE): OFFICE,
    ("PUT", f"{CLASS}/schedule"): OFFICE,
    ("GET", HOLIDAYS): ANYBODY,
    ("POST", HOLIDAYS): OFFICE,
    ("DELETE", HOLIDAY): OFFICE,
    ("GET", f"{HOLIDAY}/meetings"): OFFICE,
    ("POST", f"{HOLIDAY}/observance"): OFFICE,
    ("POST", f"{CLASS}/completion"): OFFICE,
    ("POST", f"{CLASS}/cancellation"): OFFICE,
    ("POST", f"{CLASS}/enrollments"): OFFICE,
    ("GET", SEAT): STUDENT_ITSELF,
    ("POST", f"{SEAT}/withdrawal"): OFFICE,
    TRANSFER: OFFICE,
    ("GET", WAITING_LIST): READING_ACCOUNTS,
    ("POST", WAITING_LIST): OFFICE,
    ("POST", f"{WAITING_PLACE}/acceptance"): OFFICE_AND_STUDENT,
    ("DELETE", WAITING_PLACE): OFFICE_AND_STUDENT,
    ("GET", "/api/v1/seat-offers"): ANYBODY,
    ("GET", f"{CLASS}/roster"): READING_KEEPERS,
    ("GET", f"{CLASS}/attendance"): MEMBERS | {"a former student": ALLOWED},
    ("PUT", REGISTER): KEEPERS,
    ("PUT", f"{REGISTER}/{{student_id}}"): KEEPERS,
    ("GET", f"{REGISTER}/{{student_id}}"): OF_A_MARK,
    ("POST", EXCUSE): STUDENTS,
    ("GET", "/api/v1/vouchers"): ANYBODY,
    ("GET", f"{VOUCHER}/meetings"): READING_STUDENT | {"service": 403},
    ("POST", BOOKING): OFFICE_AND_STUDENT,
    ("DELETE", BOOKING): OFFICE_AND_STUDENT,
    ("GET", f"{CLASS}/credits"): READING_ACCOUNTS,
    ("GET", f"{CLASS}/credits/{{student_id}}"): STUDENT_ITSELF,
    ("POST", f"{CLASS}/credits/{{student_id}}/adjustments"): OFFICE,
    ("POST", f"{CLASS}/credits/{{student_id}}/purchases"): OFFICE,
    ("GET", f"{CLASS}/unlocks"): MEMBERS,
    ("POST", f"{CLASS}/unlocks"): ITS_INSTRUCTOR,
    ("POST", f"{CLASS}/locks"): ITS_INSTRUCTOR,
    ("GET", "/api/v1/meetings"): ANYBODY,
    ("GET", "/api/v1/reports/attendance"): ANYBODY,
    ("GET", "/api/v1/reports/attendance/classes"): ANYBODY,
    ("GET", "/api/v1/reports/attendance/students"): ANYBODY,
    ("GET", "/api/v1/reports/attendance/instructors"): ANYBODY,
    ("GET", "/api/v1/reports/attendance/months"): ANYBODY,
    ("GET", "/api/v1/reports/utilisation"): STAFF_AND_INSTRUCTORS,
    ("GET", "/internal/v1/access"): SERVICES,
    ("GET", "/internal/v1/events"): SERVICES,
    ("GET", "/api/v1/operations/class/events"): OPERATORS,
}
"""Another instructor and another student have nothing to do with the class; its substitute teaches the meeting.

A former student had a seat; a guest comes to the next meeting, to make up for one of another class.
"""

OF_A_MEETING_AHEAD = {
    ("POST", EXCUSE),
    ("GET", f"{CLASS}/meetings/{{meeting_id}}"),
    ("PATCH", f"{CLASS}/meetings/{{meeting_id}}"),
    ("POST", f"{CLASS}/meetings/{{meeting_id}}/cancellation"),
    ("PUT", SUBSTITUTE),
    ("DELETE", SUBSTITUTE),
}


FAR_AWAY = {"name": "A day off", "first_date": in_days(700), "last_date": in_days(700)}


def test_no_route_is_missing_in_the_matrix() -> None:
    assert_covered(service.routes(), MATRIX)


@dataclass
class World:
    """A class of two, one of whom is marked, and everyone around them."""

    office: Office
    class_id: str
    meeting_id: str
    student_id: UUID
    classmate_id: UUID
    meeting_ahead_id: str = ""
    former_id: UUID = field(default_factory=new_id)
    guest_id: UUID = field(default_factory=new_id)
    substitute_id: UUID = field(default_factory=new_id)
    voucher_id: str = ""
    host: dict[str, str] = field(default_factory=dict)
    days_without_class: Iterator[int] = field(default_factory=lambda: (day for day in count(1) if day % 7))

    @classmethod
    async def around(cls, served: Serving, *, active: bool = True, capacity: int = 6) -> "World":
        office = await Office.open(served)
        class_ = await office.planned(type="private", capacity=capacity)
        former_id = await office.enroll(class_["id"], "Fred Former")
        leaving = f"/api/v1/classes/{class_['id']}/enrollments/{former_id}/withdrawal"
        answered(await office.staff.post(leaving, json={}))
        student_id, classmate_id = [await office.enroll(class_["id"]) for _ in range(2)]
        first, second, *_ = [meeting["id"] for meeting in class_["meetings"]]
        world = cls(office, class_["id"], first, student_id, classmate_id, second, former_id)
        await office.register("instructor", "Uma Understudy", world.substitute_id)
        answered(await office.staff.put(world.path(SUBSTITUTE), json={"instructor_id": str(world.substitute_id)}))
        if active:
            await office.staff.post(world.path(f"{CLASS}/activation"))
            await office.instructor.put(world.path(f"{REGISTER}/{{student_id}}"), json={"status": "late"})
        return world

    @classmethod
    async def offering(cls, served: Serving) -> "World":
        """A class whose student waits, and is offered the seat that has come free."""
        world = await cls.around(served, capacity=2)
        seat = world.path(SEAT)
        world.student_id = await world.office.register("student", "Wanda Waiting")
        await world.office.staff.post(world.path(WAITING_LIST), json={"student_id": str(world.student_id)})
        answered(await world.office.staff.post(f"{seat}/withdrawal", json={}))
        return world

    async def invite(self) -> None:
        """Let the guest make up for a meeting of their own at the next one of this class."""
        home, [self.guest_id] = await self.office.running("Gia Guest", type="private")
        guest, missed = self.office.student(self.guest_id), home["meetings"][1]["id"]
        excuse = EXCUSE.format(class_id=home["id"], meeting_id=missed)
        answered(await guest.post(excuse, json={"reason": "A birthday"}), 201)
        [voucher] = answered(await guest.get("/api/v1/vouchers"))["items"]
        here = {"class_id": self.class_id, "meeting_id": self.meeting_ahead_id}
        answered(await guest.post(BOOKING.format(voucher_id=voucher["id"]), json=here), 201)

    def client(self, who: str) -> httpx.AsyncClient:
        known = {
            "its instructor": self.office.instructor,
            "its substitute": self.office.served.as_("instructor", self.substitute_id),
            "another instructor": self.office.served.as_("instructor"),
            "its student": self.office.student(self.student_id),
            "a classmate": self.office.student(self.classmate_id),
            "a former student": self.office.student(self.former_id),
            "a guest": self.office.student(self.guest_id),
            "another student": self.office.student(new_id()),
        }
        return caller(self.office.served, who, scopes=["access:read", "events:read"], known=known)

    def path(self, template: str) -> str:
        return template.format(
            class_id=self.class_id,
            meeting_id=self.meeting_id,
            student_id=self.student_id,
            holiday_id="{holiday_id}",
            voucher_id=self.voucher_id,
        )

    async def request(self, route: Route, who: str) -> httpx.Response:
        method, template = route
        params = {}
        if template.startswith(VOUCHER):
            await self.excuse(booked=route == ("DELETE", BOOKING))
        if template == "/internal/v1/access":
            params = {"student_id": str(self.student_id), "lesson_id": str(self.office.lessons[0])}
        body = await self.body(route) if method != "GET" else None
        client, path = self.client(who), await self.calendar() if template == CALENDAR else self.path(template)
        if route in OF_A_MEETING_AHEAD:
            path = path.replace(self.meeting_id, self.meeting_ahead_id)
        if template.startswith(HOLIDAY):
            path = path.replace("{holiday_id}", await self.holiday())
        if method == "DELETE" and template in (CALENDAR_LINK, MY_CALENDAR_LINK):
            await client.post(path)
        return await client.request(method, path, json=body, params=params)

    async def excuse(self, *, booked: bool) -> None:
        """Let the student have a voucher, and a class to use it in; perhaps they have."""
        student = self.client("its student")
        if not self.voucher_id:
            missed = self.path(EXCUSE).replace(self.meeting_id, self.meeting_ahead_id)
            answered(await student.post(missed, json={"reason": "A birthday"}), 201)
            [voucher] = answered(await student.get("/api/v1/vouchers"))["items"]
            self.voucher_id = voucher["id"]
            host, _ = await self.office.running(type="private")
            self.host = {"class_id": host["id"], "meeting_id": host["meetings"][2]["id"]}
        if booked:
            await student.post(self.path(BOOKING), json=self.host)

    async def calendar(self) -> str:
        """Where a new link leads."""
        made = answered(await self.office.staff.post(MY_CALENDAR_LINK), 201)
        return "/api" + str(made["url"]).partition("/api")[2]

    async def holiday(self) -> str:
        """A day off that is in nobody's way."""
        holiday_id: str = answered(await self.office.staff.post(HOLIDAYS, json=FAR_AWAY), 201)["id"]
        return holiday_id

    async def body(self, route: Route) -> dict[str, Any]:
        if route == TRANSFER:
            return {"to_class_id": (await self.office.planned(type="private"))["id"]}
        bodies: dict[Route, dict[str, Any]] = {
            ("POST", "/api/v1/classes"): self.office.plan(
                instructor_id=str(await self.office.register("instructor", "New"))
            ),
            ("PATCH", CLASS): {"capacity": 7},
            ("POST", f"{CLASS}/activation"): {},
            ("POST", f"{CLASS}/completion"): {"cancel_remaining": True},
            ("POST", f"{CLASS}/cancellation"): {"reason": "Too few"},
            ("POST", f"{SEAT}/withdrawal"): {},
            ("POST", WAITING_LIST): {"student_id": str(await self.office.register("student", "New"))},
            ("POST", f"{WAITING_PLACE}/acceptance"): {},
            ("DELETE", WAITING_PLACE): {},
            ("POST", f"{CLASS}/meetings"): {
                "local_date": (YESTERDAY + timedelta(days=next(self.days_without_class))).isoformat()
            },
            ("PATCH", f"{CLASS}/meetings/{{meeting_id}}"): {"duration_minutes": 45},
            ("POST", f"{CLASS}/meetings/{{meeting_id}}/cancellation"): {"reason": "Snow"},
            ("PUT", SUBSTITUTE): {"instructor_id": str(await self.office.register("instructor", "New"))},
            ("DELETE", SUBSTITUTE): {},
            ("PUT", f"{CLASS}/schedule"): {"from_date": in_days(2), "local_time": "16:00"},
            ("POST", HOLIDAYS): FAR_AWAY,
            ("DELETE", HOLIDAY): {},
            ("POST", f"{HOLIDAY}/observance"): {},
            ("POST", f"{CLASS}/enrollments"): {"student_id": str(await self.office.register("student", "New"))},
            ("PUT", REGISTER): {"entries": [{"student_id": str(self.student_id), "status": "absent"}]},
            ("PUT", f"{REGISTER}/{{student_id}}"): {"status": "absent"},
            ("POST", f"{CLASS}/credits/{{student_id}}/adjustments"): {"amount": 1, "reason": "Gift"},
            ("POST", f"{CLASS}/credits/{{student_id}}/purchases"): {"amount": 4, "reference": str(new_id())},
            ("POST", EXCUSE): {"reason": "A birthday"},
            ("POST", BOOKING): self.host,
            ("DELETE", BOOKING): {},
            ("POST", f"{CLASS}/unlocks"): {"lesson_ids": [str(self.office.lessons[0])]},
            **{(method, link): {} for method in ("POST", "DELETE") for link in (CALENDAR_LINK, MY_CALENDAR_LINK)},
            ("POST", f"{CLASS}/locks"): {"lesson_ids": [str(self.office.lessons[0])]},
        }
        return bodies[route]


FRESH: dict[Route, Callable[[Serving], Awaitable[World]]] = {
    ("POST", f"{CLASS}/activation"): partial(World.around, active=False),
    ("PATCH", f"{CLASS}/meetings/{{meeting_id}}"): World.around,
    ("POST", f"{CLASS}/meetings/{{meeting_id}}/cancellation"): World.around,
    ("PUT", f"{CLASS}/schedule"): World.around,
    ("POST", f"{CLASS}/completion"): World.around,
    ("POST", f"{CLASS}/cancellation"): World.around,
    ("POST", f"{SEAT}/withdrawal"): World.around,
    TRANSFER: World.around,
    ("POST", WAITING_LIST): partial(World.around, capacity=2),
    ("POST", f"{WAITING_PLACE}/acceptance"): World.offering,
    ("DELETE", WAITING_PLACE): World.offering,
    ("POST", BOOKING): World.around,
    ("DELETE", BOOKING): World.around,
}
"""What can be done once only is done in a world of its own."""


@pytest.fixture(scope="module")
async def shared_service(postgres_admin_url: str) -> AsyncIterator[Serving]:
    async with serving(service, admin_url=postgres_admin_url) as served:
        yield served


@pytest.fixture(scope="module")
async def shared(shared_service: Serving) -> World:
    world = await World.around(shared_service)
    await world.invite()
    return world


@pytest.mark.infra
@pytest.mark.parametrize(("route", "who", "answer"), cells(MATRIX))
async def test_who_may_call_what(
    shared_service: Serving, shared: World, route: Route, who: str, answer: Answer
) -> None:
    fresh = FRESH.get(route)
    world = shared if fresh is None or answer != ALLOWED else await fresh(shared_service)
    assert_met(await world.request(route, who), answer)


@pytest.mark.infra
@pytest.mark.parametrize("route", [r for r in MATRIX if "{class_id}" in r[1]], ids=" ".join)
async def test_a_class_that_does_not_exist_is_not_found(shared: World, route: Route) -> None:
    row = MATRIX[route]
    who = "its instructor" if row is ITS_INSTRUCTOR else "its student" if row is STUDENTS else "staff"
    nowhere = replace(shared, class_id=str(new_id()))
    assert (await nowhere.request(route, who)).status_code == 404
