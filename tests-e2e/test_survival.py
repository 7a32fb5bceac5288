"""Services die in the middle of an evening: what was answered stays, what was told arrives, once."""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import httpx

from babyowl_chassis.testing import eventually
from babyowl_demo.academy import expect
from babyowl_demo.story import MARKS, MEETINGS, Story

POINTS = {"present": 30, "late": 15, "absent": 0}


async def test_services_are_killed_while_attendance_is_marked(
    story: Story, ask_platform: Callable[[], dict[str, Any]]
) -> None:
    await story.people_arrive()
    await story.a_course_is_written()
    await story.a_class_fills()
    services = ask_platform()["services"]
    marking = asyncio.create_task(mark_everybody(story))
    for name in ("class", "gamification"):
        os.kill(services[name]["pid"], signal.SIGKILL)
    await marking

    async def points() -> bool:
        for name, status in MARKS.items():
            history = await story.students[name].asks("GET", "/api/v1/players/me/history", params={"limit": 100})
            lines = expect(history, 200)["items"]
            assert sum(line["amount"] for line in lines if line["source"]["kind"] == "meeting") == POINTS[status]
            # Being there for the first time is worth a badge, and may complete a quest.
            assert (await story.player(name))["total_xp"] == sum(line["amount"] for line in lines)
        return True

    await eventually(points, timeout=60, every=0.5)
    for name, status in MARKS.items():
        assert await story.balance(name) == MEETINGS - (status != "absent")
    assert all(service["ready"] for service in ask_platform()["services"].values())


async def mark_everybody(story: Story) -> None:
    """As a client that tries again when the service is away; the mark is idempotent, so that it may."""
    for name, status in MARKS.items():

        async def marked(name: str = name, status: str = status) -> bool:
            answer = await story.mark(name, status)
            if answer.status_code == httpx.codes.OK:
                return True
            problem = answer.json()
            assert answer.status_code in (502, 503, 504), problem
            assert problem["code"]
            return False

        await eventually(marked, timeout=60, every=0.2)


async def test_the_event_log_of_the_office_tells_what_followed(story: Story) -> None:
    person = await story.welcome("Nora", "student")
    events = await story.admin.asks("GET", "/api/v1/operations/identity/events", params={"subject": person.id})
    types = [event["type"] for event in expect(events, 200)["items"]]
    assert types[:2] == ["identity.UserRegistered.v1", "identity.EmailVerificationRequested.v1"]
    assert "identity.UserVerified.v1" in types
    refused = await person.asks("GET", "/api/v1/operations/identity/events")
    expect(refused, 403, "role_required")
