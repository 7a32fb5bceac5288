"""Credits that are bought, spent, corrected and about to expire: what a student is told of each of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from babyowl_demo.academy import Person, expect
from babyowl_demo.story import Story

NOTE = "Came in an owl costume"


@pytest.fixture
async def lesson(story: Story) -> tuple[str, str, Person]:
    """A private class that met an hour ago, its meeting, and its only student."""
    story.instructor = await story.welcome("Ines", "instructor")
    ada = await story.welcome("Ada", "student")
    await story.a_course_is_written()
    begun = datetime.now(UTC) - timedelta(hours=1)
    plan = {
        "name": f"Credits {story.performance}",
        "course_id": story.course_id,
        "instructor_id": story.instructor.id,
        "type": "private",
        "capacity": 1,
        "total_meetings": 1,
        "schedule": {"time_zone": "UTC", "first_date": f"{begun:%Y-%m-%d}", "local_time": f"{begun:%H:%M}"},
    }
    planned = expect(await story.staff.asks("POST", "/api/v1/classes", plan), 201)
    class_ = f"/api/v1/classes/{planned['id']}"
    expect(await story.staff.asks("POST", f"{class_}/enrollments", {"student_id": ada.id}), 201)
    expect(await story.staff.asks("POST", f"{class_}/activation"), 200)
    return class_, planned["meetings"][0]["id"], ada


async def test_a_student_reads_why_a_balance_is_what_it_is_and_what_it_will_be(
    story: Story, lesson: tuple[str, str, Person]
) -> None:
    class_, meeting_id, ada = lesson
    mark, account = f"{class_}/meetings/{meeting_id}/attendance/{ada.id}", f"{class_}/credits/{ada.id}"
    until = datetime.now(UTC) + timedelta(days=30)
    purchase = {"amount": 4, "reference": "R-17", "expires_at": until.isoformat()}
    expect(await story.staff.asks("POST", f"{account}/purchases", purchase), 201)
    expect(await story.staff.asks("POST", f"{account}/purchases", purchase), 409, "purchase_already_recorded")
    expect(await ada.asks("POST", f"{account}/purchases", purchase), 403)

    expect(await story.instructor.asks("PUT", mark, {"status": "late", "note": NOTE}), 200)
    seen = expect(await ada.asks("GET", mark), 200)
    assert (seen["status"], seen["note"]) == ("late", NOTE)
    statement = await told(ada, account)
    assert [(lot["origin"], lot["remaining"]) for lot in statement["lots"]] == [("purchase", 3), ("package", 1)]
    correction = {"status": "absent", "reason": "It was her sister"}
    expect(await story.instructor.asks("PUT", mark, correction), 200)

    statement = await told(ada, account)
    assert [(line["cause"], line["amount"], line["balance"]) for line in statement["items"]] == [
        ("correction", 1, 5),
        ("attendance", -1, 4),
        ("purchase", 4, 5),
        ("package", 1, 1),
    ]
    assert all(line["explanation"] for line in statement["items"])
    ahead = await told(ada, account, as_of=until)
    assert (ahead["balance"], ahead["lapsing"]) == (1, 4)


async def told(student: Person, account: str, as_of: datetime | None = None) -> Any:
    params = None if as_of is None else {"as_of": as_of.isoformat()}
    return expect(await student.asks("GET", account, params=params), 200)
