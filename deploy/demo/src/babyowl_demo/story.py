"""The story: one class, from the first sign-in to the leaderboard and a correction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from rich.console import Console

from babyowl_demo.academy import Account, Mailbox, Person, check, expect
from babyowl_demo.course import load_course
from babyowl_demo.teller import Teller

STUDENTS = ("Ada", "Blaise", "Carla", "Dijkstra", "Emmy", "Fatima")
LATECOMERS = ("Grace", "Hedy")
MEETINGS = 8
CAPACITY = 6
TIME_ZONE = "Europe/Berlin"
CORRECTED = 2
PRESENT, LATE, ABSENT = "present", "late", "absent"
MARKS = dict(zip(STUDENTS, (PRESENT, PRESENT, PRESENT, PRESENT, LATE, ABSENT), strict=True))


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays, and who is there from the beginning."""

    gateway: str
    mailbox: str
    admin: Account
    staff: Account


@asynccontextmanager
async def beginning(stage: Stage, console: Console) -> "AsyncIterator[Story]":
    """A story before its first act."""
    async with httpx.AsyncClient(base_url=stage.gateway, timeout=30, trust_env=False) as gateway:
        admin = Person("The admin", stage.admin, gateway)
        mailbox = Mailbox(stage.mailbox)
        try:
            yield Story(
                gateway=gateway,
                mailbox=mailbox,
                admin=admin,
                staff=Person("Staff", stage.staff, gateway),
                teller=Teller(console, admin),
            )
        finally:
            await mailbox.close()


@dataclass(slots=True)
class Story:
    """The people and things of one performance; addresses are new each time, so that it can be played again."""

    gateway: httpx.AsyncClient
    mailbox: Mailbox
    admin: Person
    staff: Person
    teller: Teller
    performance: str = field(default_factory=lambda: token_hex(3))
    instructor: Person = field(init=False)
    students: dict[str, Person] = field(default_factory=dict)
    course_id: str = ""
    lessons: list[dict[str, Any]] = field(default_factory=list)
    class_id: str = ""
    meetings: list[dict[str, Any]] = field(default_factory=list)

    async def the_office_opens(self) -> None:
        """An admin and staff sign in."""
        self.teller.act("The office opens")
        for person in (self.admin, self.staff):
            answer = await person.sign_in()
            await self.teller.tell(f"{person.name} signs in", answer, "a token for 15 minutes")

    async def people_arrive(self) -> None:
        """Staff make accounts; each person verifies the address from the message that was really sent."""
        self.teller.act("People arrive")
        self.instructor = await self.welcome("Ines", "instructor")
        for name in (*STUDENTS, *LATECOMERS):
            self.students[name] = await self.welcome(name, "student")

    async def welcome(self, name: str, role: str) -> Person:
        """Somebody new: invited by staff, verified by the e-mail that was really sent, signed in."""
        email = f"{name.lower()}.{self.performance}@example.org"
        password = f"{name}-hoots-at-night-{self.performance}"
        body = {"email": email, "display_name": name, "role": role, "time_zone": TIME_ZONE}
        answer = await self.staff.asks("POST", "/api/v1/users", body)
        user = expect(answer, 201)
        check(user["status"] == "pending", f"{name} should be pending before the address is verified")
        await self.teller.tell(
            f"Staff invite {name} ({role})",
            answer,
            user["status"],
            then=("identity.UserRegistered", "identity.EmailVerificationRequested"),
        )
        person = Person(name, Account(email, password), self.gateway)
        token = await self.mailbox.token_sent_to(email)
        answer = await person.asks("POST", "/api/v1/auth/verify-email", {"token": token, "password": password})
        expect(answer, 204)
        await self.teller.tell(
            f"{name} follows the link in the e-mail and chooses a password", answer, then=("identity.UserVerified",)
        )
        answer = await person.sign_in()
        await self.teller.tell(f"{name} signs in", answer)
        return person

    async def a_course_is_written(self) -> None:
        """The instructor writes the course that Learning ships as seed data, and publishes it."""
        self.teller.act("A course is written")
        course = load_course()
        answer = await self.instructor.asks(
            "POST", "/api/v1/courses", {"title": course["title"], "summary": course["summary"]}
        )
        self.course_id = expect(answer, 201)["id"]
        await self.teller.tell(
            f"Ines begins “{course['title']}”", answer, "a draft", then=("learning.CourseCreated",)
        )
        answer = await self.instructor.asks(
            "PUT", f"/api/v1/courses/{self.course_id}/content", {"sections": course["sections"]}
        )
        written = expect(answer, 200)
        self.lessons = [lesson for section in written["sections"] for lesson in section["lessons"]]
        exercises = sum(len(lesson["exercises"]) for lesson in self.lessons)
        said = f"{len(written['sections'])} sections, {len(self.lessons)} lessons, {exercises} exercises"
        await self.teller.tell("Ines writes its content", answer, said)
        answer = await self.instructor.asks("POST", f"/api/v1/courses/{self.course_id}/publication")
        expect(answer, 200)
        await self.teller.tell("Ines publishes it", answer, "revision 1", then=("learning.CoursePublished",))

    async def a_class_fills(self) -> None:
        """Staff plan a class of six seats; a seventh student finds it full, an eighth finds it closed."""
        self.teller.act("A class fills")
        # The first meeting was an hour ago, so that it can be marked now.
        first = (datetime.now(UTC) - timedelta(hours=1)).astimezone(ZoneInfo(TIME_ZONE))
        answer = await self.staff.asks(
            "POST",
            "/api/v1/classes",
            {
                "name": f"Owlets {self.performance}",
                "course_id": self.course_id,
                "instructor_id": self.instructor.id,
                "type": "group",
                "capacity": CAPACITY,
                "total_meetings": MEETINGS,
                "schedule": {
                    "time_zone": TIME_ZONE,
                    "first_date": first.date().isoformat(),
                    "local_time": f"{first:%H:%M}",
                },
            },
        )
        planned = expect(answer, 201)
        self.class_id, self.meetings = planned["id"], planned["meetings"]
        check(len(self.meetings) == MEETINGS, "the whole series of meetings is planned ahead")
        said = f"{MEETINGS} weekly meetings, {CAPACITY} seats"
        await self.teller.tell("Staff plan a group class", answer, said, then=("class.ClassCreated",))
        for name in STUDENTS:
            answer = await self._enroll(name)
            granted = expect(answer, 201)["credits"]
            check(granted == MEETINGS, "a seat comes with the whole package")
            await self.teller.tell(
                f"Staff enrol {name}", answer, f"{granted} credits", then=("class.StudentEnrolled",)
            )
        answer = await self._enroll("Grace")
        expect(answer, 409, "class_full")
        await self.teller.tell("Staff try to enrol Grace, the seventh", answer)
        answer = await self.staff.asks("POST", f"/api/v1/classes/{self.class_id}/activation")
        check(expect(answer, 200)["status"] == "active", "an activated class is active")
        await self.teller.tell("Staff activate the class", answer, "active", then=("class.ClassActivated",))
        answer = await self._enroll("Hedy")
        expect(answer, 409, "enrollment_closed")
        await self.teller.tell("Staff try to enrol Hedy, the eighth", answer)

    async def the_first_meeting(self) -> None:
        """The instructor unlocks lesson 1 and marks everybody; credits fall for present and late only."""
        self.teller.act("The first meeting")
        answer = await self.instructor.asks(
            "POST", f"/api/v1/classes/{self.class_id}/unlocks", {"lesson_ids": [self.lessons[0]["id"]]}
        )
        expect(answer, 200)
        await self.teller.tell(
            f"Ines unlocks lesson 1, “{self.lessons[0]['title']}”", answer, then=("class.LessonUnlocked",)
        )
        entries = [{"student_id": self.students[name].id, "status": status} for name, status in MARKS.items()]
        answer = await self.instructor.asks("PUT", self._register, {"entries": entries})
        expect(answer, 200)
        paid = sum(status != ABSENT for status in MARKS.values())
        said = ", ".join(f"{name} {status}" for name, status in MARKS.items())
        await self.teller.tell(
            "Ines marks the first meeting",
            answer,
            said,
            then=(
                *["class.AttendanceMarked"] * len(MARKS),
                *["class.CreditDeducted"] * paid,
                *["gamification.XpEarned"] * paid,
            ),
        )
        for name, status in MARKS.items():
            balance = await self.balance(name)
            check(balance == MEETINGS - (status != ABSENT), f"{name}, {status}, has {balance} credits left")
        self.teller.note(f"Credits left: {MEETINGS - 1} for present and late, {MEETINGS} for absent")
        answer = await self.instructor.asks("PUT", self._register, {"entries": entries})
        expect(answer, 200)
        check(await self.balance("Ada") == MEETINGS - 1, "marking twice is marking once")
        await self.teller.tell("Ines marks it once more, by mistake", answer, "nothing changes")

    async def a_lesson_is_learnt(self) -> None:
        """A student reads what is unlocked, is refused what is not, and earns points."""
        self.teller.act("A lesson is learnt")
        ada, (first, second) = self.students["Ada"], self.lessons[:2]
        answer = await ada.asks("GET", f"/api/v1/lessons/{first['id']}")
        lesson = expect(answer, 200)
        check(len(lesson["text"]) > 0, "a lesson has words")
        await self.teller.tell("Ada reads lesson 1", answer, f"“{_opening(lesson['text'])}…”")
        answer = await ada.asks("GET", f"/api/v1/lessons/{second['id']}")
        expect(answer, 403, "lesson_locked")
        await self.teller.tell("Ada tries lesson 2", answer)
        answer = await self.students["Hedy"].asks("GET", f"/api/v1/lessons/{first['id']}")
        expect(answer, 403, "not_enrolled")
        await self.teller.tell("Hedy, who has no seat, tries lesson 1", answer)
        before = await self.player("Ada")
        exercise = first["exercises"][0]
        answer = await ada.asks("PUT", f"/api/v1/exercises/{exercise['id']}/completion")
        expect(answer, 200)
        await self.teller.tell(
            f"Ada completes “{exercise['title']}”",
            answer,
            then=("learning.ExerciseCompleted", "gamification.XpEarned"),
        )
        after = await self.player("Ada")
        gained = after["total_xp"] - before["total_xp"]
        check(gained > 0, "a completed exercise earns points")
        answer = await ada.asks("PUT", f"/api/v1/exercises/{exercise['id']}/completion")
        expect(answer, 200)
        await self.teller.tell("Ada completes it again", answer, "a repeat earns nothing twice")
        check(after["streak"]["current_days"] > 0, "an active day begins a streak")
        self.teller.note(
            f"Ada: {after['total_xp']} XP (+{gained}), level {after['level']['number']}, "
            f"{after['xp_to_next_level']} XP to the next, a streak of {after['streak']['current_days']}"
        )
        await self._leaderboard(first="Ada", last="Emmy", places=len(STUDENTS) - 1)

    async def a_correction(self) -> None:
        """Present becomes absent: the credit comes back, the points go."""
        self.teller.act("A correction")
        blaise = self.students["Blaise"]
        before = await self.player("Blaise")
        check(before["total_xp"] > 0, "Blaise has earned points by being there")
        answer = await self.mark("Blaise", ABSENT, "It was his twin who came.")
        revision = expect(answer, 200)["revision"]
        check(revision == CORRECTED, "a correction is the second revision of the mark")
        await self.teller.tell(
            "Ines corrects Blaise: he was absent",
            answer,
            f"revision {revision}",
            then=("class.AttendanceMarked", "class.CreditAdjusted", "gamification.XpEarned"),
        )
        after = await self.player("Blaise")
        check(await self.balance("Blaise") == MEETINGS, "the credit came back")
        check((after["total_xp"], after["streak"]["current_days"]) == (0, 0), "the points and the day went")
        self.teller.note(
            f"Blaise: {MEETINGS} credits again; {before['total_xp']} XP → {after['total_xp']} XP, no streak"
        )
        statement = await blaise.asks("GET", self._credits("Blaise"))
        for line in reversed(expect(statement, 200)["items"]):
            self.teller.note(f"  {line['amount']:+d} → {line['balance']}  {line['explanation']}")
        await self._leaderboard(first="Ada", last="Emmy", places=len(STUDENTS) - 2)

    @property
    def _register(self) -> str:
        return f"/api/v1/classes/{self.class_id}/meetings/{self.meetings[0]['id']}/attendance"

    def _credits(self, name: str) -> str:
        return f"/api/v1/classes/{self.class_id}/credits/{self.students[name].id}"

    async def _enroll(self, name: str) -> httpx.Response:
        body = {"student_id": self.students[name].id}
        return await self.staff.asks("POST", f"/api/v1/classes/{self.class_id}/enrollments", body)

    async def mark(self, name: str, status: str, reason: str | None = None) -> httpx.Response:
        """The instructor marks one student of the first meeting, or corrects the mark."""
        body = {"status": status} | ({"reason": reason} if reason else {})
        return await self.instructor.asks("PUT", f"{self._register}/{self.students[name].id}", body)

    async def balance(self, name: str) -> int:
        """The credits a student has left."""
        answer = await self.students[name].asks("GET", self._credits(name))
        balance: int = expect(answer, 200)["balance"]
        return balance

    async def player(self, name: str) -> Any:
        """A student's points, level and streak."""
        return expect(await self.students[name].asks("GET", "/api/v1/players/me"), 200)

    async def _leaderboard(self, *, first: str, last: str, places: int) -> None:
        answer = await self.students[first].asks(
            "GET", "/api/v1/leaderboards/all-time", params={"class_id": self.class_id}
        )
        ranked = [place for place in expect(answer, 200)["items"] if place["xp"] > 0]
        names = [place["name"] for place in ranked]
        check((names[0], names[-1], len(names)) == (first, last, places), f"the leaderboard shows {names}")
        said = ", ".join(f"{place['rank']}. {place['name']} ({place['xp']})" for place in ranked)
        await self.teller.tell("The class's leaderboard", answer, said)


def _opening(text: str) -> str:
    return " ".join(text.replace("#", "").split()[:9])
