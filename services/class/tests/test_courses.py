"""What Learning tells, in any order and more than once, and what Class asks it for."""

import asyncio
import itertools
from datetime import timedelta
from uuid import UUID

import pytest

from babyowl_chassis.bus import Function
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, granted, refusal
from babyowl_contracts import Envelope, Event
from babyowl_contracts.learning import CourseArchived, CoursePublished
from class_management.application.commands.unlock_lessons import UnlockLessons
from class_management.application.reactions import note_archived_course, note_published_course
from class_management.domain.errors import CourseArchived as IsArchived
from class_management.domain.errors import CourseNotPublished, LessonNotInCourse

from .school import NOON, InMemory, School

REACTIONS: dict[type[Event], Function] = {
    CoursePublished: note_published_course,
    CourseArchived: note_archived_course,
}


async def tell(school: School, event: Event, *, after: timedelta = timedelta(0)) -> None:
    """Let the school hear of something that happened so long after noon."""
    envelope = Envelope(id=new_id(), subject=school.course_id, time=NOON + after, aggregateseq=1, data=event)
    reaction = school.bus.bind(REACTIONS[type(event)], "envelope")
    assert await school.bus.react(envelope, reaction, queue="class.courses")


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
async def test_the_greatest_revision_counts_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    school = School(InMemory())
    await school.register("instructor", school.instructor.user_id)
    for revision in order:
        await tell(school, school.publication(revision, lessons=revision * 2))
    class_ = await school.planned()
    sixth, seventh = school.lessons[5:7]
    granted(await school.execute(unlock(school, class_.id, sixth)))
    assert refusal(await school.execute(unlock(school, class_.id, seventh))) == LessonNotInCourse(seventh)


async def test_a_lesson_that_a_later_revision_drops_can_no_longer_be_unlocked(school: School) -> None:
    class_ = await school.planned()
    await tell(school, school.publication(2, lessons=3))
    dropped = school.lessons[3]
    assert refusal(await school.execute(unlock(school, class_.id, dropped))) == LessonNotInCourse(dropped)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_an_archived_course_gets_no_new_classes(order: tuple[int, int]) -> None:
    school = School(InMemory())
    await school.register("instructor", school.instructor.user_id)
    told: list[tuple[Event, timedelta]] = [
        (school.publication(1), timedelta(0)),
        (CourseArchived(course_id=school.course_id), timedelta(hours=1)),
    ]
    for index in order:
        event, after = told[index]
        await tell(school, event, after=after)
    assert refusal(await school.execute(school.plan())) == IsArchived(school.course_id)


async def test_an_archived_course_goes_on_in_its_classes_and_comes_back_when_published_again(
    school: School,
) -> None:
    class_ = await school.planned()
    await tell(school, CourseArchived(course_id=school.course_id), after=timedelta(hours=1))
    granted(await school.execute(unlock(school, class_.id, school.lessons[0])))
    refusal(await school.execute(school.plan()))
    await tell(school, school.publication(2), after=timedelta(hours=2))
    granted(await school.execute(school.plan()))


async def test_a_course_that_was_only_archived_was_never_published() -> None:
    school = School(InMemory())
    await tell(school, CourseArchived(course_id=school.course_id))
    assert refusal(await school.execute(school.plan())) == CourseNotPublished(school.course_id)


def unlock(school: School, class_id: UUID, lesson_id: UUID) -> UnlockLessons:
    return UnlockLessons(class_id=class_id, lesson_ids=(lesson_id,), by=school.instructor)


@pytest.mark.infra
async def test_a_publication_delivered_five_times_at_once_has_its_effect_once(served: Serving) -> None:
    school = School(InMemory())
    publication, event_id = school.publication(), new_id()
    await asyncio.gather(*(served.deliver(publication, id=event_id) for _ in range(5)))
    await asyncio.gather(*(served.deliver(school.publication(revision)) for revision in (3, 2, 5, 4)))
    database = served.resources.database
    assert await database.fetchval("SELECT revision FROM courses WHERE id = $1", school.course_id) == 5
    assert await database.fetchval("SELECT count(*) FROM course_lessons") == len(publication.lessons)
