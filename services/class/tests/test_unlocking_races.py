"""Two who open and close the same lessons at the same moment, on real Postgres."""

import asyncio
from collections.abc import Awaitable
from itertools import pairwise
from typing import Any

import pytest

from babyowl_chassis.testing import granted
from babyowl_contracts.class_ import LessonLocked, LessonUnlocked
from babyowl_kernel import Err
from class_management.domain.errors import LessonOpenToAll

from .school import School
from .test_unlocking import lock, open_to, positions, unlock, unlock_up_to

pytestmark = pytest.mark.infra


async def at_once(*outcomes: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*outcomes))


async def test_a_lesson_that_many_open_at_once_is_opened_once(real_school: School) -> None:
    school = real_school
    class_ = await school.planned()
    for lesson in range(1, 6):
        before = len(await school.store.events())
        outcomes = await at_once(*(school.execute(unlock(school, class_.id, lesson)) for _ in range(8)))
        assert sorted(len(granted(outcome)) for outcome in outcomes) == [0] * 7 + [1]
        assert len(await school.store.events()) == before + 1
        assert len((await school.store.open_lessons(class_.id)).unlocks) == lesson


async def test_lessons_that_are_opened_side_by_side_are_all_open(real_school: School) -> None:
    school = real_school
    class_ = await school.planned()
    student = await school.enroll(class_.id)
    for outcome in await at_once(
        *(school.execute(unlock(school, class_.id, n)) for n in range(1, 5)),
        school.execute(unlock_up_to(school, class_.id, 6)),
        school.execute(unlock(school, class_.id, 8, student_id=student)),
    ):
        granted(outcome)
    assert await open_to(school, class_.id) == [1, 2, 3, 4, 5, 6]
    assert await open_to(school, class_.id, student) == [1, 2, 3, 4, 5, 6, 8]


@pytest.mark.parametrize("opened_before", [True, False])
async def test_of_opening_and_closing_at_once_the_later_one_holds_and_the_events_say_so(
    real_school: School, opened_before: bool
) -> None:
    school = real_school
    class_ = await school.planned()
    for lesson in range(1, 9):
        if opened_before:
            granted(await school.execute(unlock(school, class_.id, lesson)))
        opened, closed = await at_once(
            school.execute(unlock(school, class_.id, lesson)), school.execute(lock(school, class_.id, lesson))
        )
        told = [
            event
            for event in await school.store.events()
            if isinstance(event, LessonUnlocked | LessonLocked) and school.lessons[lesson - 1] in event.lesson_ids
        ]
        assert len(told) == opened_before + len(granted(opened)) + len(granted(closed))
        assert all(type(one) is not type(next_) for one, next_ in pairwise(told))
        is_open = bool(told) and isinstance(told[-1], LessonUnlocked)
        assert (lesson in await open_to(school, class_.id)) is is_open


async def test_opening_to_all_while_closing_to_one_leaves_it_open_to_all(real_school: School) -> None:
    school = real_school
    class_ = await school.planned()
    student = await school.enroll(class_.id)
    for lesson in range(1, 9):
        granted(await school.execute(unlock(school, class_.id, lesson, student_id=student)))
        to_all, to_one = await at_once(
            school.execute(unlock(school, class_.id, lesson)),
            school.execute(lock(school, class_.id, lesson, student_id=student)),
        )
        assert positions(school, granted(to_all)) == [lesson]
        came_second = to_one == Err(LessonOpenToAll(school.lessons[lesson - 1]))
        assert came_second or positions(school, granted(to_one)) == [lesson]
        assert lesson in await open_to(school, class_.id)
