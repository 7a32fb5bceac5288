"""An absence that is made up for in another class: from the excuse to the ledger, as its student meets it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from babyowl_demo.academy import Person, expect
from babyowl_demo.story import Story

CALLED_OFF = "Your make-up meeting does not take place"


@dataclass
class Week:
    """A class that meets tomorrow, and another of the same course, about to begin, where a seat is free."""

    story: Story
    home: dict[str, Any]
    host: dict[str, Any]
    ada: Person

    @property
    def path(self) -> str:
        return f"/api/v1/classes/{self.home['id']}"

    async def excused(self) -> str:
        """Ada will not come tomorrow; the voucher for it."""
        meeting = f"{self.path}/meetings/{self.home['meetings'][0]['id']}"
        expect(await self.ada.asks("POST", f"{meeting}/excuse", {"reason": "A birthday"}), 201)
        [voucher] = expect(await self.ada.asks("GET", "/api/v1/vouchers"), 200)["items"]
        assert voucher["status"] == "open"
        return f"/api/v1/vouchers/{voucher['id']}"

    async def found(self, voucher: str) -> list[dict[str, str]]:
        """The meetings it can be used for, as bookings."""
        found = expect(await self.ada.asks("GET", f"{voucher}/meetings"), 200)["items"]
        return [{"class_id": meeting["class_id"], "meeting_id": meeting["id"]} for meeting in found]

    async def statement(self) -> Any:
        return expect(await self.ada.asks("GET", f"{self.path}/credits/{self.ada.id}"), 200)


@pytest.fixture
async def week(story: Story) -> Week:
    story.instructor = await story.welcome("Ines", "instructor")
    ada = await story.welcome("Ada", "student")
    await story.a_course_is_written()
    now = datetime.now(UTC)
    classes = []
    for name, start in (("home", now + timedelta(days=1)), ("host", now + timedelta(minutes=8))):
        plan = {
            "name": f"At {name} {story.performance}",
            "course_id": story.course_id,
            "instructor_id": story.instructor.id,
            "type": "private",
            "capacity": 1,
            "total_meetings": 3,
            "schedule": {"time_zone": "UTC", "first_date": f"{start:%Y-%m-%d}", "local_time": f"{start:%H:%M}"},
        }
        planned = expect(await story.staff.asks("POST", "/api/v1/classes", plan), 201)
        expect(await story.staff.asks("POST", f"/api/v1/classes/{planned['id']}/activation"), 200)
        classes.append(planned)
    home, host = classes
    enrollments = f"/api/v1/classes/{home['id']}/enrollments"
    expect(await story.staff.asks("POST", enrollments, {"student_id": ada.id}), 201)
    return Week(story, home, host, ada)


async def test_a_student_excuses_herself_comes_elsewhere_and_pays_at_home(week: Week) -> None:
    ada, instructor = week.ada, week.story.instructor
    voucher = await week.excused()
    first, second, _ = await week.found(voucher)
    expect(await ada.asks("POST", f"{voucher}/booking", second), 201)
    expect(await ada.asks("POST", f"{voucher}/booking", first), 409, "voucher_not_open")
    expect(await ada.asks("DELETE", f"{voucher}/booking"), 200)
    expect(await ada.asks("POST", f"{voucher}/booking", first), 201)
    assert (await week.statement())["balance"] == 3
    upcoming = expect(await ada.asks("GET", "/api/v1/meetings"), 200)["items"]
    assert first["meeting_id"] in [meeting["id"] for meeting in upcoming]

    mark = f"/api/v1/classes/{first['class_id']}/meetings/{first['meeting_id']}/attendance/{ada.id}"
    marked = expect(await instructor.asks("PUT", mark, {"status": "present"}), 200)
    assert (marked["guest"], marked["balance"]) == (True, None)
    expect(await ada.asks("DELETE", f"{voucher}/booking"), 409, "voucher_not_open")
    [used] = expect(await ada.asks("GET", "/api/v1/vouchers"), 200)["items"]
    assert used["status"] == "used"
    statement = await week.statement()
    assert sum(line["amount"] for line in statement["items"]) == statement["balance"] == 2


async def test_a_meeting_that_is_called_off_gives_seat_and_credit_back_and_says_so(week: Week) -> None:
    ada, staff = week.ada, week.story.staff
    voucher = await week.excused()
    [_, second, _] = await week.found(voucher)
    expect(await ada.asks("POST", f"{voucher}/booking", second), 201)
    meeting = f"/api/v1/classes/{second['class_id']}/meetings/{second['meeting_id']}"
    expect(await staff.asks("POST", f"{meeting}/cancellation", {"reason": "Snow"}), 200)
    [reopened] = expect(await ada.asks("GET", "/api/v1/vouchers"), 200)["items"]
    assert (reopened["status"], reopened["booking"]) == ("open", None)
    assert len(await week.found(voucher)) == 2
    assert "/vouchers" in await week.story.mailbox.letter_to(ada.account.email, about=CALLED_OFF)
