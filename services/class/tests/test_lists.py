"""What lists and pages of the service show, and to whom."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, answered, refused

from .office import YESTERDAY, Office

pytestmark = pytest.mark.infra

CLASSES = "/api/v1/classes"
AUCKLAND = "Pacific/Auckland"


@pytest.fixture
async def office(served: Serving) -> Office:
    return await Office.open(served)


async def shown(client: httpx.AsyncClient, path: str = CLASSES, **params: Any) -> list[dict[str, Any]]:
    """All items, page after page."""
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        asked = params | {"limit": 2} | ({"cursor": cursor} if cursor else {})
        found = answered(await client.get(path, params=asked))
        items += found["items"]
        cursor = found["next_cursor"]
        if cursor is None:
            return items


async def names(client: httpx.AsyncClient, **params: Any) -> set[str]:
    return {item["name"] for item in await shown(client, **params)}


async def register(office: Office, class_: dict[str, Any], number: int, **statuses: tuple[UUID, str]) -> None:
    """Mark the students at the meeting of this number."""
    meeting = class_["meetings"][number - 1]["id"]
    entries = [{"student_id": str(student), "status": status} for student, status in statuses.values()]
    path = f"{CLASSES}/{class_['id']}/meetings/{meeting}/attendance"
    answered(await office.instructor.put(path, json={"entries": entries}))


class TestFilters:
    @pytest.fixture
    async def office(self, served: Serving) -> Office:
        office = await Office.open(served)
        for name in ("Monday Owls", "Owlets, small ones", "Python 3.5 for owls", "Chess"):
            await office.planned(name=name)
        return office

    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("owl", {"Monday Owls", "Owlets, small ones", "Python 3.5 for owls"}),
            ("OWLS", {"Monday Owls", "Python 3.5 for owls"}),
            ("owls mon", {"Monday Owls"}),
            ("wl", set()),
            ("3.5", {"Python 3.5 for owls"}),
            ("ones,", {"Owlets, small ones"}),
            ("owls chess", set()),
            ("  ", {"Monday Owls", "Owlets, small ones", "Python 3.5 for owls", "Chess"}),
            ("'", set()),
            ("\\", set()),
            ("owl' | chess:* & !x", set()),
            ("che%", {"Chess"}),
        ],
    )
    async def test_a_class_is_found_by_the_beginnings_of_its_words(
        self, office: Office, q: str, found: set[str]
    ) -> None:
        assert await names(office.staff, q=q) == found

    async def test_filters_narrow_down_together(self, office: Office) -> None:
        other = await office.register("instructor", "Otto Other")
        await office.planned(name="Private owls", type="private", instructor_id=str(other))
        await office.running(name="Running owls")
        assert await names(office.staff, type="private") == {"Private owls"}
        assert await names(office.staff, instructor_id=str(other)) == {"Private owls"}
        assert await names(office.staff, instructor_id=str(office.instructor_id), status="active") == {"Running owls"}
        assert await names(office.staff, q="owls", status="draft", course_id=str(office.course_id)) == {
            "Monday Owls",
            "Python 3.5 for owls",
            "Private owls",
        }
        assert await names(office.staff, course_id=str(new_id())) == set()
        assert "Private owls" not in await names(office.instructor, q="owls")

    async def test_the_classes_of_a_student_are_for_the_office_and_their_instructors(self, office: Office) -> None:
        _, [sam, zoe] = await office.running("Sam", "Zoe", name="Both")
        _, [tom] = await office.running("Tom", name="Tom's")
        assert await names(office.staff, student_id=str(sam)) == {"Both"}
        assert await names(office.instructor, student_id=str(tom)) == {"Tom's"}
        assert await names(office.served.as_("instructor"), student_id=str(sam)) == set()
        assert await names(office.student(sam), student_id=str(sam)) == {"Both"}
        answer = await office.student(sam).get(CLASSES, params={"student_id": str(zoe)})
        assert refused(answer) == (404, "student_not_enrolled")

    async def test_a_class_meets_on_the_day_of_its_own_calendar(self, office: Office) -> None:
        schedule = {
            "time_zone": AUCKLAND,
            "first_date": YESTERDAY.isoformat(),
            "local_time": "00:30",
            "duration_minutes": 60,
        }
        planned = await office.planned(name="Kiwis", schedule=schedule)
        first = planned["meetings"][0]
        in_utc = datetime.fromisoformat(first["starts_at"]).astimezone(UTC).date()
        assert in_utc == YESTERDAY - timedelta(days=1)
        assert "Kiwis" in await names(office.staff, meets_on=YESTERDAY.isoformat())
        assert "Kiwis" not in await names(office.staff, meets_on=in_utc.isoformat())

    @pytest.mark.parametrize(
        "params", [{"meets_on": "1999-12-31"}, {"meets_on": "9999-12-31"}, {"q": "o" * 101}, {"type": "crowd"}]
    )
    async def test_a_filter_that_makes_no_sense_is_refused(self, office: Office, params: dict[str, str]) -> None:
        assert refused(await office.staff.get(CLASSES, params=params)) == (422, "invalid_input")


class TestRoster:
    async def test_a_roster_says_how_everybody_is_getting_on(self, office: Office) -> None:
        begun = (YESTERDAY - timedelta(days=21)).isoformat()
        schedule = office.plan()["schedule"] | {"first_date": begun}
        class_, [sam, zoe] = await office.running("Sam", "Zoe", schedule=schedule)
        await register(office, class_, 1, sam=(sam, "present"), zoe=(zoe, "absent"))
        await register(office, class_, 2, sam=(sam, "late"), zoe=(zoe, "excused"))
        await register(office, class_, 3, sam=(sam, "absent"))
        [first, second] = answered(await office.instructor.get(f"{CLASSES}/{class_['id']}/roster"))["items"]
        assert first | {"student_id": str(sam), "display_name": "Sam"} == first
        assert [first[name] for name in ("present", "late", "absent", "excused")] == [1, 1, 1, 0]
        assert (first["attendance_rate"], first["balance"]) == (0.6667, 6)
        assert first["last_attended_at"] == class_["meetings"][1]["starts_at"]
        assert [second[name] for name in ("present", "late", "absent", "excused")] == [0, 0, 1, 1]
        assert (second["attendance_rate"], second["balance"], second["last_attended_at"]) == (0.0, 8, None)
        assert (first["open_vouchers"], second["open_vouchers"]) == (0, 1)

    async def test_who_was_never_marked_has_no_rate(self, office: Office) -> None:
        class_, _ = await office.running("Sam")
        [line] = answered(await office.staff.get(f"{CLASSES}/{class_['id']}/roster"))["items"]
        assert line["attendance_rate"] is None

    async def test_who_has_left_is_not_on_the_roster_but_still_holds_credits(self, office: Office) -> None:
        class_, [sam, zoe] = await office.running("Sam", "Zoe")
        path = f"{CLASSES}/{class_['id']}"
        answered(await office.staff.post(f"{path}/enrollments/{sam}/withdrawal", json={}))
        [line] = answered(await office.staff.get(f"{path}/roster"))["items"]
        assert line["student_id"] == str(zoe)
        balances = {item["student_id"]: item for item in await shown(office.staff, f"{path}/credits")}
        assert {student: item["balance"] for student, item in balances.items()} == {str(sam): 8, str(zoe): 8}
        assert balances[str(sam)]["closed_at"] is not None
        assert balances[str(zoe)]["closed_at"] is None


class TestGrid:
    async def test_a_grid_is_a_window_on_the_last_meetings_and_can_be_moved_back(self, office: Office) -> None:
        begun = (YESTERDAY - timedelta(days=28)).isoformat()
        schedule = office.plan()["schedule"] | {"first_date": begun}
        class_, [sam] = await office.running("Sam", schedule=schedule)
        for number, status in ((1, "present"), (2, "late"), (4, "absent")):
            await register(office, class_, number, sam=(sam, status))
        path = f"{CLASSES}/{class_['id']}/attendance"
        latest = answered(await office.instructor.get(path, params={"meetings": 3}))
        assert [meeting["number"] for meeting in latest["meetings"]] == [4, 5, 6]
        [line] = latest["items"]
        assert [(mark["number"], mark["status"]) for mark in line["marks"]] == [(4, "absent")]
        earlier = answered(
            await office.instructor.get(path, params={"meetings": 3, "before": latest["meetings"][0]["starts_at"]})
        )
        assert [meeting["number"] for meeting in earlier["meetings"]] == [1, 2, 3]
        [line] = earlier["items"]
        assert [(mark["number"], mark["status"]) for mark in line["marks"]] == [(1, "present"), (2, "late")]

    async def test_a_meeting_that_was_called_off_is_no_column(self, office: Office) -> None:
        class_, _ = await office.running("Sam")
        path = f"{CLASSES}/{class_['id']}"
        second = class_["meetings"][1]
        answered(await office.staff.post(f"{path}/meetings/{second['id']}/cancellation", json={"reason": "Storm"}))
        until = class_["meetings"][2]["ends_at"]
        grid = answered(await office.instructor.get(f"{path}/attendance", params={"before": until}))
        assert second["id"] not in [meeting["id"] for meeting in grid["meetings"]]

    async def test_who_has_left_stays_in_the_grid_where_they_were_marked(self, office: Office) -> None:
        class_, [sam, zoe] = await office.running("Sam", "Zoe")
        path = f"{CLASSES}/{class_['id']}"
        await register(office, class_, 1, sam=(sam, "present"))
        for student in (sam, zoe):
            answered(await office.staff.post(f"{path}/enrollments/{student}/withdrawal", json={}))
        [line] = await shown(office.instructor, f"{path}/attendance")
        assert (line["student_id"], line["guest"]) == (str(sam), False)

    @pytest.mark.parametrize("meetings", [0, 101, "many"])
    async def test_a_window_is_one_to_a_hundred_meetings(self, office: Office, meetings: int | str) -> None:
        class_ = await office.planned()
        answer = await office.staff.get(f"{CLASSES}/{class_['id']}/attendance", params={"meetings": meetings})
        assert refused(answer) == (422, "invalid_input")


class TestMeetingsAhead:
    async def test_what_somebody_is_to_a_meeting_stands_beside_it(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam", total_meetings=3)
        second = class_["meetings"][1]
        substitute = await office.register("instructor", "Susi Substitute")
        path = f"{CLASSES}/{class_['id']}/meetings/{second['id']}/substitute"
        answered(await office.staff.put(path, json={"instructor_id": str(substitute)}))

        async def parts(client: httpx.AsyncClient) -> list[tuple[int, str | None]]:
            ahead = await shown(client, "/api/v1/meetings")
            return [(item["number"], item["part"]) for item in ahead]

        ahead = [n for n, meeting in enumerate(class_["meetings"], 1) if n > 1 or _is_ahead(meeting)]
        assert await parts(office.student(sam)) == [(number, "seat") for number in ahead]
        assert await parts(office.served.as_("instructor", substitute)) == [(2, "substitute")]
        assert await parts(office.instructor) == [(number, "instructor") for number in ahead if number != 2]
        assert await parts(office.staff) == [(number, None) for number in ahead]

    async def test_a_booked_make_up_stands_among_my_meetings_and_in_the_grid_of_its_class(
        self, office: Office
    ) -> None:
        home, [sam] = await office.running("Sam", total_meetings=1)
        host, _ = await office.running("Zoe", name="Host", total_meetings=3)
        await register(office, home, 1, sam=(sam, "excused"))
        student, visited = office.student(sam), host["meetings"][1]
        [voucher] = await shown(student, "/api/v1/vouchers")
        booking = {"class_id": host["id"], "meeting_id": visited["id"]}
        answered(await student.post(f"/api/v1/vouchers/{voucher['id']}/booking", json=booking), 201)
        ahead = await shown(student, "/api/v1/meetings")
        assert [(item["id"], item["part"]) for item in ahead if item["class_id"] == host["id"]] == [
            (visited["id"], "guest")
        ]
        until = {"before": visited["ends_at"]}
        lines = await shown(office.instructor, f"{CLASSES}/{host['id']}/attendance", **until)
        assert {line["student_id"]: line["guest"] for line in lines}[str(sam)] is True

    async def test_who_has_left_has_no_meetings_ahead(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam")
        path = f"{CLASSES}/{class_['id']}/enrollments/{sam}/withdrawal"
        assert await shown(office.student(sam), "/api/v1/meetings")
        answered(await office.staff.post(path, json={}))
        assert await shown(office.student(sam), "/api/v1/meetings") == []


def _is_ahead(meeting: dict[str, Any]) -> bool:
    return datetime.fromisoformat(meeting["ends_at"]) > datetime.now(UTC)
