"""Some days of a school, told and heard, and what has become of them."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from babyowl_chassis.ids import new_id, utc_now
from babyowl_contracts import Envelope, Event
from babyowl_contracts.class_ import HolidayDeclared
from babyowl_contracts.identity import UserRegistered
from babyowl_contracts.learning import CoursePublished, LessonOutline
from gamification.infrastructure.tables import metadata

from .logs import House
from .reports import attendance, class_created, course, enrolled, exercise, lesson

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


async def a_term(home: House) -> list[UUID]:
    """Some days of a school: registrations, a class, deeds, corrections and a holiday."""
    draw = random.Random(7)
    students = [new_id() for _ in range(4)]
    class_id, teacher = new_id(), new_id()
    for student, name in zip(students, ("Ada", "Bo", "Cy", "Di"), strict=False):
        await home.knows(student, name)
    registered = [UserRegistered(user_id=student, role="student", time_zone="Asia/Jakarta") for student in students]
    await home.happen(*registered, at=MORNING)
    await home.happen(an_open_course(), at=MORNING - timedelta(days=30))
    await home.happen(class_created(class_id, teacher), at=MORNING, subject=class_id)
    for student in students:
        await home.happen(enrolled(class_id, student), at=MORNING)
    for number in range(8):
        day = MORNING + timedelta(days=number)
        for student in students:
            if draw.random() < 0.8:
                await home.happen(exercise(student, day), exercise(student, day), at=day)
        if number % 7 == 3:
            for student in students:
                marked = attendance(student, day, "present", meeting_id=new_id(), class_id=class_id)
                await home.happen(marked, at=day)
                if draw.random() < 0.5:
                    await home.happen(replace(marked, status="absent", revision=2), at=day + timedelta(hours=1))
    await home.happen(lesson(students[0], day), course(students[0], day), at=day)
    pause = (MORNING + timedelta(days=4)).date()
    await home.happen(HolidayDeclared(holiday_id=new_id(), first_date=pause, last_date=pause), at=day)
    await home.settle()
    return students


def an_open_course() -> CoursePublished:
    """A course that everybody can reach, so that there are quests for them."""
    lessons = tuple(
        LessonOutline(
            lesson_id=new_id(),
            position=position,
            exercise_ids=tuple(new_id() for _ in range(3)),
            exercise_kinds=("reading", "quiz", "coding"),
        )
        for position in range(1, 11)
    )
    return CoursePublished(course_id=new_id(), instructor_id=new_id(), revision=1, open=True, lessons=lessons)


async def contents(home: House) -> dict[str, str]:
    """A mark of each table, to be the same as long as the table is."""
    return {
        table: await home.live.resources.database.fetchval(
            f"SELECT coalesce(md5(string_agg(t::text, ';' ORDER BY t::text)), '') FROM {table} AS t"
        )
        for table in metadata.tables
    }


async def player(home: House, student_id: UUID) -> dict[str, Any]:
    response = await home.live.as_("student", student_id).get("/api/v1/players/me")
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


def told(event: Event) -> Envelope:
    """The event as its context sends it now."""
    return Envelope(id=new_id(), subject=new_id(), time=utc_now(), aggregateseq=1, data=event)
