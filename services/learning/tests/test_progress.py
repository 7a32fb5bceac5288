from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from babyowl_kernel import Actor
from learning.domain.errors import LessonLocked, NotEnrolled, NotYourCourse
from learning.domain.events import CourseCompleted, ExerciseCompleted, LessonCompleted, NewRevisionFollowed
from learning.domain.outline import Outline, OutlinedExercise, OutlinedLesson
from learning.domain.policies import only_its_managers, only_with_an_unlocked_lesson
from learning.domain.progress import StudentProgress, progress_id
from learning.domain.values import Access, ExerciseKind

from .school import MORNING, instructor, staff

COURSE, STUDENT = UUID(int=1), UUID(int=2)


def outline(revision: int, lessons: dict[int, list[int]]) -> Outline:
    """A publication: lesson number → exercise numbers."""
    return Outline(
        COURSE,
        revision,
        open=False,
        lessons=tuple(
            OutlinedLesson(
                UUID(int=100 + lesson),
                position,
                tuple(OutlinedExercise(UUID(int=1000 + exercise), ExerciseKind.READING) for exercise in exercises),
            )
            for position, (lesson, exercises) in enumerate(lessons.items(), start=1)
        ),
    )


@dataclass
class Student:
    """Somebody who completes exercises by their numbers."""

    progress: StudentProgress

    def does(self, *exercises: int, in_: Outline) -> list[str]:
        """What happened, by name and number."""
        for number in exercises:
            found = in_.find(UUID(int=1000 + number))
            assert found is not None
            self.progress.complete(*found, in_, now=MORNING)
        return [name for event in self.progress.collect_events() if (name := _name(event))]


def _name(event: object) -> str | None:
    match event:
        case ExerciseCompleted():
            return f"exercise {event.exercise_id.int - 1000}"
        case LessonCompleted():
            return f"lesson {event.lesson_id.int - 100}"
        case CourseCompleted():
            return "course"
        case NewRevisionFollowed():
            return None
    raise AssertionError(event)


@pytest.fixture
def student() -> Student:
    return Student(StudentProgress.start(STUDENT, COURSE, now=MORNING))


def test_the_last_exercise_of_a_lesson_completes_it_and_the_last_lesson_the_course(student: Student) -> None:
    first = outline(1, {1: [1, 2], 2: [3]})
    assert student.does(1, in_=first) == ["exercise 1"]
    assert student.does(2, in_=first) == ["exercise 2", "lesson 1"]
    assert student.does(3, in_=first) == ["exercise 3", "lesson 2", "course"]


def test_a_repeat_earns_nothing_and_answers_the_same(student: Student) -> None:
    first = outline(1, {1: [1], 2: [2]})
    found = first.find(UUID(int=1001))
    assert found is not None
    once = student.progress.complete(*found, first, now=MORNING)
    student.progress.collect_events()
    before = student.progress.last_activity_at
    again = student.progress.complete(*found, first, now=MORNING + timedelta(days=1))
    assert again == once
    assert student.progress.collect_events() == []
    assert student.progress.last_activity_at == before


@pytest.mark.parametrize(("done", "percent"), [((), 0), ((1,), 33), ((1, 2), 66), ((1, 2, 3), 100)])
def test_percent_is_rounded_down_so_that_a_hundred_means_all(
    student: Student, done: tuple[int, ...], percent: int
) -> None:
    student.does(*done, in_=outline(1, {1: [1, 2], 2: [3]}))
    assert student.progress.percent == percent


def test_lessons_added_later_do_not_uncomplete_a_completed_course(student: Student) -> None:
    student.does(1, 2, in_=outline(1, {1: [1], 2: [2]}))
    completed_at = student.progress.completed_at
    grown = outline(2, {1: [1], 2: [2], 3: [3, 4]})
    assert student.does(3, in_=grown) == ["exercise 3"]
    assert (student.progress.percent, student.progress.completed_at) == (100, completed_at)
    assert student.progress.revision == 1


def test_completing_what_was_added_later_earns_its_lesson_but_not_the_course_again(student: Student) -> None:
    student.does(1, in_=outline(1, {1: [1]}))
    grown = outline(2, {1: [1], 2: [2]})
    assert student.does(2, in_=grown) == ["exercise 2", "lesson 2"]
    assert student.progress.percent == 100


def test_exercises_that_join_a_completed_lesson_do_not_uncomplete_it(student: Student) -> None:
    student.does(1, in_=outline(1, {1: [1], 2: [9]}))
    grown = outline(2, {1: [1, 2, 3], 2: [9]})
    assert student.does(9, in_=grown) == ["exercise 9", "lesson 2", "course"]
    assert student.progress.percent == 100
    assert student.does(2, in_=grown) == ["exercise 2"]


def test_nobody_goes_beyond_a_hundred_when_content_is_removed(student: Student) -> None:
    student.does(1, 2, 3, in_=outline(1, {1: [1, 2, 3], 2: [4, 5]}))
    shrunk = outline(2, {1: [1], 2: [4, 5]})
    student.does(4, in_=shrunk)
    assert (student.progress.exercises_done, student.progress.exercises_total) == (2, 3)
    assert student.does(5, in_=shrunk) == ["exercise 5", "lesson 2", "course"]
    assert student.progress.percent == 100


def test_a_student_is_counted_against_the_newest_publication_they_did_something_in(student: Student) -> None:
    student.does(1, in_=outline(1, {1: [1, 2]}))
    assert (student.progress.revision, student.progress.percent) == (1, 50)
    student.does(3, in_=outline(2, {1: [1, 2], 2: [3, 4, 5]}))
    assert (student.progress.revision, student.progress.percent) == (2, 40)


def test_a_completion_that_began_before_a_publication_does_not_lead_back(student: Student) -> None:
    old, new = outline(1, {1: [1, 2]}), outline(2, {1: [1, 2, 3, 4]})
    student.does(1, in_=new)
    student.does(2, in_=old)
    assert student.progress.revision == 2


def test_what_only_waited_for_removed_exercises_is_completed_by_the_next_deed(student: Student) -> None:
    student.does(1, 3, in_=outline(1, {1: [1, 2], 2: [3]}))
    shrunk = outline(2, {1: [1], 2: [3]})
    assert student.does(1, in_=shrunk) == ["lesson 1", "course"]


def test_a_publication_that_left_nothing_to_do_completes_the_course(student: Student) -> None:
    student.does(1, 3, in_=outline(1, {1: [1, 2], 2: [3]}))
    student.progress.catch_up(outline(2, {1: [1], 2: [3]}), now=MORNING)
    told = [name for event in student.progress.collect_events() if (name := _name(event))]
    assert told == ["lesson 1", "course"]
    assert (student.progress.percent, student.progress.revision) == (100, 2)


def test_a_publication_that_leaves_something_to_do_changes_nothing_for_who_has_not_seen_it(student: Student) -> None:
    student.does(1, 3, in_=outline(1, {1: [1, 2], 2: [3]}))
    student.progress.catch_up(outline(2, {1: [1], 2: [3], 3: [4]}), now=MORNING)
    assert student.progress.collect_events() == []
    assert (student.progress.revision, student.progress.lessons_done) == (1, 1)


def test_a_student_has_one_progress_per_course() -> None:
    assert progress_id(STUDENT, COURSE) == progress_id(STUDENT, COURSE)
    assert len({progress_id(STUDENT, COURSE), progress_id(COURSE, STUDENT), progress_id(STUDENT, STUDENT)}) == 3


@pytest.mark.parametrize(
    ("is_open", "enrolled", "unlocked", "refused"),
    [
        (False, False, False, NotEnrolled(COURSE, STUDENT)),
        (False, True, False, LessonLocked(COURSE, STUDENT)),
        (False, True, True, None),
        (True, False, False, None),
        (True, True, False, None),
    ],
)
def test_a_lesson_is_reached_through_a_class_that_unlocked_it_or_in_an_open_course(
    is_open: bool, enrolled: bool, unlocked: bool, refused: object
) -> None:
    access = Access(enrolled=enrolled, unlocked=unlocked)
    assert only_with_an_unlocked_lesson(COURSE, STUDENT, access, is_open=is_open) == refused


def test_a_course_is_changed_by_its_instructor_and_staff_only() -> None:
    owner = instructor()
    assert only_its_managers(owner.user_id, owner) is None
    assert only_its_managers(owner.user_id, staff()) is None
    assert only_its_managers(owner.user_id, instructor()) == NotYourCourse()
    no_longer_instructor = Actor(owner.user_id, frozenset({"student"}))
    assert only_its_managers(owner.user_id, no_longer_instructor) == NotYourCourse()
