"""A meeting is marked; roster, grid and reports tell the office, the instructor and the student of it."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from babyowl_demo.academy import Person, expect
from babyowl_demo.story import Story

REPORTS = "/api/v1/reports"


@pytest.fixture
async def marked(story: Story) -> tuple[dict[str, Any], Person, Person]:
    """A private class that met an hour ago: one student was there, the other was not."""
    story.instructor = await story.welcome("Ines", "instructor")
    ada, ben = [await story.welcome(name, "student") for name in ("Ada", "Ben")]
    await story.a_course_is_written()
    begun = datetime.now(UTC) - timedelta(hours=1)
    plan = {
        "name": f"Readers {story.performance}",
        "course_id": story.course_id,
        "instructor_id": story.instructor.id,
        "type": "private",
        "capacity": 2,
        "total_meetings": 2,
        "schedule": {"time_zone": "UTC", "first_date": f"{begun:%Y-%m-%d}", "local_time": f"{begun:%H:%M}"},
    }
    planned = expect(await story.staff.asks("POST", "/api/v1/classes", plan), 201)
    class_ = f"/api/v1/classes/{planned['id']}"
    for student in (ada, ben):
        expect(await story.staff.asks("POST", f"{class_}/enrollments", {"student_id": student.id}), 201)
    expect(await story.staff.asks("POST", f"{class_}/activation"), 200)
    entries = [{"student_id": ada.id, "status": "present"}, {"student_id": ben.id, "status": "absent"}]
    register = f"{class_}/meetings/{planned['meetings'][0]['id']}/attendance"
    expect(await story.instructor.asks("PUT", register, {"entries": entries}), 200)
    return planned, ada, ben


async def test_what_was_marked_is_read_by_each_as_far_as_it_is_theirs(
    story: Story, marked: tuple[dict[str, Any], Person, Person]
) -> None:
    planned, ada, ben = marked
    class_, of_class = f"/api/v1/classes/{planned['id']}", {"class_id": planned["id"]}
    found = expect(await story.staff.asks("GET", "/api/v1/classes", params={"q": planned["name"]}), 200)
    assert [each["id"] for each in found["items"]] == [planned["id"]]
    roster = expect(await story.instructor.asks("GET", f"{class_}/roster"), 200)["items"]
    assert {line["student_id"]: (line["attendance_rate"], line["balance"]) for line in roster} == {
        ada.id: (1.0, 1),
        ben.id: (0.0, 2),
    }
    grid = expect(await ben.asks("GET", f"{class_}/attendance"), 200)
    assert [[mark["status"] for mark in line["marks"]] for line in grid["items"]] == [["absent"]]
    ahead = expect(await ada.asks("GET", "/api/v1/meetings"), 200)["items"]
    assert [(each["class_id"], each["part"]) for each in ahead] == [(planned["id"], "seat")]

    lines = expect(await story.instructor.asks("GET", f"{REPORTS}/attendance/classes", params=of_class), 200)
    assert [(line["present"], line["absent"], line["meetings_held"]) for line in lines["items"]] == [(1, 1, 1)]
    own = expect(await ada.asks("GET", f"{REPORTS}/attendance"), 200)["items"]
    assert [(line["student_id"], line["status"]) for line in own] == [(ada.id, "present")]
    expect(await ada.asks("GET", f"{REPORTS}/attendance", params={"student_id": ben.id}), 404)
    expect(await ada.asks("GET", f"{REPORTS}/utilisation"), 403, "role_required")


async def test_a_report_is_a_file_for_spreadsheets(
    story: Story, marked: tuple[dict[str, Any], Person, Person]
) -> None:
    planned, ada, ben = marked
    params = {"class_id": planned["id"], "format": "csv"}
    answer = await story.staff.asks("GET", f"{REPORTS}/attendance", params=params)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="attendance.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert {line["student_id"]: line["status"] for line in lines} == {ada.id: "present", ben.id: "absent"}
