"""An academy seen over HTTP: authors and students as clients of the running service."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, acquaint, answered
from learning.application.ports import ClassAnswer
from learning.domain.values import Access

from .reports import created, enrolled, unlocked

Document = dict[str, Any]


def content(*sections: tuple[int, ...]) -> Document:
    """A whole course: per section, how many exercises each of its lessons has."""
    return {
        "sections": [
            {
                "title": f"Section {s}",
                "lessons": [
                    {
                        "title": f"Lesson {s}.{n}",
                        "text": f"# Lesson {s}.{n}\n\nWords.\n",
                        "exercises": [
                            {"kind": "reading", "title": f"Exercise {s}.{n}.{x}", "text": "Read *this*."}
                            for x in range(1, exercises + 1)
                        ],
                    }
                    for n, exercises in enumerate(lessons, start=1)
                ],
            }
            for s, lessons in enumerate(sections, start=1)
        ]
    }


def lessons_of(course: Document) -> list[Document]:
    return [lesson for section in course["sections"] for lesson in section["lessons"]]


def exercise_ids(course: Document) -> list[str]:
    return [exercise["id"] for lesson in lessons_of(course) for exercise in lesson["exercises"]]


class ScriptedClass:
    """The Class context as a test wants it: what it answers, and whom it was asked about."""

    def __init__(self) -> None:
        self.answer: ClassAnswer | None = None
        self.asked: list[tuple[UUID, UUID]] = []

    async def access(self, student_id: UUID, lesson_id: UUID) -> ClassAnswer | None:
        self.asked.append((student_id, lesson_id))
        return self.answer

    def says(self, *, enrolled: bool, unlocked: bool, for_class: bool = False) -> UUID:
        class_id = new_id()
        access = Access(enrolled=enrolled, unlocked=unlocked)
        self.answer = ClassAnswer(access, class_id if enrolled else None, for_class)
        return class_id


def with_scripted_class(served: Serving) -> ScriptedClass:
    """Let the running service ask this instead of the Class context."""
    app = served.running.web
    while not isinstance(app, FastAPI):
        app = app._app  # type: ignore[attr-defined]
    scripted = ScriptedClass()
    app.state.class_context = scripted
    return scripted


@dataclass
class Academy:
    """One instructor, their courses, and students in classes of them."""

    served: Serving
    instructor_id: UUID = field(default_factory=new_id)

    @property
    def instructor(self) -> httpx.AsyncClient:
        return self.served.as_("instructor", self.instructor_id)

    def student(self, student_id: UUID | None = None) -> httpx.AsyncClient:
        return self.served.as_("student", student_id)

    async def person(self, person_id: UUID, name: str, role: str) -> None:
        """Somebody this service has already heard of."""
        await acquaint(self.served.resources.database, person_id, name=name, role=role)

    async def course(self, *sections: tuple[int, ...], publish: bool = True, title: str = "Python") -> Document:
        begun = answered(await self.instructor.post("/api/v1/courses", json={"title": title}), 201)
        path = f"/api/v1/courses/{begun['id']}"
        course = answered(await self.instructor.put(f"{path}/content", json=content(*sections)))
        return answered(await self.instructor.post(f"{path}/publication")) if publish else course

    async def seat(
        self, course: Document, *, lessons: int | None = None, teacher_id: UUID | None = None
    ) -> tuple[UUID, UUID]:
        """A student in a class of the course, for which the first lessons (or all) are unlocked; and the class."""
        student_id, class_id, course_id = new_id(), new_id(), UUID(course["id"])
        await self.served.deliver(created(class_id, course_id, teacher_id))
        await self.served.deliver(enrolled(class_id, course_id, student_id))
        opened = [UUID(lesson["id"]) for lesson in lessons_of(course)][:lessons]
        await self.served.deliver(unlocked(class_id, course_id, *opened))
        return student_id, class_id
