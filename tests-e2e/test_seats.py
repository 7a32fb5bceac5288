"""Seats that are given up and taken again: what follows from it in all services, also when some of them die."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from babyowl_chassis.testing import eventually
from babyowl_demo.academy import Person, expect, until_refused
from babyowl_demo.story import Story

OFFER = "A seat has come free for you"
MEETINGS = 4


@dataclass
class Evening:
    """A private class with one seat, and two who would like to have it."""

    story: Story
    path: str
    ada: Person
    ben: Person

    @property
    def staff(self) -> Person:
        return self.story.staff

    @property
    def first_lesson(self) -> str:
        return f"/api/v1/lessons/{self.story.lessons[0]['id']}"

    async def enroll(self, student: Person) -> Any:
        answer = await self.staff.asks("POST", f"{self.path}/enrollments", {"student_id": student.id})
        return expect(answer, 201)

    async def withdraw(self, student: Person) -> None:
        expect(await self.staff.asks("POST", f"{self.path}/enrollments/{student.id}/withdrawal", {}), 200)


@pytest.fixture
async def evening(story: Story) -> Evening:
    story.instructor = await story.welcome("Ines", "instructor")
    ada, ben = await story.welcome("Ada", "student"), await story.welcome("Ben", "student")
    await story.a_course_is_written()
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    plan = {
        "name": f"Evening {story.performance}",
        "course_id": story.course_id,
        "instructor_id": story.instructor.id,
        "type": "private",
        "capacity": 1,
        "total_meetings": MEETINGS,
        "schedule": {"time_zone": "UTC", "first_date": tomorrow.isoformat(), "local_time": "17:00"},
    }
    class_id = expect(await story.staff.asks("POST", "/api/v1/classes", plan), 201)["id"]
    evening = Evening(story, f"/api/v1/classes/{class_id}", ada, ben)
    unlocks = {"lesson_ids": [story.lessons[0]["id"]]}
    expect(await story.instructor.asks("POST", f"{evening.path}/unlocks", unlocks), 200)
    await evening.enroll(ada)
    return evening


async def test_who_leaves_a_class_reads_nothing_and_stands_on_no_board_until_they_come_back(evening: Evening) -> None:
    ada, board = evening.ada, "/api/v1/leaderboards/all-time"
    expect(await ada.asks("GET", evening.first_lesson), 200)
    exercise = evening.story.lessons[0]["exercises"][0]["id"]
    expect(await ada.asks("PUT", f"/api/v1/exercises/{exercise}/completion"), 200)
    await eventually(lambda: answers_with(ada, board, 200), timeout=20)

    await evening.withdraw(ada)
    expect(await until_refused(ada, evening.first_lesson), 403, "not_enrolled")
    expect(await until_refused(ada, board), 403, "seat_required")
    assert expect(await ada.asks("GET", "/api/v1/players/me"), 200)["total_xp"] > 0

    await evening.enroll(ada)
    credits_left = expect(await ada.asks("GET", f"{evening.path}/credits/{ada.id}"), 200)
    assert (credits_left["balance"], credits_left["closed_at"]) == (MEETINGS, None)
    await eventually(lambda: answers_with(ada, evening.first_lesson, 200), timeout=20)
    await eventually(lambda: answers_with(ada, board, 200), timeout=20)


async def test_a_seat_is_offered_in_one_letter_though_services_die_meanwhile(
    evening: Evening, ask_platform: Callable[[], dict[str, Any]]
) -> None:
    ben, platform = evening.ben, ask_platform()
    expect(await evening.staff.asks("POST", f"{evening.path}/waiting-list", {"student_id": ben.id}), 201)
    os.kill(platform["services"]["notification"]["pid"], signal.SIGKILL)
    await evening.withdraw(evening.ada)
    os.kill(platform["services"]["class"]["pid"], signal.SIGKILL)

    letter = await evening.story.mailbox.letter_to(ben.account.email, about=OFFER)
    assert evening.path.rpartition("/")[2] in letter

    async def taken() -> bool:
        answer = await ben.asks("POST", f"{evening.path}/waiting-list/{ben.id}/acceptance")
        return answer.status_code == httpx.codes.CREATED

    await eventually(taken, timeout=60, every=0.2)
    expect(await evening.staff.asks("GET", f"{evening.path}/waiting-list"), 200)
    async with httpx.AsyncClient(base_url=platform["mailbox"], trust_env=False) as mailbox:
        messages = (await mailbox.get("/api/messages", params={"to": ben.account.email})).json()
    assert [message["subject"] for message in messages].count(OFFER) == 1


async def answers_with(person: Person, path: str, status: int) -> bool:
    return (await person.asks("GET", path)).status_code == status
