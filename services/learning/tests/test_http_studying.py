"""Students, and those who teach them, over HTTP."""

from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, answered, refused
from babyowl_contracts.learning import CourseCompleted, CoursePublished, ExerciseCompleted

from .academy import Academy, content, exercise_ids, lessons_of, with_scripted_class
from .reports import enrolled, unlocked

pytestmark = pytest.mark.infra


@pytest.fixture
def academy(served: Serving) -> Academy:
    return Academy(served)


async def test_a_student_reads_the_unlocked_lesson_and_is_refused_the_locked_one(academy: Academy) -> None:
    course = await academy.course((1,), (1,))
    student_id, _ = await academy.seat(course, lessons=1)
    student = academy.student(student_id)
    first, second = lessons_of(course)
    lesson = answered(await student.get(f"/api/v1/lessons/{first['id']}"))
    assert (lesson["edition"], lesson["text"]) == ("published", "# Lesson 1.1\n\nWords.\n")
    exercise = answered(await student.get(f"/api/v1/exercises/{first['exercises'][0]['id']}"))
    assert (exercise["text"], exercise["completed_at"]) == ("Read *this*.", None)
    locked_exercise = second["exercises"][0]["id"]
    for outcome in (
        await student.get(f"/api/v1/lessons/{second['id']}"),
        await student.get(f"/api/v1/exercises/{locked_exercise}"),
        await student.put(f"/api/v1/exercises/{locked_exercise}/completion"),
    ):
        assert refused(outcome) == (403, "lesson_locked")
        assert "Words" not in outcome.text


async def test_whoever_has_no_seat_is_not_enrolled(academy: Academy) -> None:
    course = await academy.course((1,))
    stranger = academy.student()
    assert refused(await stranger.get(f"/api/v1/lessons/{lessons_of(course)[0]['id']}")) == (403, "not_enrolled")
    completion = f"/api/v1/exercises/{exercise_ids(course)[0]}/completion"
    assert refused(await stranger.put(completion)) == (403, "not_enrolled")


async def test_completing_again_gets_the_same_answer_and_tells_nobody(academy: Academy, served: Serving) -> None:
    course = await academy.course((1,))
    student_id, _ = await academy.seat(course)
    completion = f"/api/v1/exercises/{exercise_ids(course)[0]}/completion"
    first = answered(await academy.student(student_id).put(completion))
    assert first["exercise_id"] == exercise_ids(course)[0]
    assert answered(await academy.student(student_id).put(completion)) == first
    assert len(await served.events(ExerciseCompleted)) == 1
    exercise = answered(await academy.student(student_id).get(completion.removesuffix("/completion")))
    assert exercise["completed_at"] == first["completed_at"]


async def test_the_outline_says_what_is_unlocked_and_done_for_me(academy: Academy) -> None:
    course = await academy.course((2, 1))
    student_id, _ = await academy.seat(course, lessons=1)
    student = academy.student(student_id)
    for exercise in lessons_of(course)[0]["exercises"]:
        answered(await student.put(f"/api/v1/exercises/{exercise['id']}/completion"))
    seen = answered(await student.get(f"/api/v1/courses/{course['id']}"))
    assert seen["edition"] == "published"
    assert [(lesson["unlocked"], lesson["completed"]) for lesson in lessons_of(seen)] == [
        (True, True),
        (False, False),
    ]
    assert [exercise["completed"] for lesson in lessons_of(seen) for exercise in lesson["exercises"]] == [
        True,
        True,
        False,
    ]
    stranger = answered(await academy.student().get(f"/api/v1/courses/{course['id']}"))
    assert not any(lesson["unlocked"] or lesson["completed"] for lesson in lessons_of(stranger))


async def test_students_see_a_draft_edit_only_after_it_is_published(academy: Academy) -> None:
    course = await academy.course((1,))
    student_id, _ = await academy.seat(course)
    student, path = academy.student(student_id), f"/api/v1/courses/{course['id']}"
    [lesson] = lessons_of(course)
    body = {"title": "Rewritten", "text": "New words"}
    answered(await academy.instructor.put(f"/api/v1/lessons/{lesson['id']}", json=body))
    answered(await academy.instructor.put(path, json={"title": "New title", "summary": "", "open": False}))
    assert answered(await student.get(f"/api/v1/lessons/{lesson['id']}"))["title"] == "Lesson 1.1"
    assert answered(await student.get(path))["title"] == "Python"
    [entry] = answered(await student.get("/api/v1/courses"))["items"]
    assert entry["title"] == "Python"
    assert answered(await academy.instructor.get(f"/api/v1/lessons/{lesson['id']}"))["title"] == "Rewritten"
    preview = await academy.instructor.get(f"/api/v1/lessons/{lesson['id']}", params={"edition": "published"})
    assert answered(preview)["title"] == "Lesson 1.1"
    answered(await academy.instructor.post(f"{path}/publication"))
    seen = answered(await student.get(f"/api/v1/lessons/{lesson['id']}"))
    assert (seen["title"], seen["text"], seen["revision"]) == ("Rewritten", "New words", 2)
    assert answered(await student.get(path))["title"] == "New title"


async def test_an_unpublished_course_is_invisible_to_students(academy: Academy) -> None:
    course = await academy.course((1,), publish=False)
    student = academy.student()
    assert refused(await student.get(f"/api/v1/courses/{course['id']}")) == (404, "course_not_found")
    assert refused(await student.get(f"/api/v1/lessons/{lessons_of(course)[0]['id']}")) == (404, "lesson_not_found")
    assert refused(await student.get(f"/api/v1/exercises/{exercise_ids(course)[0]}")) == (404, "exercise_not_found")
    asked = await student.get(f"/api/v1/courses/{course['id']}", params={"edition": "draft"})
    assert refused(asked) == (403, "not_your_course")


async def test_an_open_course_can_be_studied_without_a_class(academy: Academy) -> None:
    course = await academy.course((1,), publish=False)
    path = f"/api/v1/courses/{course['id']}"
    answered(await academy.instructor.put(path, json={"title": "Python", "summary": "", "open": True}))
    answered(await academy.instructor.post(f"{path}/publication"))
    student = academy.student()
    assert lessons_of(answered(await student.get(path)))[0]["unlocked"] is True
    answered(await student.get(f"/api/v1/lessons/{lessons_of(course)[0]['id']}"))
    answered(await student.put(f"/api/v1/exercises/{exercise_ids(course)[0]}/completion"))
    mine = answered(await student.get(f"/api/v1/progress/me/courses/{course['id']}"))
    assert (mine["percent"], mine["lessons_done"]) == (100, 1)


async def test_who_teaches_a_class_reads_every_lesson_of_its_course(academy: Academy, served: Serving) -> None:
    course, teacher_id = await academy.course((1, 1)), new_id()
    await academy.seat(course, lessons=0, teacher_id=teacher_id)
    for lesson in lessons_of(course):
        answered(await served.as_("instructor", teacher_id).get(f"/api/v1/lessons/{lesson['id']}"))
        other = await served.as_("instructor").get(f"/api/v1/lessons/{lesson['id']}")
        assert refused(other) == (403, "not_your_course")
    seen = answered(await served.as_("instructor", teacher_id).get(f"/api/v1/courses/{course['id']}"))
    assert all(lesson["unlocked"] for lesson in lessons_of(seen))


async def test_who_is_no_instructor_any_more_reads_nothing_by_having_been_one(
    academy: Academy, served: Serving
) -> None:
    course, teacher_id = await academy.course((1,)), new_id()
    await academy.seat(course, lessons=0, teacher_id=teacher_id)
    [lesson] = lessons_of(course)
    demoted = served.as_("student", teacher_id)
    for path in (f"/api/v1/lessons/{lesson['id']}", f"/api/v1/exercises/{exercise_ids(course)[0]}"):
        assert refused(await demoted.get(path)) == (403, "not_enrolled")
    seen = answered(await demoted.get(f"/api/v1/courses/{course['id']}"))
    assert not any(lesson["unlocked"] for lesson in lessons_of(seen))


async def test_class_is_asked_once_before_a_student_is_refused(academy: Academy, served: Serving) -> None:
    class_context = with_scripted_class(served)
    course, student_id = await academy.course((1,)), new_id()
    student, [lesson] = academy.student(student_id), lessons_of(course)
    assert refused(await student.get(f"/api/v1/lessons/{lesson['id']}")) == (403, "not_enrolled")
    assert class_context.asked == [(student_id, UUID(lesson["id"]))]

    class_context.says(enrolled=True, unlocked=False)
    completion = f"/api/v1/exercises/{lesson['exercises'][0]['id']}/completion"
    outcome = await student.put(completion)
    assert refused(outcome) == (403, "not_enrolled")
    assert refused(await student.put(completion)) == (403, "lesson_locked")

    class_context.says(enrolled=True, unlocked=True)
    answered(await student.put(completion))
    asked = len(class_context.asked)
    answered(await student.get(f"/api/v1/lessons/{lesson['id']}"))
    answered(await student.put(completion))
    assert len(class_context.asked) == asked


async def test_an_answer_of_class_opens_the_lesson_for_reading_too(academy: Academy, served: Serving) -> None:
    class_context = with_scripted_class(served)
    class_context.says(enrolled=True, unlocked=True)
    course = await academy.course((1, 1))
    student, [first, second] = academy.student(new_id()), lessons_of(course)
    answered(await student.get(f"/api/v1/lessons/{first['id']}"))
    class_context.says(enrolled=True, unlocked=False)
    assert refused(await student.get(f"/api/v1/lessons/{second['id']}")) == (403, "lesson_locked")


async def test_progress_is_counted_lesson_by_lesson(academy: Academy) -> None:
    course = await academy.course((2, 1))
    student_id, class_id = await academy.seat(course)
    student = academy.student(student_id)
    before = answered(await student.get(f"/api/v1/progress/me/classes/{class_id}"))
    assert (before["percent"], before["exercises_total"], before["last_activity_at"]) == (0, 3, None)
    answered(await student.put(f"/api/v1/exercises/{exercise_ids(course)[0]}/completion"))
    mine = answered(await student.get(f"/api/v1/progress/me/courses/{course['id']}"))
    assert (mine["percent"], mine["exercises_done"], mine["lessons_done"]) == (33, 1, 0)
    assert [(lesson["position"], lesson["percent"]) for lesson in mine["lessons"]] == [(1, 50), (2, 0)]
    assert answered(await student.get(f"/api/v1/progress/me/classes/{class_id}")) == mine
    [listed] = answered(await student.get("/api/v1/progress/me"))["items"]
    assert listed == {name: value for name, value in mine.items() if name != "lessons"}


async def test_a_completed_course_shows_a_hundred_percent_after_it_has_grown(academy: Academy) -> None:
    course = await academy.course((1,))
    student_id, _ = await academy.seat(course)
    student, path = academy.student(student_id), f"/api/v1/courses/{course['id']}"
    answered(await student.put(f"/api/v1/exercises/{exercise_ids(course)[0]}/completion"))
    grown = content((2, 1), (1,))
    [section] = course["sections"]
    grown["sections"][0]["id"] = section["id"]
    grown["sections"][0]["lessons"][0]["id"] = section["lessons"][0]["id"]
    grown["sections"][0]["lessons"][0]["exercises"][0]["id"] = exercise_ids(course)[0]
    answered(await academy.instructor.put(f"{path}/content", json=grown))
    answered(await academy.instructor.post(f"{path}/publication"))
    mine = answered(await student.get(f"/api/v1/progress/me/courses/{course['id']}"))
    assert (mine["percent"], mine["revision"], mine["lessons_total"]) == (100, 1, 1)
    assert mine["completed_at"] is not None
    seen = lessons_of(answered(await student.get(path)))
    assert [lesson["completed"] for lesson in seen] == [True, False, False]


async def test_a_publication_completes_the_course_of_those_it_left_nothing_to_do(
    academy: Academy, served: Serving
) -> None:
    course = await academy.course((2, 1))
    path, [first, second] = f"/api/v1/courses/{course['id']}", lessons_of(course)
    done, begun = [(await academy.seat(course))[0] for _ in range(2)]
    for student_id, exercises in (
        (done, [first["exercises"][0], second["exercises"][0]]),
        (begun, second["exercises"]),
    ):
        for exercise in exercises:
            answered(await academy.student(student_id).put(f"/api/v1/exercises/{exercise['id']}/completion"))
    removed = await academy.instructor.delete(f"/api/v1/exercises/{first['exercises'][1]['id']}")
    assert removed.status_code == 204
    answered(await academy.instructor.post(f"{path}/publication"))
    [*_, published] = await served.events(CoursePublished)
    await served.deliver(published.data, times=2)
    percents = {
        student_id: answered(await academy.student(student_id).get(f"/api/v1/progress/me/courses/{course['id']}"))[
            "percent"
        ]
        for student_id in (done, begun)
    }
    assert percents == {done: 100, begun: 33}
    assert [event.data.student_id for event in await served.events(CourseCompleted)] == [done]  # type: ignore[attr-defined]


async def test_who_teaches_sees_how_the_students_do(academy: Academy, served: Serving) -> None:
    course, teacher_id = await academy.course((1, 1)), new_id()
    ann, class_id = await academy.seat(course, teacher_id=teacher_id)
    ben, _ = await academy.seat(course)
    await academy.person(ann, "Ann", "student")
    answered(await academy.student(ann).put(f"/api/v1/exercises/{exercise_ids(course)[0]}/completion"))
    in_class, in_course = f"/api/v1/progress/classes/{class_id}", f"/api/v1/progress/courses/{course['id']}"
    for teacher in (served.as_("instructor", teacher_id), academy.instructor, served.as_("staff")):
        [row] = answered(await teacher.get(in_class))["items"]
        assert (row["student_id"], row["display_name"], row["percent"]) == (str(ann), "Ann", 50)
    everybody = answered(await academy.instructor.get(in_course))["items"]
    assert {(row["student_id"], row["percent"]) for row in everybody} == {(str(ann), 50), (str(ben), 0)}
    first = answered(await academy.instructor.get(in_course, params={"limit": 1}))
    second = answered(await academy.instructor.get(in_course, params={"limit": 1, "cursor": first["next_cursor"]}))
    assert first["items"] + second["items"] == everybody

    detail = answered(await served.as_("instructor", teacher_id).get(f"{in_course}/students/{ann}"))
    assert [lesson["percent"] for lesson in detail["lessons"]] == [100, 0]
    not_theirs = await served.as_("instructor", teacher_id).get(f"{in_course}/students/{ben}")
    assert refused(not_theirs) == (403, "not_your_course")
    assert refused(await served.as_("instructor").get(in_class)) == (403, "not_your_class")
    nobody = await academy.instructor.get(f"{in_course}/students/{new_id()}")
    assert refused(nobody) == (404, "student_not_found")


async def test_progress_of_what_is_not_mine_is_not_found(academy: Academy) -> None:
    course = await academy.course((1,))
    _, class_id = await academy.seat(course)
    stranger = academy.student()
    assert refused(await stranger.get(f"/api/v1/progress/me/courses/{course['id']}")) == (404, "course_not_found")
    assert refused(await stranger.get(f"/api/v1/progress/me/classes/{class_id}")) == (404, "class_not_found")
    assert answered(await stranger.get("/api/v1/progress/me"))["items"] == []


async def test_a_cursor_of_another_list_is_refused(academy: Academy) -> None:
    odd = await academy.student().get("/api/v1/courses", params={"cursor": "WyJpNyJd"})
    assert refused(odd) == (422, "invalid_cursor")


async def test_facts_heard_five_times_leave_one_row_each(academy: Academy, served: Serving) -> None:
    course = await academy.course((1, 1))
    student_id, class_id, course_id = new_id(), new_id(), UUID(course["id"])
    lessons = [UUID(lesson["id"]) for lesson in lessons_of(course)]
    for event in (
        unlocked(class_id, course_id, *lessons),
        unlocked(class_id, course_id, lessons[0], student_id=student_id),
        enrolled(class_id, course_id, student_id),
    ):
        await served.deliver(event, times=5)
        await served.deliver(event)
    database = served.resources.database
    counts = {
        table: await database.fetchval(f"SELECT count(*) FROM {table}")
        for table in ("enrollments", "class_unlocks", "student_unlocks")
    }
    assert counts == {"enrollments": 1, "class_unlocks": 2, "student_unlocks": 1}
