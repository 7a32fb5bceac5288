"""The service over HTTP: what it answers, and to whom."""

from datetime import timedelta
from typing import Any

import pytest

from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.testing import Serving, answered, refused
from babyowl_contracts.class_ import ClassCreated, StudentEnrolled

from .office import YESTERDAY, Office

pytestmark = pytest.mark.infra


@pytest.fixture
async def office(served: Serving) -> Office:
    return await Office.open(served)


class TestClasses:
    async def test_a_planned_class_shows_its_series(self, office: Office) -> None:
        response = await office.staff.post("/api/v1/classes", json=office.plan())
        planned = answered(response, 201)
        assert response.headers["location"] == f"/api/v1/classes/{planned['id']}"
        assert response.headers["etag"] == '"1"'
        assert (planned["package"], planned["total_meetings"], planned["enrolled"]) == (8, 8, 0)
        assert planned["schedule"]["weekdays"] == [YESTERDAY.isoweekday()]
        shown = answered(await office.instructor.get(f"/api/v1/classes/{planned['id']}"))
        assert (shown["instructor_name"], shown["total_meetings"]) == ("Ina Instructor", 8)
        assert shown["next_meeting"] == planned["meetings"][1]
        assert "meetings" not in shown
        assert {name: shown[name] for name in planned.keys() & shown.keys()} == {
            name: planned[name] for name in planned.keys() & shown.keys()
        }
        series = answered(await office.instructor.get(f"/api/v1/classes/{planned['id']}/meetings"))["items"]
        assert [item.pop("instructor_name") for item in series] == ["Ina Instructor"] * 8
        assert series == planned["meetings"]

    async def test_the_same_request_again_plans_one_class(self, office: Office) -> None:
        headers = {"Idempotency-Key": "plan-1"}
        first = await office.staff.post("/api/v1/classes", json=office.plan(), headers=headers)
        again = await office.staff.post("/api/v1/classes", json=office.plan(), headers=headers)
        assert answered(first, 201) == answered(again, 201)
        assert len(await office.served.events(ClassCreated)) == 1
        other = await office.staff.post("/api/v1/classes", json=office.plan(capacity=2), headers=headers)
        assert refused(other) == (409, "idempotency_key_reused")

    async def test_a_name_is_kept_on_one_line(self, office: Office) -> None:
        class_ = await office.planned(name=" Night\n\n owls ")
        assert class_["name"] == "Night owls"
        body = {"name": "Day\u2028owls"}
        edited = answered(await office.staff.patch(f"/api/v1/classes/{class_['id']}", json=body))
        assert edited["name"] == "Day owls"

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"capacity": 0}, "invalid_input"),
            ({"capacity": 101}, "invalid_input"),
            ({"capacity": "six"}, "invalid_input"),
            ({"total_meetings": 201}, "invalid_input"),
            ({"name": " "}, "invalid_input"),
            ({"name": "o" * 121}, "invalid_input"),
            ({"name": "a\x00b"}, "invalid_input"),
            ({"name": "a\u202eb"}, "invalid_input"),
            ({"name": "a\x1b[31mb"}, "invalid_input"),
            ({"name": "\x1c"}, "invalid_input"),
            ({"type": "crowd"}, "invalid_input"),
            ({"zero_balance": "forgive"}, "invalid_input"),
            ({"colour": "red"}, "invalid_input"),
            ({"schedule": {"local_time": "16:00:30"}}, "invalid_input"),
            ({"schedule": {"local_time": "24:00"}}, "invalid_input"),
            ({"schedule": {"local_time": 57600}}, "invalid_input"),
            ({"schedule": {"local_time": "16:00+01:00"}}, "invalid_input"),
            ({"schedule": {"weekdays": [0]}}, "invalid_input"),
            ({"schedule": {"weekdays": [8]}}, "invalid_input"),
            ({"schedule": {"duration_minutes": 14}}, "invalid_input"),
            ({"schedule": {"time_zone": "Mars/Olympus"}}, "time_zone_unknown"),
            ({"schedule": {"first_date": "1999-01-01"}}, "date_out_of_reach"),
            ({"schedule": {"first_date": "9999-12-31"}}, "date_out_of_reach"),
            (
                {"schedule": {"weekdays": [(YESTERDAY.isoweekday() % 7) + 1]}},
                "first_date_off_schedule",
            ),
        ],
    )
    async def test_a_plan_that_makes_no_sense_is_refused(
        self, office: Office, changed: dict[str, Any], code: str
    ) -> None:
        body = office.plan()
        body = body | changed | {"schedule": body["schedule"] | changed.get("schedule", {})}
        assert refused(await office.staff.post("/api/v1/classes", json=body)) == (422, code)

    async def test_whom_nobody_has_heard_of_is_asked_for_and_an_absent_owner_is_no_refusal(
        self, office: Office
    ) -> None:
        for unknown in ({"instructor_id": str(new_id())}, {"course_id": str(new_id())}):
            response = await office.staff.post("/api/v1/classes", json=office.plan(**unknown))
            assert refused(response) == (503, "unavailable")

    async def test_an_edit_names_the_version_it_has_seen(self, office: Office) -> None:
        planned = await office.planned()
        path = f"/api/v1/classes/{planned['id']}"
        edited = await office.staff.patch(path, json={"total_meetings": 9}, headers={"If-Match": '"1"'})
        assert answered(edited)["package"] == 9 == answered(await office.staff.get(path))["total_meetings"]
        now = (await office.staff.get(path)).headers["etag"]
        assert (edited.headers["etag"], f'"{answered(edited)["version"]}"') == (now, now)
        stale = await office.staff.patch(path, json={"name": "Late"}, headers={"If-Match": '"1"'})
        assert refused(stale)[1] == "stale_version"

    async def test_everybody_lists_what_is_theirs(self, office: Office) -> None:
        mine, students = await office.running("Sam")
        others = await office.planned(instructor_id=str(await office.register("instructor", "Otto")))

        async def listed(client: Any, **params: str) -> set[str]:
            return {item["id"] for item in answered(await client.get("/api/v1/classes", params=params))["items"]}

        assert await listed(office.staff) == {mine["id"], others["id"]}
        assert await listed(office.staff, status="active") == {mine["id"]}
        assert await listed(office.staff, course_id=str(new_id())) == set()
        assert await listed(office.instructor) == {mine["id"]}
        assert await listed(office.student(students[0])) == {mine["id"]}
        assert await listed(office.student(new_id())) == set()

    async def test_a_list_goes_on_where_it_stopped(self, office: Office) -> None:
        planned = [(await office.planned())["id"] for _ in range(5)]
        seen: list[str] = []
        path: str | None = "/api/v1/classes?limit=2"
        while path:
            response = await office.staff.get(path)
            seen += [item["id"] for item in answered(response)["items"]]
            path = response.links["next"]["url"] if "next" in response.links else None
        assert seen == planned[::-1]

    @pytest.mark.parametrize("cursor", ["x", "W10", "WyJ1MDE5IiwiaTEiXQ"])
    async def test_a_cursor_of_another_list_is_refused(self, office: Office, cursor: str) -> None:
        response = await office.staff.get("/api/v1/classes", params={"cursor": cursor})
        assert refused(response) == (422, "invalid_cursor")

    async def test_a_private_class_meets_once_more(self, office: Office) -> None:
        class_, _ = await office.running(type="private", total_meetings=1)
        path = f"/api/v1/classes/{class_['id']}/meetings"
        body = {"local_date": YESTERDAY.isoformat(), "local_time": "18:15", "duration_minutes": 45}
        added = answered(await office.staff.post(path, json=body), 201)
        assert (added["number"], added["local_time"]) == (2, "18:15")

    async def test_my_meetings_ahead_come_soonest_first(self, office: Office) -> None:
        class_, [student] = await office.running("Sam", total_meetings=3)
        await office.planned(instructor_id=str(await office.register("instructor", "Otto")))
        for client in (office.instructor, office.student(student)):
            items = answered(await client.get("/api/v1/meetings"))["items"]
            assert [item["number"] for item in items] == [2, 3]
            assert {item["class_id"] for item in items} == {class_["id"]}
        assert len(answered(await office.staff.get("/api/v1/meetings"))["items"]) == 2 + 7
        assert answered(await office.student(new_id()).get("/api/v1/meetings"))["items"] == []


class TestEnrolling:
    async def test_a_seat_comes_with_credits_and_shows_on_the_roster(self, office: Office) -> None:
        class_ = await office.planned()
        student = await office.enroll(class_["id"], "Sam Student")
        [line] = answered(await office.instructor.get(f"/api/v1/classes/{class_['id']}/roster"))["items"]
        assert (line["student_id"], line["display_name"], line["balance"]) == (str(student), "Sam Student", 8)

    async def test_the_seventh_finds_it_full_and_the_eighth_finds_it_closed(self, office: Office) -> None:
        class_ = await office.planned()
        for number in range(6):
            await office.enroll(class_["id"], f"Student {number}")
        path = f"/api/v1/classes/{class_['id']}/enrollments"
        seventh = {"student_id": str(await office.register("student", "Seven"))}
        full = await office.staff.post(path, json=seventh)
        assert refused(full) == (409, "class_full")
        assert full.json()["capacity"] == 6
        answered(await office.staff.post(f"/api/v1/classes/{class_['id']}/activation"))
        assert refused(await office.staff.post(path, json=seventh)) == (409, "enrollment_closed")
        assert len(await office.served.events(StudentEnrolled)) == 6


class TestAttendance:
    async def test_marking_correcting_and_the_history_of_it(self, office: Office) -> None:
        class_, [sam, lea, abe] = await office.running("Sam", "Lea", "Abe")
        meeting = f"/api/v1/classes/{class_['id']}/meetings/{class_['meetings'][0]['id']}/attendance"
        entries = [
            {"student_id": str(student), "status": status}
            for student, status in ((sam, "present"), (lea, "late"), (abe, "absent"))
        ]
        register = answered(await office.instructor.put(meeting, json={"entries": entries}))
        assert {(item["student_id"], item["balance"]) for item in register["items"]} == {
            (str(sam), 7),
            (str(lea), 7),
            (str(abe), 8),
        }
        corrected = answered(
            await office.instructor.put(f"{meeting}/{sam}", json={"status": "absent", "reason": "Wrong Sam"})
        )
        assert (corrected["revision"], corrected["balance"]) == (2, 8)
        history = answered(await office.student(sam).get(f"{meeting}/{sam}"))["history"]
        assert [(h["previous_status"], h["status"], h["reason"], h["marked_by_name"]) for h in history] == [
            (None, "present", None, "Ina Instructor"),
            ("present", "absent", "Wrong Sam", "Ina Instructor"),
        ]

    async def test_a_refused_register_names_every_entry_in_the_way(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam")
        meeting = f"/api/v1/classes/{class_['id']}/meetings/{class_['meetings'][0]['id']}/attendance"
        stranger = str(new_id())
        entries = [{"student_id": str(sam), "status": "late"}, {"student_id": stranger, "status": "late"}]
        response = await office.instructor.put(meeting, json={"entries": entries})
        assert refused(response) == (409, "register_refused")
        [entry] = response.json()["entries"]
        assert (entry["student_id"], entry["code"]) == (stranger, "student_not_enrolled")

    async def test_a_meeting_ahead_cannot_be_marked(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam")
        path = f"/api/v1/classes/{class_['id']}/meetings/{class_['meetings'][1]['id']}/attendance/{sam}"
        response = await office.instructor.put(path, json={"status": "present"})
        assert refused(response) == (409, "meeting_in_the_future")

    async def test_a_mark_that_nobody_has_made_is_not_found(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam")
        path = f"/api/v1/classes/{class_['id']}/meetings/{class_['meetings'][0]['id']}/attendance/{sam}"
        assert refused(await office.instructor.get(path)) == (404, "attendance_not_marked")

    @pytest.mark.parametrize("entries", [[], [{"student_id": "x", "status": "present"}], "all"])
    async def test_a_register_that_makes_no_sense_is_refused(self, office: Office, entries: object) -> None:
        class_, _ = await office.running("Sam")
        path = f"/api/v1/classes/{class_['id']}/meetings/{class_['meetings'][0]['id']}/attendance"
        assert refused(await office.instructor.put(path, json={"entries": entries})) == (422, "invalid_input")

    async def test_a_student_sees_their_own_line_and_nobody_elses(self, office: Office) -> None:
        class_, [sam, lea] = await office.running("Sam", "Lea")
        base = f"/api/v1/classes/{class_['id']}"
        mark = f"{base}/meetings/{class_['meetings'][0]['id']}/attendance"
        for student in (sam, lea):
            answered(await office.instructor.put(f"{mark}/{student}", json={"status": "present"}))
        assert len(answered(await office.instructor.get(f"{base}/attendance"))["items"]) == 2
        [own] = answered(await office.student(sam).get(f"{base}/attendance"))["items"]
        assert (own["student_id"], own["marks"][0]["status"]) == (str(sam), "present")
        for path in (f"{mark}/{lea}", f"{base}/credits/{lea}"):
            assert refused(await office.student(sam).get(path)) == (404, "student_not_enrolled")

    async def test_who_is_no_instructor_any_more_sees_no_children_by_having_been_one(self, office: Office) -> None:
        running, [ana] = await office.running("Ana Student")
        demoted = office.student(office.instructor_id)
        of_class = f"/api/v1/classes/{running['id']}"
        for path in (of_class, f"{of_class}/attendance", f"{of_class}/unlocks", f"{of_class}/credits/{ana}"):
            answered(await office.instructor.get(path))
            assert refused(await demoted.get(path)) == (404, "class_not_found")

    async def test_the_grid_goes_on_where_it_stopped(self, office: Office) -> None:
        class_, students = await office.running("A", "B", "C")
        path = f"/api/v1/classes/{class_['id']}/attendance?limit=2"
        first = answered(await office.staff.get(path))
        rest = answered(await office.staff.get(path, params={"limit": 2, "cursor": first["next_cursor"]}))
        found = [line["student_id"] for line in first["items"] + rest["items"]]
        assert found == sorted(str(student) for student in students)


class TestCredits:
    async def test_a_balance_explains_itself_line_by_line(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam")
        base, day = f"/api/v1/classes/{class_['id']}", YESTERDAY.isoformat()
        mark = f"{base}/meetings/{class_['meetings'][0]['id']}/attendance/{sam}"
        answered(await office.instructor.put(mark, json={"status": "late"}))
        answered(await office.instructor.put(mark, json={"status": "absent"}))
        body = {"amount": -2, "reason": "Moved to another class"}
        left = answered(await office.staff.post(f"{base}/credits/{sam}/adjustments", json=body), 201)
        assert left == {"student_id": str(sam), "balance": 6}
        statement = answered(await office.student(sam).get(f"{base}/credits/{sam}"))
        assert statement["balance"] == 6
        assert [(line["explanation"], line["amount"], line["balance"]) for line in statement["items"]] == [
            ("Adjusted by the office: Moved to another class", -2, 6),
            (f"Corrected from late to absent for meeting 1 on {day}.", 1, 8),
            (f"Marked late for meeting 1 on {day}.", -1, 7),
            ("Enrolled with a package of 8 meetings.", 8, 8),
        ]

    async def test_a_cursor_beyond_every_line_begins_with_the_latest(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam")
        greatest = "WyJpOTIyMzM3MjAzNjg1NDc3NTgwNyJd"  # the list ["i9223372036854775807"]
        path = f"/api/v1/classes/{class_['id']}/credits/{sam}"
        assert len(answered(await office.staff.get(path, params={"cursor": greatest}))["items"]) == 1

    async def test_the_balance_of_any_moment(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam")
        path = f"/api/v1/classes/{class_['id']}/credits/{sam}"
        before = utc_now()
        answered(await office.staff.post(f"{path}/adjustments", json={"amount": 1, "reason": "Gift"}), 201)

        async def balance(moment: object) -> int:
            statement = answered(await office.staff.get(path, params={"as_of": str(moment)}))
            assert statement["balance"] == sum(line["amount"] for line in statement["items"])
            found: int = statement["balance"]
            return found

        assert await balance(utc_now().isoformat()) == 9
        assert await balance(before.isoformat()) == 8
        assert await balance((before - timedelta(days=1)).isoformat()) == 0

    @pytest.mark.parametrize("as_of", ["yesterday", "2027-01-01T00:00:00", "0001-01-01T00:00:00+14:00"])
    async def test_a_moment_has_a_zone_and_lies_in_this_century(self, office: Office, as_of: str) -> None:
        class_, [sam] = await office.running("Sam")
        path = f"/api/v1/classes/{class_['id']}/credits/{sam}"
        assert refused(await office.staff.get(path, params={"as_of": as_of})) == (422, "invalid_input")

    async def test_the_same_adjustment_sent_twice_counts_once(self, office: Office) -> None:
        class_, [sam] = await office.running("Sam")
        path = f"/api/v1/classes/{class_['id']}/credits/{sam}"
        for _ in range(2):
            response = await office.staff.post(
                f"{path}/adjustments",
                json={"amount": 1, "reason": "Gift"},
                headers={"Idempotency-Key": "gift-1"},
            )
            assert answered(response, 201)["balance"] == 9
        assert answered(await office.staff.get(path))["balance"] == 9
