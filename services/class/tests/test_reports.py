"""Reports: what they count, for whom, and in which form."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, answered, refused

from .office import YESTERDAY, Office, serving_alone

pytestmark = pytest.mark.infra

ATTENDANCE = "/api/v1/reports/attendance"
UTILISATION = "/api/v1/reports/utilisation"
FIRST_OF_A_MONTH = (YESTERDAY.replace(day=1) - timedelta(days=1)).replace(day=1)
"""The first of last month: as far back as a class of these tests goes."""


async def report(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = answered(await client.get(path, params=params))["items"]
    return items


async def as_csv(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, str]]:
    answer = await client.get(path, params=params, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def weekly_since(office: Office, first_date: date, **schedule: Any) -> dict[str, Any]:
    return {"schedule": office.plan()["schedule"] | {"first_date": first_date.isoformat()} | schedule}


async def mark(office: Office, class_: dict[str, Any], number: int, statuses: dict[UUID, str]) -> None:
    path = f"/api/v1/classes/{class_['id']}/meetings/{class_['meetings'][number - 1]['id']}/attendance"
    entries = [{"student_id": str(student), "status": status} for student, status in statuses.items()]
    answered(await office.staff.put(path, json={"entries": entries}))


@dataclass
class Term:
    """Two classes of two instructors, marked at their first meetings; Sam is in both."""

    office: Office
    other_id: UUID
    owls: dict[str, Any]
    chess: dict[str, Any]
    sam: UUID
    zoe: UUID
    tom: UUID

    @classmethod
    async def over(cls, office: Office) -> "Term":
        other_id = await office.register("instructor", "Otto Other")
        begun = weekly_since(office, FIRST_OF_A_MONTH)
        owls, [sam, zoe] = await office.running("Sam", "Zoe", name="Owls", type="private", **begun)
        down_under = weekly_since(office, FIRST_OF_A_MONTH, time_zone="Pacific/Auckland", local_time="00:30")
        chess, [tom] = await office.running(
            "Tom", name="Chess", type="private", instructor_id=str(other_id), **down_under
        )
        path = f"/api/v1/classes/{chess['id']}/enrollments"
        answered(await office.staff.post(path, json={"student_id": str(sam)}), 201)
        await mark(office, owls, 1, {sam: "present", zoe: "absent"})
        await mark(office, owls, 2, {sam: "late", zoe: "excused"})
        await mark(office, chess, 1, {sam: "absent", tom: "present"})
        return cls(office, other_id, owls, chess, sam, zoe, tom)

    @property
    def other(self) -> httpx.AsyncClient:
        return self.office.served.as_("instructor", self.other_id)


@pytest.fixture
async def own_term(served: Serving) -> Term:
    """For whoever changes something."""
    return await Term.over(await Office.open(served))


@pytest.fixture(scope="module")
async def term(postgres_admin_url: str) -> AsyncIterator[Term]:
    """For all who only read."""
    async with serving_alone(postgres_admin_url) as served:
        yield await Term.over(await Office.open(served))


def counts(line: dict[str, Any]) -> tuple[int, int, int, int]:
    return line["present"], line["late"], line["absent"], line["excused"]


class TestCounting:
    async def test_a_line_per_class(self, term: Term) -> None:
        chess, owls = await report(term.office.staff, f"{ATTENDANCE}/classes")
        assert (chess["class_name"], chess["instructor_name"], counts(chess)) == ("Chess", "Otto Other", (1, 0, 1, 0))
        assert (owls["class_name"], counts(owls), owls["attendance_rate"]) == ("Owls", (1, 1, 1, 1), 0.5)
        assert owls["students"] == 2
        assert owls["meetings"] == sum(begun(meeting) for meeting in term.owls["meetings"])
        assert (owls["meetings_held"], owls["meetings_unmarked"]) == (2, owls["meetings"] - 2)

    async def test_a_line_per_student_over_all_their_classes(self, term: Term) -> None:
        sam, tom, zoe = await report(term.office.staff, f"{ATTENDANCE}/students")
        assert [line["student_name"] for line in (sam, tom, zoe)] == ["Sam", "Tom", "Zoe"]
        assert (counts(sam), sam["classes"], sam["attendance_rate"]) == ((1, 1, 1, 0), 2, 0.6667)
        assert sam["last_attended_at"] == term.owls["meetings"][1]["starts_at"]
        assert (counts(zoe), zoe["last_attended_at"], zoe["attendance_rate"]) == ((0, 0, 1, 1), None, 0.0)

    async def test_a_line_per_instructor_who_taught(self, term: Term) -> None:
        ina, otto = await report(term.office.staff, f"{ATTENDANCE}/instructors")
        assert (ina["instructor_name"], counts(ina)) == ("Ina Instructor", (1, 1, 1, 1))
        assert (otto["instructor_name"], counts(otto), otto["classes"]) == ("Otto Other", (1, 0, 1, 0), 1)

    async def test_a_meeting_counts_for_the_month_its_own_calendar_has(self, term: Term) -> None:
        in_utc = datetime.fromisoformat(term.chess["meetings"][0]["starts_at"]).astimezone(UTC).date()
        assert in_utc < FIRST_OF_A_MONTH
        months = await report(term.office.staff, f"{ATTENDANCE}/months", class_id=term.chess["id"])
        assert (months[0]["month"], counts(months[0])) == (f"{FIRST_OF_A_MONTH:%Y-%m}", (1, 0, 1, 0))
        assert [line["month"] for line in months] == sorted(line["month"] for line in months)

    async def test_days_are_included_from_the_first_to_the_last_in_each_classs_calendar(self, term: Term) -> None:
        first, second = FIRST_OF_A_MONTH, FIRST_OF_A_MONTH + timedelta(days=7)

        async def marks(**days: date) -> int:
            return len(await report(term.office.staff, ATTENDANCE, **{k: v.isoformat() for k, v in days.items()}))

        assert await marks() == 6
        assert await marks(**{"from": first, "to": first}) == 4
        assert await marks(**{"from": first, "to": second}) == 6
        assert await marks(**{"from": second}) == 2
        assert await marks(to=first - timedelta(days=1)) == 0

    async def test_filters_narrow_down_together(self, term: Term) -> None:
        staff = term.office.staff
        assert len(await report(staff, ATTENDANCE, student_id=str(term.sam))) == 3
        assert len(await report(staff, ATTENDANCE, student_id=str(term.sam), class_id=term.owls["id"])) == 2
        assert len(await report(staff, ATTENDANCE, instructor_id=str(term.other_id))) == 2
        assert await report(staff, ATTENDANCE, course_id=str(new_id())) == []

    async def test_a_correction_is_counted_instead_of_what_it_corrects(self, own_term: Term) -> None:
        await mark(own_term.office, own_term.owls, 1, {own_term.zoe: "present"})
        _, owls = await report(own_term.office.staff, f"{ATTENDANCE}/classes")
        assert counts(owls) == (2, 1, 0, 1)

    async def test_a_meeting_from_which_all_were_excused_was_not_held(self, own_term: Term) -> None:
        await mark(own_term.office, own_term.owls, 3, {own_term.sam: "excused", own_term.zoe: "excused"})
        [owls] = await report(own_term.office.staff, f"{ATTENDANCE}/classes", class_id=own_term.owls["id"])
        assert (owls["meetings_held"], owls["meetings_unmarked"]) == (2, owls["meetings"] - 3)

    async def test_a_meeting_that_was_called_off_is_not_counted(self, own_term: Term) -> None:
        third = own_term.owls["meetings"][2]
        [before] = await report(own_term.office.staff, f"{ATTENDANCE}/classes", class_id=own_term.owls["id"])
        path = f"/api/v1/classes/{own_term.owls['id']}/meetings/{third['id']}/cancellation"
        answered(await own_term.office.staff.post(path, json={"reason": "Storm"}))
        [after] = await report(own_term.office.staff, f"{ATTENDANCE}/classes", class_id=own_term.owls["id"])
        assert after["meetings"] == before["meetings"] - 1


def begun(meeting: dict[str, Any]) -> bool:
    return datetime.fromisoformat(meeting["starts_at"]) <= datetime.now(UTC)


class TestSight:
    @pytest.mark.parametrize("path", ["", "/classes", "/students", "/instructors", "/months"])
    async def test_an_instructor_sees_their_own_classes_and_a_student_their_own_marks(
        self, term: Term, path: str
    ) -> None:
        def marks(lines: list[dict[str, Any]]) -> int:
            return sum(sum(counts(line)) for line in lines) if path else len(lines)

        office = term.office
        assert marks(await report(office.staff, f"{ATTENDANCE}{path}")) == 6
        assert marks(await report(office.instructor, f"{ATTENDANCE}{path}")) == 4
        assert marks(await report(term.other, f"{ATTENDANCE}{path}")) == 2
        assert marks(await report(office.student(term.sam), f"{ATTENDANCE}{path}")) == 3
        assert marks(await report(office.student(term.tom), f"{ATTENDANCE}{path}")) == 1
        assert await report(office.served.as_("instructor"), f"{ATTENDANCE}{path}") == []
        assert await report(office.student(new_id()), f"{ATTENDANCE}{path}") == []

    async def test_a_students_reports_name_nobody_else(self, term: Term) -> None:
        [line] = await report(term.office.student(term.zoe), f"{ATTENDANCE}/students")
        assert line["student_id"] == str(term.zoe)
        [owls] = await report(term.office.student(term.zoe), f"{ATTENDANCE}/classes")
        assert (owls["students"], owls["meetings"], owls["meetings_unmarked"]) == (1, 2, 0)

    @pytest.mark.parametrize("path", ["", "/classes", "/students", "/instructors", "/months"])
    async def test_a_student_who_asks_for_somebody_else_finds_nobody(self, term: Term, path: str) -> None:
        answer = await term.office.student(term.zoe).get(f"{ATTENDANCE}{path}", params={"student_id": str(term.sam)})
        assert refused(answer) == (404, "student_not_enrolled")

    async def test_a_class_of_somebody_else_is_an_empty_report(self, term: Term) -> None:
        assert await report(term.other, f"{ATTENDANCE}/classes", class_id=term.owls["id"]) == []
        assert await report(term.other, UTILISATION, q="Owls") == []


class TestForms:
    async def test_a_report_as_csv_says_what_json_says(self, term: Term) -> None:
        as_json = await report(term.office.staff, ATTENDANCE)
        lines = await as_csv(term.office.staff, ATTENDANCE)
        assert list(lines[0]) == list(as_json[0])
        assert [line["student_id"] for line in lines] == [item["student_id"] for item in as_json]
        assert [line["local_date"] for line in lines] == [item["local_date"] for item in as_json]
        assert {line["guest"] for line in lines} == {"false"}

    async def test_a_name_never_becomes_a_formula(self, own_term: Term) -> None:
        name = '=HYPERLINK("http://evil.example","Owls")'
        student = await own_term.office.enroll(own_term.owls["id"], name)
        await mark(own_term.office, own_term.owls, 3, {student: "present"})
        lines = await as_csv(own_term.office.instructor, f"{ATTENDANCE}/students")
        assert f"'{name}" in [line["student_name"] for line in lines]
        shown = await report(own_term.office.instructor, f"{ATTENDANCE}/students")
        assert name in [item["student_name"] for item in shown]

    @pytest.mark.parametrize(
        ("path", "first", "last"),
        [
            (f"{ATTENDANCE}/classes", "class_id", "attendance_rate"),
            (f"{ATTENDANCE}/students", "student_id", "attendance_rate"),
            (f"{ATTENDANCE}/instructors", "instructor_id", "attendance_rate"),
            (f"{ATTENDANCE}/months", "month", "attendance_rate"),
            (UTILISATION, "class_id", "attendance_rate"),
        ],
    )
    async def test_what_a_line_is_about_comes_first(self, term: Term, path: str, first: str, last: str) -> None:
        columns = list((await as_csv(term.office.staff, path))[0])
        assert (columns[0], columns[-1]) == (first, last)

    async def test_the_file_has_a_name(self, term: Term) -> None:
        answer = await term.office.staff.get(f"{ATTENDANCE}/months?format=csv")
        assert answer.headers["content-disposition"] == 'attachment; filename="attendance-by-month.csv"'

    @pytest.mark.parametrize("day", ["1999-12-31", "2100-01-02", "2026-02-30", "today"])
    async def test_a_day_that_makes_no_sense_is_refused(self, term: Term, day: str) -> None:
        assert refused(await term.office.staff.get(ATTENDANCE, params={"from": day})) == (422, "invalid_input")


class TestUtilisation:
    async def test_seats_meetings_and_attendance_of_each_class(self, own_term: Term) -> None:
        office = own_term.office
        full, _ = await office.running("Tim", name="Full", capacity=1, type="private")
        for name in ("Wanda", "Will"):
            student = await office.register("student", name)
            path = f"/api/v1/classes/{full['id']}/waiting-list"
            answered(await office.staff.post(path, json={"student_id": str(student)}), 201)
        lines = {line["class_name"]: line for line in await report(office.staff, UTILISATION)}
        assert set(lines) == {"Chess", "Full", "Owls"}
        assert [lines["Full"][name] for name in ("enrolled", "offered", "waiting", "free")] == [1, 0, 2, 0]
        owls = lines["Owls"]
        assert [owls[name] for name in ("capacity", "enrolled", "free", "seats_rate")] == [6, 2, 4, 0.3333]
        assert owls["meetings"] + owls["meetings_ahead"] == 8
        assert [owls[name] for name in ("meetings_held", "meetings_cancelled", "attendance_rate")] == [2, 0, 0.5]

    async def test_a_period_narrows_the_meetings_down(self, term: Term) -> None:
        days = {"from": FIRST_OF_A_MONTH.isoformat(), "to": FIRST_OF_A_MONTH.isoformat()}
        [owls] = await report(term.office.instructor, UTILISATION, **days)
        assert (owls["meetings"], owls["meetings_held"], owls["meetings_ahead"]) == (1, 1, 0)
        assert counts(owls) == (1, 0, 1, 0)

    async def test_classes_are_narrowed_down_as_in_their_list(self, term: Term) -> None:
        found = await report(term.office.staff, UTILISATION, q="che", status="active", type="private")
        assert [line["class_name"] for line in found] == ["Chess"]

    async def test_it_is_not_for_students(self, term: Term) -> None:
        assert refused(await term.office.student(term.sam).get(UTILISATION)) == (403, "role_required")
