"""The rest of the term: a seat comes free, a meeting is moved, one is made up for, and the class ends."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babyowl_demo.academy import check, expect, until_refused
from babyowl_demo.story import LATE, MARKS, MEETINGS, PRESENT, TIME_ZONE, Story

SECOND_CLASS_MEETINGS = 4
MOVED = 2
"""The number of the meeting that is moved, and that Carla cannot come to."""

BEGINS_IN = timedelta(minutes=10)
"""The second class begins so soon: a guest can still book its first meeting, and its register is open already."""


@dataclass(slots=True)
class Term:
    """What happens to the class of the story after its first meeting, and to a second one beside it."""

    story: Story
    second: dict[str, Any] = field(default_factory=dict)

    async def play(self) -> None:
        """Every act of it."""
        await self.lessons_open_and_close()
        await self.a_seat_comes_free()
        await self.a_meeting_is_moved()
        await self.a_meeting_is_made_up_for()
        await self.the_class_ends()
        await self.the_office_takes_stock()

    async def lessons_open_and_close(self) -> None:
        """The instructor opens all lessons up to one, thinks better of the last, and Learning follows."""
        story, ada = self.story, self.story.students["Ada"]
        story.teller.act("Lessons open and close")
        third = story.lessons[2]["id"]
        answer = await story.instructor.asks("POST", f"{self._first}/unlocks", {"up_to_lesson_id": third})
        opened = expect(answer, 200)["items"]
        check(len(opened) == 2, f"the second lesson and the third were closed: {opened}")  # noqa: PLR2004
        await story.teller.tell("Ines unlocks all lessons up to the third", answer, then=("class.LessonUnlocked",))
        expect(await ada.asks("GET", f"/api/v1/lessons/{third}"), 200)
        answer = await story.instructor.asks("POST", f"{self._first}/locks", {"lesson_ids": [third]})
        expect(answer, 200)
        await story.teller.tell("Ines locks the third again", answer, then=("class.LessonLocked",))
        answer = await until_refused(ada, f"/api/v1/lessons/{third}")
        expect(answer, 403, "lesson_locked")
        await story.teller.tell("Ada tries lesson 3", answer)

    async def a_seat_comes_free(self) -> None:
        """The waiting list of a full class moves up by itself when somebody leaves; the e-mail is the real one."""
        story, staff = self.story, self.story.staff
        story.teller.act("A seat comes free")
        grace, hedy = story.students["Grace"], story.students["Hedy"]
        first = (datetime.now(UTC) + BEGINS_IN).astimezone(ZoneInfo(TIME_ZONE))
        answer = await staff.asks(
            "POST",
            "/api/v1/classes",
            {
                "name": f"Night owls {story.performance}",
                "course_id": story.course_id,
                "instructor_id": story.instructor.id,
                "type": "group",
                "capacity": 1,
                "total_meetings": SECOND_CLASS_MEETINGS,
                "schedule": {
                    "time_zone": TIME_ZONE,
                    "first_date": first.date().isoformat(),
                    "local_time": f"{first:%H:%M}",
                },
            },
        )
        self.second = expect(answer, 201)
        await story.teller.tell(
            "Staff plan a second class with one seat", answer, f"at {first:%H:%M}", then=("class.ClassCreated",)
        )
        answer = await staff.asks("POST", f"{self._second}/enrollments", {"student_id": grace.id})
        expect(answer, 201)
        await story.teller.tell("Staff enrol Grace", answer, then=("class.StudentEnrolled",))
        answer = await staff.asks("POST", f"{self._second}/waiting-list", {"student_id": hedy.id})
        check(expect(answer, 201)["offered_at"] is None, "nobody is offered a seat that is taken")
        await story.teller.tell("Staff put Hedy on the waiting list", answer, then=("class.WaitingListJoined",))
        answer = await staff.asks(
            "POST", f"{self._second}/enrollments/{grace.id}/withdrawal", {"reason": "She moves to another town."}
        )
        expect(answer, 200)
        await story.teller.tell(
            "Grace withdraws, and the list moves up by itself",
            answer,
            then=("class.StudentWithdrawn", "class.SeatOffered"),
        )
        letter = await story.mailbox.letter_to(hedy.account.email, about="A seat has come free for you")
        deadline = _kept_until(letter)
        check(self.second["id"] in letter, "the letter links to the class")
        [offer] = expect(await hedy.asks("GET", "/api/v1/seat-offers"), 200)["items"]
        kept = datetime.fromisoformat(offer["offer_expires_at"]).astimezone(ZoneInfo(TIME_ZONE))
        check(deadline == f"{kept:%Y-%m-%d %H:%M} ({TIME_ZONE})", f"the letter names {deadline}, the offer {kept}")
        story.teller.note(f"Hedy's letter: the seat is kept until {deadline}")
        answer = await hedy.asks("POST", f"{self._second}/waiting-list/{hedy.id}/acceptance")
        check(expect(answer, 201)["credits"] == SECOND_CLASS_MEETINGS, "an accepted seat comes with the package")
        await story.teller.tell("Hedy takes the seat", answer, then=("class.StudentEnrolled", "class.SeatOfferEnded"))
        answer = await staff.asks("PATCH", self._second, {"capacity": 2})
        expect(answer, 200)
        await story.teller.tell("Staff put a second chair into the room", answer, then=("class.ClassEdited",))
        answer = await staff.asks("POST", f"{self._second}/activation")
        expect(answer, 200)
        await story.teller.tell("Staff activate the second class", answer, then=("class.ClassActivated",))

    async def a_meeting_is_moved(self) -> None:
        """A meeting is held a day later, and the calendar that Ada subscribes to says so."""
        story = self.story
        story.teller.act("A meeting is moved")
        meeting = story.meetings[MOVED - 1]
        day = date.fromisoformat(meeting["local_date"]) + timedelta(days=1)
        answer = await story.staff.asks(
            "PATCH", f"{self._first}/meetings/{meeting['id']}", {"local_date": day.isoformat()}
        )
        moved = expect(answer, 200)
        await story.teller.tell(
            f"Staff move meeting {MOVED} by a day", answer, f"{day}", then=("class.MeetingMoved",)
        )
        answer = await story.students["Ada"].asks("POST", "/api/v1/calendar-link")
        link = expect(answer, 201)["url"]
        await story.teller.tell("Ada asks for a link to her calendar", answer, "a secret, shown once")
        # A calendar program brings nothing along but the link.
        answer = await story.gateway.get(link)
        check(answer.is_success, f"the link leads to {answer.status_code}")
        entries = _entries(answer.text)
        check(len(entries) == MEETINGS, f"the calendar shows {len(entries)} meetings")
        [entry] = [entry for entry in entries if moved["id"] in entry["UID"]]
        starts_at = datetime.fromisoformat(moved["starts_at"]).astimezone(ZoneInfo(TIME_ZONE))
        begins = f"{starts_at:%Y%m%dT%H%M%S}"
        check(entry[f"DTSTART;TZID={TIME_ZONE}"] == begins, f"the moved meeting begins at {begins}: {entry}")
        check(entry["SEQUENCE"] == "1", "a meeting that was changed once has the sequence 1")
        said = f"{len(entries)} meetings, one of them changed: DTSTART;TZID={TIME_ZONE}:{begins}"
        await story.teller.tell("Her calendar program follows it", answer, said)

    async def a_meeting_is_made_up_for(self) -> None:
        """An excused absence becomes a voucher, the voucher a seat in another class, and one credit pays for it."""
        story, carla = self.story, self.story.students["Carla"]
        story.teller.act("A meeting is made up for")
        before = await story.balance("Carla")
        missed = story.meetings[MOVED - 1]["id"]
        answer = await carla.asks("POST", f"{self._first}/meetings/{missed}/excuse", {"reason": "A school trip."})
        expect(answer, 201)
        await story.teller.tell(
            f"Carla excuses herself from meeting {MOVED}",
            answer,
            "in time",
            then=("class.AttendanceMarked", "class.MakeUpVoucherIssued"),
        )
        [voucher] = expect(await carla.asks("GET", "/api/v1/vouchers"), 200)["items"]
        answer = await carla.asks("GET", f"/api/v1/vouchers/{voucher['id']}/meetings")
        choices = expect(answer, 200)["items"]
        check(bool(choices) and {one["class_id"] for one in choices} == {self.second["id"]}, f"choices: {choices}")
        await story.teller.tell("Carla looks where she can make up for it", answer, f"{len(choices)} meetings")
        chosen = choices[0]
        answer = await carla.asks(
            "POST",
            f"/api/v1/vouchers/{voucher['id']}/booking",
            {"class_id": chosen["class_id"], "meeting_id": chosen["id"]},
        )
        check(expect(answer, 201)["status"] == "booked", "a voucher that was used for a seat is booked")
        await story.teller.tell("Carla books the next one", answer, "a seat, and a credit set aside", then=_BOOKED)
        check(await story.balance("Carla") == before, "a credit that is set aside is still hers")
        answer = await story.instructor.asks(
            "PUT", f"{self._second}/meetings/{chosen['id']}/attendance/{carla.id}", {"status": PRESENT}
        )
        expect(answer, 200)
        await story.teller.tell("Ines marks her guest present", answer, then=_MADE_UP)
        check(await story.balance("Carla") == before - 1, "the meeting that was made up for is paid")
        answer = await carla.asks("GET", f"{self._first}/credits/{carla.id}")
        lines = expect(answer, 200)["items"]
        check(sum(line["amount"] for line in lines) == before - 1, "the lines add up to the balance")
        check(all(line["explanation"] for line in lines), "each line has its cause in words")
        await story.teller.tell("Carla has her credits explained", answer, f"{before - 1} left")
        for line in reversed(lines):
            story.teller.note(f"  {line['amount']:+d} → {line['balance']}  {line['explanation']}")

    async def the_class_ends(self) -> None:
        """The class is completed; its summary goes out, and what was open stays open."""
        story = self.story
        story.teller.act("The class ends")
        answer = await story.staff.asks("POST", f"{self._first}/completion", {"cancel_remaining": True})
        check(expect(answer, 200)["status"] == "completed", "a completed class is completed")
        await story.teller.tell("Staff complete the class early", answer, then=("class.ClassCompleted",))
        summary = await self._summary()
        attended = sum(status in (PRESENT, LATE) for status in MARKS.values()) - 1  # Blaise was corrected.
        check(summary["attended"] == attended, f"the summary counts who was there: {summary}")
        counted = (summary["meetings_held"], summary["students"], summary["marked"])
        check(counted == (1, len(MARKS), len(MARKS)), f"one meeting was held, and all were marked for it: {summary}")
        left = {one["student_id"]: one["credits"] for one in summary["credits_left"]}
        for name in MARKS:
            check(left[story.students[name].id] == await story.balance(name), f"what {name} has left is told")
        story.teller.note(
            f"Its summary: {summary['attended']} of {summary['marked']} marks present or late "
            f"({summary['attendance_basis_points'] / 100:.2f} %), {sum(left.values())} credits left"
        )
        answer = await story.students["Ada"].asks("GET", f"/api/v1/lessons/{story.lessons[0]['id']}")
        expect(answer, 200)
        await story.teller.tell("Ada reads lesson 1 again", answer, "what was open stays open")

    async def the_office_takes_stock(self) -> None:
        """Reports: counted for the screen, and mark by mark for a spreadsheet; Ada's are about herself."""
        story, of_class = self.story, {"class_id": self.story.class_id}
        story.teller.act("The office takes stock")
        answer = await story.staff.asks("GET", "/api/v1/reports/attendance/classes", params=of_class)
        [line] = expect(answer, 200)["items"]
        came = line["present"] + line["late"]
        check(
            line["attendance_rate"] == round(came / len(MARKS), 4),
            f"the rate is the part of marks that say yes: {line}",
        )
        await story.teller.tell("Staff ask how the class was attended", answer, f"{came} of {len(MARKS)}")
        answer = await story.staff.asks("GET", "/api/v1/reports/attendance", params=of_class | {"format": "csv"})
        check(answer.headers["Content-Type"].startswith("text/csv"), "what was asked for as CSV is CSV")
        header, *lines = answer.text.splitlines()
        check(len(lines) == len(MARKS), f"a line for each mark: {lines}")
        await story.teller.tell("They take the marks home as CSV", answer, f"{len(lines)} lines")
        story.teller.note(header)
        ada = story.students["Ada"]
        answer = await ada.asks("GET", "/api/v1/reports/attendance", params=of_class)
        [own] = expect(answer, 200)["items"]
        check(own["student_id"] == ada.id, "a student's report is about herself")
        await story.teller.tell("Ada asks for the same", answer, "her own mark")

    async def _summary(self) -> dict[str, Any]:
        events = await self.story.admin.asks(
            "GET",
            "/api/v1/operations/class/events",
            params={"subject": self.story.class_id, "type": "class.ClassCompleted.v1"},
        )
        [event] = expect(events, 200)["items"]
        summary: dict[str, Any] = event["data"]
        return summary

    @property
    def _first(self) -> str:
        return f"/api/v1/classes/{self.story.class_id}"

    @property
    def _second(self) -> str:
        return f"/api/v1/classes/{self.second['id']}"


_BOOKED = ("class.MakeUpBooked",)
_MADE_UP = (
    "class.AttendanceMarked",
    "class.CreditDeducted",
    "class.MakeUpVoucherEnded",
    "gamification.XpEarned",
)


def _kept_until(letter: str) -> str:
    found = re.search(r"until (\d{4}-\d\d-\d\d \d\d:\d\d \([^)]+\))", letter)
    return found[1] if found else ""


def _entries(calendar: str) -> list[dict[str, str]]:
    """The properties of each meeting in an iCalendar file."""
    lines = calendar.replace("\r\n ", "").split("\r\n")
    entries: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            entries.append({})
        elif entries:
            entries[-1].setdefault(name, value)
    return entries
