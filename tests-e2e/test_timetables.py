"""A term that does not go as planned: illness, snow and a holiday, as those meet them who teach and learn."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from babyowl_demo.academy import Person, expect
from babyowl_demo.story import Story

MEETINGS = 9
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass
class Term:
    """An active group that has met once, an hour ago, and goes on weekly."""

    story: Story
    planned: dict[str, Any]
    first_date: date
    ada: Person
    otto: Person

    @property
    def path(self) -> str:
        return f"/api/v1/classes/{self.planned['id']}"

    def meeting(self, number: int) -> str:
        return f"{self.path}/meetings/{self.planned['meetings'][number - 1]['id']}"

    async def weeks(self) -> list[tuple[int, int]]:
        """The numbers of the meetings that take place, each with the weeks that lie between it and the first."""
        series = expect(await self.ada.asks("GET", f"{self.path}/meetings"), 200)["items"]
        return [
            (item["number"], (date.fromisoformat(item["local_date"]) - self.first_date) // WEEK)
            for item in series
            if item["status"] == "planned"
        ]


@pytest.fixture
async def term(story: Story) -> Term:
    story.instructor = await story.welcome("Ines", "instructor")
    otto = await story.welcome("Otto", "instructor")
    ada = await story.welcome("Ada", "student")
    await story.a_course_is_written()
    begun = datetime.now(UTC) - timedelta(hours=1)
    plan = {
        "name": f"Timetable {story.performance}",
        "course_id": story.course_id,
        "instructor_id": story.instructor.id,
        "type": "group",
        "capacity": 1,
        "total_meetings": MEETINGS,
        "schedule": {"time_zone": "UTC", "first_date": f"{begun:%Y-%m-%d}", "local_time": f"{begun:%H:%M}"},
    }
    planned = expect(await story.staff.asks("POST", "/api/v1/classes", plan), 201)
    expect(await story.staff.asks("POST", "/api/v1/classes", plan), 409, "instructor_double_booked")
    path = f"/api/v1/classes/{planned['id']}"
    expect(await story.staff.asks("POST", f"{path}/enrollments", {"student_id": ada.id}), 201)
    expect(await story.staff.asks("POST", f"{path}/activation"), 200)
    return Term(story, planned, begun.date(), ada, otto)


async def test_a_substitute_teaches_one_meeting_and_then_has_no_more_to_do_with_the_class(term: Term) -> None:
    staff, otto = term.story.staff, term.otto
    mark = f"{term.meeting(1)}/attendance/{term.ada.id}"
    expect(await otto.asks("GET", term.path), 404, "class_not_found")
    expect(await otto.asks("PUT", mark, {"status": "present"}), 403, "not_your_class")
    expect(await staff.asks("PUT", f"{term.meeting(1)}/substitute", {"instructor_id": otto.id}), 200)
    expect(await otto.asks("GET", f"{term.path}/roster"), 200)
    expect(await otto.asks("GET", f"{term.path}/credits/{term.ada.id}"), 404, "class_not_found")
    assert expect(await otto.asks("PUT", mark, {"status": "present"}), 200)["balance"] is None
    assert expect(await staff.asks("PUT", mark, {"status": "present"}), 200)["balance"] == MEETINGS - 1
    expect(await otto.asks("PUT", f"{term.meeting(2)}/substitute", {"instructor_id": otto.id}), 403)
    expect(await staff.asks("DELETE", f"{term.meeting(1)}/substitute"), 200)
    expect(await otto.asks("GET", term.path), 404, "class_not_found")


async def test_a_group_meets_as_often_as_it_was_promised_whatever_comes_between(term: Term) -> None:
    staff = term.story.staff
    cancelled = await staff.asks("POST", f"{term.meeting(2)}/cancellation", {"reason": "Snow"})
    assert expect(cancelled, 200)["replacement"]["number"] == MEETINGS + 1
    third, eighth = term.first_date + 2 * WEEK + DAY, term.first_date + 7 * WEEK
    expect(await staff.asks("PATCH", term.meeting(3), {"local_date": third.isoformat()}), 200)
    holiday = {"name": "Winter break", "first_date": eighth.isoformat(), "last_date": eighth.isoformat()}
    declared = expect(await staff.asks("POST", "/api/v1/holidays", holiday), 201)
    path = f"/api/v1/holidays/{declared['id']}"
    try:
        hit = expect(await staff.asks("GET", f"{path}/meetings"), 200)["items"]
        assert (term.planned["id"], 8) in [(meeting["class_id"], meeting["number"]) for meeting in hit]
        expect(await term.ada.asks("POST", f"{path}/observance"), 403)
        assert expect(await staff.asks("POST", f"{path}/observance?limit=100"), 200)["refused"] == []
        assert [shown["id"] for shown in expect(await term.ada.asks("GET", "/api/v1/holidays"), 200)["items"]] == [
            declared["id"]
        ]
    finally:
        expect(await staff.asks("DELETE", path), 204)
    others = [(number, number - 1) for number in (1, 3, 4, 5, 6, 7)]
    assert await term.weeks() == [*others, (9, 8), (10, 9), (8, 10)]
    shown = expect(await term.ada.asks("GET", term.path), 200)
    assert (shown["total_meetings"], shown["next_meeting"]["number"]) == (MEETINGS, 3)
