"""The academy as its people meet it: over HTTP."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, acquaint, answered, serving
from babyowl_contracts.learning import CoursePublished, LessonOutline
from class_management.bootstrap import service

# At this address nobody answers.
AWAY = "http://127.0.0.1:1"
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


def serving_alone(admin_url: str) -> AbstractAsyncContextManager[Serving]:
    """The service, reached over HTTP, fed by hand; no other service answers it."""
    return serving(service, admin_url=admin_url, learning_url=AWAY, identity_url=AWAY)


class Office:
    """Staff, an instructor, and a published course of twelve lessons, around a running service."""

    def __init__(self, served: Serving) -> None:
        self.served = served
        self.course_id, self.instructor_id = new_id(), new_id()
        self.lessons = [new_id() for _ in range(12)]
        self._planned = 0
        self.staff = served.as_("staff")
        self.instructor = served.as_("instructor", self.instructor_id)

    @classmethod
    async def open(cls, served: Serving) -> "Office":
        office = cls(served)
        await office.register("instructor", "Ina Instructor", office.instructor_id)
        lessons = tuple(
            LessonOutline(lesson_id=lesson_id, position=position, exercise_ids=())
            for position, lesson_id in enumerate(office.lessons, start=1)
        )
        await served.deliver(
            CoursePublished(
                course_id=office.course_id,
                instructor_id=office.instructor_id,
                revision=1,
                open=False,
                lessons=lessons,
            )
        )
        return office

    async def register(self, role: str, name: str, user_id: UUID | None = None) -> UUID:
        """Somebody whom Identity has told of."""
        return await acquaint(self.served.resources.database, user_id, name=name, role=role)

    def plan(self, **changed: Any) -> dict[str, Any]:
        """The body of a group of six, eight weekly meetings since yesterday; with changes."""
        schedule = {
            "time_zone": "Europe/Berlin",
            "first_date": YESTERDAY.isoformat(),
            "local_time": "00:30",
            "duration_minutes": 60,
        }
        return {
            "name": "Owls",
            "course_id": str(self.course_id),
            "instructor_id": str(self.instructor_id),
            "type": "group",
            "capacity": 6,
            "total_meetings": 8,
            "schedule": schedule,
        } | changed

    async def planned(self, **changed: Any) -> dict[str, Any]:
        """A class of that plan; a second one begins an hour later, for their instructor has no time before."""
        days, hours = divmod(self._planned, 23)
        self._planned += 1
        first_date = YESTERDAY - timedelta(days=days)
        schedule = self.plan()["schedule"] | {"first_date": first_date.isoformat(), "local_time": f"{hours:02}:30"}
        body = self.plan(**{"schedule": schedule} | changed)
        return answered(await self.staff.post("/api/v1/classes", json=body), 201)

    async def enroll(self, class_id: str, name: str = "Sam Student") -> UUID:
        student_id = await self.register("student", name)
        path = f"/api/v1/classes/{class_id}/enrollments"
        answered(await self.staff.post(path, json={"student_id": str(student_id)}), 201)
        return student_id

    async def running(self, *names: str, **changed: Any) -> tuple[dict[str, Any], list[UUID]]:
        """An active class whose first meeting was yesterday."""
        class_ = await self.planned(**changed)
        students = [await self.enroll(class_["id"], name) for name in names]
        activated = answered(await self.staff.post(f"/api/v1/classes/{class_['id']}/activation"))
        return class_ | activated, students

    def student(self, student_id: UUID) -> httpx.AsyncClient:
        return self.served.as_("student", student_id)
