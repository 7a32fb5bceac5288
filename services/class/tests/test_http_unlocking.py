"""Opening and closing lessons as an instructor does it, over HTTP; and what Learning is told about it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, answered, refused

from .office import Office

pytestmark = pytest.mark.infra


@pytest.fixture
async def office(served: Serving) -> Office:
    return await Office.open(served)


async def reached(office: Office, student_id: UUID, position: int) -> dict[str, Any]:
    """What Class answers Learning about the student and the lesson at this position."""
    params = {"student_id": str(student_id), "lesson_id": str(office.lessons[position - 1])}
    return answered(await office.served.as_service("access:read").get("/internal/v1/access", params=params))


def ids(office: Office, *positions: int) -> list[str]:
    return [str(office.lessons[position - 1]) for position in positions]


async def test_lessons_open_to_the_class_and_to_one(office: Office) -> None:
    class_, [sam, lea] = await office.running("Sam", "Lea")
    path = f"/api/v1/classes/{class_['id']}/unlocks"
    opened = answered(await office.instructor.post(path, json={"lesson_ids": ids(office, 1, 2)}))
    assert [item["lesson_id"] for item in opened["items"]] == ids(office, 1, 2)
    answered(await office.instructor.post(path, json={"lesson_ids": ids(office, 5), "student_id": str(sam)}))
    for viewer, params, positions in (
        (office.staff, {}, [1, 2, 5]),
        (office.instructor, {"student_id": str(lea)}, [1, 2]),
        (office.instructor, {"student_id": str(sam)}, [1, 2, 5]),
        (office.student(sam), {}, [1, 2, 5]),
        (office.student(lea), {}, [1, 2]),
        (office.student(lea), {"student_id": str(lea)}, [1, 2]),
    ):
        shown = answered(await viewer.get(path, params=params))["items"]
        assert sorted(item["position"] for item in shown) == positions
    assert refused(await office.student(lea).get(path, params={"student_id": str(sam)})) == (
        404,
        "student_not_enrolled",
    )
    for student, position, unlocked, for_class in (
        (sam, 5, True, False),
        (lea, 5, False, False),
        (lea, 1, True, True),
    ):
        assert await reached(office, student, position) == {
            "enrolled": True,
            "unlocked": unlocked,
            "class_id": class_["id"],
            "for_class": for_class,
        }


async def test_lessons_are_opened_up_to_one_and_closed_again(office: Office) -> None:
    class_, [sam] = await office.running("Sam")
    path = f"/api/v1/classes/{class_['id']}"
    key = {"Idempotency-Key": str(new_id())}
    up_to = {"up_to_lesson_id": ids(office, 4)[0]}
    opened = answered(await office.instructor.post(f"{path}/unlocks", json=up_to, headers=key))
    assert {item["lesson_id"] for item in opened["items"]} == set(ids(office, 1, 2, 3, 4))
    assert answered(await office.instructor.post(f"{path}/unlocks", json=up_to, headers=key)) == opened
    assert answered(await office.instructor.post(f"{path}/unlocks", json=up_to)) == {"items": []}

    closing = {"lesson_ids": ids(office, 3, 4)}
    closed = answered(await office.instructor.post(f"{path}/locks", json=closing))
    assert {item["lesson_id"] for item in closed["items"]} == set(ids(office, 3, 4))
    assert answered(await office.instructor.post(f"{path}/locks", json=closing)) == {"items": []}
    shown = answered(await office.student(sam).get(f"{path}/unlocks"))["items"]
    assert sorted(item["position"] for item in shown) == [1, 2]
    assert (await reached(office, sam, 2))["unlocked"]
    assert not (await reached(office, sam, 3))["unlocked"]


async def test_what_cannot_be_opened_or_closed_is_refused_by_its_name(office: Office) -> None:
    class_, [sam] = await office.running("Sam")
    path = f"/api/v1/classes/{class_['id']}"
    answered(await office.instructor.post(f"{path}/unlocks", json={"lesson_ids": ids(office, 1)}))
    for place, body, answer in (
        ("unlocks", {"lesson_ids": ids(office, 9)}, (409, "lesson_beyond_meetings")),
        ("unlocks", {"up_to_lesson_id": ids(office, 9)[0]}, (409, "lesson_beyond_meetings")),
        ("unlocks", {"lesson_ids": ids(office, 1), "student_id": str(new_id())}, (404, "student_not_enrolled")),
        ("locks", {"lesson_ids": ids(office, 1), "student_id": str(sam)}, (409, "lesson_open_to_all")),
        ("unlocks", {}, (422, "invalid_input")),
        ("unlocks", {"lesson_ids": ids(office, 1), "up_to_lesson_id": ids(office, 1)[0]}, (422, "invalid_input")),
        ("unlocks", {"lesson_ids": []}, (422, "invalid_input")),
        ("locks", {"lesson_ids": []}, (422, "invalid_input")),
        ("locks", {}, (422, "invalid_input")),
    ):
        assert refused(await office.instructor.post(f"{path}/{place}", json=body)) == answer
    staff = await office.staff.post(f"{path}/locks", json={"lesson_ids": ids(office, 1)})
    assert refused(staff) == (403, "role_required")


async def test_who_is_not_enrolled_has_no_access(office: Office) -> None:
    answer = await reached(office, new_id(), 1)
    assert answer == {"enrolled": False, "unlocked": False, "class_id": None, "for_class": False}


async def test_who_withdrew_reads_nothing_through_the_class_until_they_come_back(office: Office) -> None:
    class_, [sam] = await office.running("Sam", type="private")
    path = f"/api/v1/classes/{class_['id']}"
    answered(await office.instructor.post(f"{path}/unlocks", json={"lesson_ids": ids(office, 1)}))
    assert (await reached(office, sam, 1))["unlocked"]
    answered(await office.staff.post(f"{path}/enrollments/{sam}/withdrawal", json={}))
    assert await reached(office, sam, 1) == {
        "enrolled": False,
        "unlocked": False,
        "class_id": None,
        "for_class": False,
    }
    for_sam = {"lesson_ids": ids(office, 2), "student_id": str(sam)}
    refusal = refused(await office.instructor.post(f"{path}/unlocks", json=for_sam))
    assert refusal == (404, "student_not_enrolled")
    answered(await office.staff.post(f"{path}/enrollments", json={"student_id": str(sam)}), 201)
    assert (await reached(office, sam, 1))["unlocked"]


async def test_a_completed_class_keeps_open_what_it_had_opened(office: Office) -> None:
    class_, [sam] = await office.running("Sam")
    path = f"/api/v1/classes/{class_['id']}"
    answered(await office.instructor.post(f"{path}/unlocks", json={"lesson_ids": ids(office, 1)}))
    answered(await office.staff.post(f"{path}/completion", json={"cancel_remaining": True}))
    assert await reached(office, sam, 1) == {
        "enrolled": True,
        "unlocked": True,
        "class_id": class_["id"],
        "for_class": True,
    }
    closing = await office.instructor.post(f"{path}/locks", json={"lesson_ids": ids(office, 1)})
    assert refused(closing) == (409, "class_over")


async def test_a_substitute_opens_lessons_on_the_day(office: Office) -> None:
    substitute_id = await office.register("instructor", "Sue Substitute")
    # Where it is noon now, so that the day does not change under the test.
    zone = ZoneInfo(f"Etc/GMT{datetime.now(UTC).hour - 12:+d}")
    today = datetime.now(zone).date()
    schedule = {"time_zone": zone.key, "local_time": "20:00", "duration_minutes": 60}
    class_ = await office.planned(type="private", schedule=schedule | {"first_date": today.isoformat()})
    path = f"/api/v1/classes/{class_['id']}"
    substitute = office.served.as_("instructor", substitute_id)
    lessons = {"lesson_ids": ids(office, 1)}
    refusal = refused(await substitute.post(f"{path}/unlocks", json=lessons))
    assert refusal == (403, "only_the_instructor_unlocks")
    for meeting, day in zip(class_["meetings"], (0, 7), strict=False):
        assert meeting["local_date"] == (today + timedelta(days=day)).isoformat()
        body = {"instructor_id": str(substitute_id)}
        answered(await office.staff.put(f"{path}/meetings/{meeting['id']}/substitute", json=body))
    assert len(answered(await substitute.post(f"{path}/unlocks", json=lessons))["items"]) == 1
    assert len(answered(await substitute.post(f"{path}/locks", json=lessons))["items"]) == 1
    answered(await office.staff.delete(f"{path}/meetings/{class_['meetings'][0]['id']}/substitute"))
    refusal = refused(await substitute.post(f"{path}/unlocks", json=lessons))
    assert refusal == (403, "only_the_instructor_unlocks")
