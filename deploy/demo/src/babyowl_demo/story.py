"""The story: one class, from the first sign-in to the leaderboard and a correction."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

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
PRESENT, LATE, ABSENT = "present", "late", "absent"
MARKS = dict(zip(STUDENTS, (PRESENT, PRESENT, PRESENT, PRESENT, LATE, ABSENT), strict=True))


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays, and who is there from the beginning."""

    gateway: str
    mailbox: str
    admin: Account
    staff: Account


async def play(stage: Stage, console: Console) -> int:
    """Play every act; the number of steps told. Raises StoryError where the academy departs from the story."""
    async with httpx.AsyncClient(base_url=stage.gateway, timeout=30) as gateway:
        admin = Person("The admin", stage.admin, gateway)
        story = Story(
            gateway=gateway,
            mailbox=Mailbox(stage.mailbox),
            admin=admin,
            staff=Person("Staff", stage.staff, gateway),
            teller=Teller(console, admin),
        )
        try:
            await story.the_office_opens()
            await story.people_arrive()
            await story.a_course_is_written()
            await story.a_class_fills()
            await story.the_first_meeting()
            await story.a_lesson_is_learnt()
            await story.a_correction()
        finally:
            await story.mailbox.close()
        return story.teller.steps


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
    meeting_id: str = ""

    async def the_office_opens(self) -> None:
        """An admin and staff sign in."""
        self.teller.act("The office opens")
        for person in (self.admin, self.staff):
            answer = await person.sign_in()
            await self.teller.tell(f"{person.name} signs in", answer, "a token for 15 minutes")

    async def people_arrive(self) -> None:
        """Staff make accounts; each person verifies the address from the message that was really sent."""
        self.teller.act("People arrive")
        self.instructor = await self._welcome("Ines", "instructor")
        for name in (*STUDENTS, *LATECOMERS):
            self.students[name] = await self._welcome(name, "student")

    async def _welcome(self, name: str, role: str) -> Person:
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
