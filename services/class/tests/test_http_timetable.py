"""Timetables, substitutes and holidays over HTTP."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, answered, refused
from babyowl_chassis.unit_of_work import VersionConflict
from babyowl_kernel import Clock, NewId
from class_management import bootstrap
from class_management.application.commands.observe_holiday import ObserveHoliday, observe_holiday
from class_management.application.handlers import HANDLERS
from class_management.application.ports import UnitOfWork

from .office import YESTERDAY, Office

pytestmark = pytest.mark.infra

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def contended(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Classes whose holidays nobody gets to observe, others being always first; ask for it before the service."""
    contended: list[UUID] = []

    async def observe_or_lose(command: ObserveHoliday, uow: UnitOfWork, clock: Clock, new_id: NewId) -> Any:
        if command.class_id in contended:
            raise VersionConflict("somebody is at it")
        return await observe_holiday(command, uow, clock, new_id)

    monkeypatch.setattr(bootstrap, "HANDLERS", {**HANDLERS, ObserveHoliday: observe_or_lose})
    return contended


@pytest.fixture
async def office(served: Serving) -> Office:
    return await Office.open(served)


def of(class_: dict[str, Any], number: int | None = None) -> str:
    """The path of a class, or of a meeting of it."""
    path = f"/api/v1/classes/{class_['id']}"
    return path if number is None else f"{path}/meetings/{class_['meetings'][number - 1]['id']}"


async def series(office: Office, class_: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = answered(await office.staff.get(f"{of(class_)}/meetings", params=params))["items"]
    return items


async def declared(office: Office, first: date, last: date) -> dict[str, Any]:
    body = {"name": "Winter break", "first_date": first.isoformat(), "last_date": last.isoformat()}
    return answered(await office.staff.post("/api/v1/holidays", json=body), 201)


class TestSeries:
    async def test_a_series_is_read_page_by_page_and_through_a_window(self, office: Office) -> None:
        class_ = await office.planned()
        path, seen = f"{of(class_)}/meetings", []
        first = answered(await office.staff.get(path, params={"limit": 5}))
        rest = answered(await office.staff.get(path, params={"limit": 5, "cursor": first["next_cursor"]}))
        seen = [item["number"] for item in first["items"] + rest["items"]]
        assert (seen, rest["next_cursor"]) == (list(range(1, 9)), None)
        second, fourth = (class_["meetings"][n]["starts_at"] for n in (1, 3))
        window = await series(office, class_, **{"from": second, "to": fourth})
        assert [item["number"] for item in window] == [2, 3]

    async def test_one_meeting_tells_who_teaches_it(self, office: Office) -> None:
        class_, [student] = await office.running("Sam")
        shown = answered(await office.student(student).get(of(class_, 2)))
        assert (shown["number"], shown["instructor_name"], shown["status"]) == (2, "Ina Instructor", "planned")
        elsewhere = f"{of(class_)}/meetings/{new_id()}"
        assert refused(await office.staff.get(elsewhere)) == (404, "meeting_not_found")


class TestChanging:
    async def test_a_moved_meeting_shows_where_it_is_now(self, office: Office) -> None:
        class_ = await office.planned()
        day = YESTERDAY + WEEK + DAY
        body = {"local_date": day.isoformat(), "local_time": "09:15", "duration_minutes": 90}
        moved = answered(await office.staff.patch(of(class_, 2), json=body))
        assert (moved["local_date"], moved["local_time"], moved["sequence"]) == (day.isoformat(), "09:15", 1)
        assert (await series(office, class_))[1]["id"] == moved["id"]
        assert answered(await office.staff.get(of(class_)))["next_meeting"] == moved

    async def test_a_cancelled_meeting_names_its_replacement_also_when_asked_again(self, office: Office) -> None:
        class_ = await office.planned()
        path, key = f"{of(class_, 2)}/cancellation", {"Idempotency-Key": "snow-1"}
        first, again = [
            answered(await office.staff.post(path, json={"reason": "Snow"}, headers=key)) for _ in range(2)
        ]
        assert first == again
        assert (first["meeting"]["status"], first["meeting"]["cancel_reason"]) == ("cancelled", "Snow")
        assert first["replacement"]["number"] == 9
        shown = await series(office, class_)
        assert [item["status"] for item in shown] == ["planned", "cancelled", *["planned"] * 7]
        detail = answered(await office.staff.get(of(class_)))
        assert (detail["total_meetings"], detail["next_meeting"]["number"]) == (8, 3)
        ahead = answered(await office.instructor.get("/api/v1/meetings"))["items"]
        assert [item["number"] for item in ahead] == list(range(3, 10))
        refusal = await office.staff.post(f"{of(class_, 2)}/cancellation", json={"reason": "Snow"})
        assert refused(refusal) == (409, "meeting_is_off")

    async def test_who_moves_a_cancelled_meeting_is_told_that_it_is_cancelled_and_nothing_of_marks(
        self, office: Office
    ) -> None:
        class_ = await office.planned()
        answered(await office.staff.post(f"{of(class_, 2)}/cancellation", json={"reason": "Snow"}))
        refusal = await office.staff.patch(of(class_, 2), json={"duration_minutes": 45})
        assert (refusal.status_code, refusal.json()["detail"]) == (409, "The meeting is cancelled.")

    async def test_a_series_may_be_left_shorter(self, office: Office) -> None:
        class_ = await office.planned()
        body = {"reason": "Snow", "replace": False}
        assert answered(await office.staff.post(f"{of(class_, 2)}/cancellation", json=body))["replacement"] is None
        assert answered(await office.staff.get(of(class_)))["total_meetings"] == 7

    async def test_a_class_follows_another_rhythm_from_a_day_on(self, office: Office) -> None:
        class_, _ = await office.running("Sam")
        from_date = YESTERDAY + 2 * WEEK
        body = {
            "from_date": from_date.isoformat(),
            "local_time": "08:00",
            "weekdays": [from_date.isoweekday() % 7 + 1],
            "duration_minutes": 45,
        }
        answer = answered(await office.staff.put(f"{of(class_)}/schedule", json=body))
        assert (answer["meetings_moved"], answer["schedule"]["local_time"]) == (6, "08:00")
        assert [item["local_date"] for item in await series(office, class_)] == [
            (YESTERDAY + n * WEEK + (n > 1) * DAY).isoformat() for n in range(8)
        ]
        again = answered(await office.staff.put(f"{of(class_)}/schedule", json=body))
        assert again["meetings_moved"] == 0

    async def test_a_double_booking_names_the_class_and_the_meeting_in_the_way(self, office: Office) -> None:
        class_ = await office.planned()
        answer = await office.staff.post("/api/v1/classes", json=office.plan())
        assert refused(answer) == (409, "instructor_double_booked")
        problem = answer.json()
        assert (problem["class_id"], problem["meeting_id"]) == (class_["id"], class_["meetings"][0]["id"])
        assert problem["instructor_id"] == str(office.instructor_id)

    async def test_a_marked_meeting_stays(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam")
        mark = f"{of(class_, 1)}/attendance/{sam}"
        answered(await office.instructor.put(mark, json={"status": "absent"}))
        for answer in (
            await office.staff.patch(of(class_, 1), json={"local_time": "09:00"}),
            await office.staff.post(f"{of(class_, 1)}/cancellation", json={"reason": "Snow"}),
        ):
            assert refused(answer) == (409, "meeting_already_marked")

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"local_time": "25:00"}, "invalid_input"),
            ({"duration_minutes": 14}, "invalid_input"),
            ({"local_date": "2027-02-30"}, "invalid_input"),
            ({"colour": "red"}, "invalid_input"),
            ({"local_date": "9999-12-31"}, "date_out_of_reach"),
            ({"local_date": "0001-01-01"}, "date_out_of_reach"),
        ],
    )
    async def test_a_move_that_makes_no_sense_is_refused(
        self, office: Office, body: dict[str, Any], code: str
    ) -> None:
        class_ = await office.planned()
        assert refused(await office.staff.patch(of(class_, 2), json=body)) == (422, code)

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    @pytest.mark.parametrize("weekdays", [[], [4], [1, 2, 3, 4, 5, 6, 7]])
    async def test_a_rhythm_from_the_ends_of_the_calendar_is_refused(
        self, office: Office, day: str, weekdays: list[int]
    ) -> None:
        class_ = await office.planned()
        body = {"from_date": day, "local_time": "16:00", "weekdays": weekdays}
        assert refused(await office.staff.put(f"{of(class_)}/schedule", json=body)) == (422, "date_out_of_reach")


class TestWhoHasSeenWhat:
    async def test_the_etag_of_a_class_changes_with_its_timetable(self, office: Office) -> None:
        class_ = await office.planned()
        seen = (await office.staff.get(of(class_))).headers["etag"]
        day = (YESTERDAY + 9 * DAY).isoformat()
        answered(await office.staff.patch(of(class_, 2), json={"local_date": day}))
        assert (await office.staff.get(of(class_))).headers["etag"] != seen
        stale = await office.staff.patch(of(class_), json={"name": "Late"}, headers={"If-Match": seen})
        assert refused(stale) == (412, "stale_version")

    async def test_another_rhythm_names_the_version_of_the_class_it_replaces(self, office: Office) -> None:
        class_ = await office.planned()
        path, body = f"{of(class_)}/schedule", {"from_date": YESTERDAY.isoformat(), "local_time": "16:00"}
        seen = {"If-Match": (await office.staff.get(of(class_))).headers["etag"]}
        first = await office.staff.put(path, json=body, headers=seen)
        answered(first)
        assert first.headers["etag"] == (await office.staff.get(of(class_))).headers["etag"] != seen["If-Match"]
        later = body | {"local_time": "17:00"}
        assert refused(await office.staff.put(path, json=later, headers=seen)) == (412, "stale_version")
        answered(await office.staff.put(path, json=later, headers={"If-Match": first.headers["etag"]}))
        answered(await office.staff.put(path, json=body))

    async def test_a_move_names_the_sequence_of_the_meeting_alone(self, office: Office) -> None:
        class_ = await office.planned()
        seen = {"If-Match": (await office.staff.get(of(class_, 2))).headers["etag"]}
        answered(await office.staff.patch(of(class_, 3), json={"duration_minutes": 30}))
        first = await office.staff.patch(of(class_, 2), json={"duration_minutes": 30}, headers=seen)
        assert (answered(first)["sequence"], first.headers["etag"]) == (1, '"1"')
        stale = await office.staff.patch(of(class_, 2), json={"duration_minutes": 45}, headers=seen)
        assert refused(stale) == (412, "stale_version")
        answered(await office.staff.patch(of(class_, 2), json={"duration_minutes": 45}))


class TestSubstitutes:
    async def test_a_substitute_sees_the_class_and_marks_that_meeting_and_no_other(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam")
        otto_id = await office.register("instructor", "Otto Other")
        otto, path = office.served.as_("instructor", otto_id), f"{of(class_, 1)}/substitute"
        assert refused(await otto.get(of(class_))) == (404, "class_not_found")
        shown = answered(await office.staff.put(path, json={"instructor_id": str(otto_id)}))
        assert (shown["instructor_id"], shown["substitute_id"]) == (str(otto_id), str(otto_id))
        for readable in ("", "/meetings", "/roster", "/attendance"):
            answered(await otto.get(of(class_) + readable))
        answered(await otto.put(f"{of(class_, 1)}/attendance/{sam}", json={"status": "present"}))
        elsewhere = await otto.put(f"{of(class_, 2)}/attendance/{sam}", json={"status": "present"})
        assert refused(elsewhere) == (403, "not_your_class")
        assert (await series(office, class_))[0]["instructor_name"] == "Otto Other"
        answered(await office.staff.delete(path))
        assert refused(await otto.get(of(class_))) == (404, "class_not_found")

    async def test_a_substitute_has_the_meeting_among_theirs_and_the_instructor_no_longer(
        self, office: Office
    ) -> None:
        class_ = await office.planned(total_meetings=3)
        otto_id = await office.register("instructor", "Otto Other")
        answered(await office.staff.put(f"{of(class_, 2)}/substitute", json={"instructor_id": str(otto_id)}))
        for client, numbers in ((office.served.as_("instructor", otto_id), [2]), (office.instructor, [3])):
            items = answered(await client.get("/api/v1/meetings"))["items"]
            assert [item["number"] for item in items] == numbers

    async def test_whom_nobody_has_heard_of_is_asked_for_first(self, office: Office) -> None:
        class_ = await office.planned()
        answer = await office.staff.put(f"{of(class_, 2)}/substitute", json={"instructor_id": str(new_id())})
        assert refused(answer) == (503, "unavailable")


class TestHolidays:
    async def test_a_holiday_lists_the_meetings_it_hits_and_its_observance_moves_them(self, office: Office) -> None:
        one, other = [await office.planned(total_meetings=3) for _ in range(2)]
        day = YESTERDAY + WEEK
        holiday = await declared(office, day, day + 3 * DAY)
        path = f"/api/v1/holidays/{holiday['id']}"
        assert holiday["meetings_hit"] == 2
        hit = answered(await office.staff.get(f"{path}/meetings"))["items"]
        assert [(item["class_id"], item["number"]) for item in hit] == [(one["id"], 2), (other["id"], 2)]
        for moved in (2, 0):
            done = answered(await office.staff.post(f"{path}/observance"))
            assert done == {"meetings_moved": moved, "refused": [], "classes_left": 0, "next_cursor": None}
        assert answered(await office.staff.get(f"{path}/meetings"))["items"] == []
        for client, count in ((office.staff, 0), (office.instructor, None)):
            [shown] = answered(await client.get("/api/v1/holidays"))["items"]
            assert shown == holiday | {"meetings_hit": count}
        for class_ in (one, other):
            assert [item["number"] for item in await series(office, class_)] == [1, 3, 2]

    async def test_an_observance_comes_to_so_many_classes_a_round_and_says_how_many_are_left(
        self, office: Office
    ) -> None:
        for _ in range(5):
            await office.planned(total_meetings=2)
        day = YESTERDAY + WEEK
        holiday = await declared(office, day, day + 3 * DAY)
        assert holiday["meetings_hit"] == 5
        path = f"/api/v1/holidays/{holiday['id']}/observance"
        params: dict[str, Any] = {"limit": 2}
        for left in (3, 1, 0):
            done = answered(await office.staff.post(path, params=params))
            assert (done["meetings_moved"], done["classes_left"]) == (min(2, left + 1), left)
            assert (done["next_cursor"] is None) is (left == 0)
            params["cursor"] = done["next_cursor"]
        assert answered(await office.staff.get(path.replace("observance", "meetings")))["items"] == []

    async def test_a_class_that_everybody_is_changing_does_not_keep_the_others_from_observing_a_holiday(
        self, contended: list[UUID], office: Office
    ) -> None:
        classes = [await office.planned(total_meetings=2) for _ in range(3)]
        contended.append(min(UUID(class_["id"]) for class_ in classes))
        day = YESTERDAY + WEEK
        holiday = await declared(office, day, day + 3 * DAY)
        path = f"/api/v1/holidays/{holiday['id']}/observance"
        done = answered(await office.staff.post(path))
        assert (done["meetings_moved"], done["classes_left"]) == (2, 0)
        [busy] = done["refused"]
        assert (busy["class_id"], busy["code"]) == (str(contended.pop()), "busy")
        assert answered(await office.staff.post(path))["meetings_moved"] == 1

    async def test_holidays_ahead_come_soonest_first(self, office: Office) -> None:
        made = [(await declared(office, YESTERDAY + n * WEEK, YESTERDAY + n * WEEK))["id"] for n in (3, 0, 2, 1)]
        first = answered(await office.staff.get("/api/v1/holidays", params={"limit": 2}))
        rest = answered(await office.staff.get("/api/v1/holidays", params={"cursor": first["next_cursor"]}))
        assert [item["id"] for item in first["items"] + rest["items"]] == [made[3], made[2], made[0]]
        everything = answered(await office.staff.get("/api/v1/holidays", params={"from": YESTERDAY.isoformat()}))
        assert everything["items"][0]["id"] == made[1]

    async def test_a_withdrawn_holiday_is_gone(self, office: Office) -> None:
        holiday = await declared(office, YESTERDAY + WEEK, YESTERDAY + WEEK)
        path = f"/api/v1/holidays/{holiday['id']}"
        assert (await office.staff.delete(path)).status_code == 204
        for answer in (
            await office.staff.delete(path),
            await office.staff.get(f"{path}/meetings"),
            await office.staff.post(f"{path}/observance"),
        ):
            assert refused(answer) == (404, "holiday_not_found")
        assert answered(await office.staff.get("/api/v1/holidays"))["items"] == []

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"name": " "}, "invalid_input"),
            ({"last_date": "soon"}, "invalid_input"),
            ({"last_date": (YESTERDAY - DAY).isoformat()}, "holiday_out_of_range"),
            ({"last_date": (YESTERDAY + timedelta(days=92)).isoformat()}, "holiday_out_of_range"),
            ({"first_date": "0001-01-01"}, "date_out_of_reach"),
        ],
    )
    async def test_a_holiday_that_makes_no_sense_is_refused(
        self, office: Office, changed: dict[str, str], code: str
    ) -> None:
        body = {"name": "Spring", "first_date": YESTERDAY.isoformat(), "last_date": YESTERDAY.isoformat()}
        assert refused(await office.staff.post("/api/v1/holidays", json=body | changed)) == (422, code)
