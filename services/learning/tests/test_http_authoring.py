"""Authors, over HTTP."""

from typing import Any

import httpx
import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, answered, refused
from learning.domain import values

from .academy import Academy, Document, content, exercise_ids, lessons_of

pytestmark = pytest.mark.infra


@pytest.fixture
def academy(served: Serving) -> Academy:
    return Academy(served)


async def test_a_course_is_begun_found_and_described(academy: Academy) -> None:
    made = await academy.instructor.post("/api/v1/courses", json={"title": " Python ", "summary": "Snakes"})
    course = answered(made, 201)
    assert (course["title"], course["status"], course["version"]) == ("Python", "draft", 1)
    assert course["instructor_id"] == str(academy.instructor_id)
    assert made.headers["Location"] == f"/api/v1/courses/{course['id']}"
    found = await academy.instructor.get(made.headers["Location"])
    assert answered(found) == course
    assert found.headers["ETag"] == made.headers["ETag"] == '"1"'
    changed = await academy.instructor.put(
        made.headers["Location"], json={"title": "Python!", "summary": "", "open": True}
    )
    assert (answered(changed)["title"], changed.json()["open"], changed.headers["ETag"]) == ("Python!", True, '"2"')


async def test_the_same_request_under_one_key_begins_one_course(academy: Academy) -> None:
    key, body = {"Idempotency-Key": "begin-1"}, {"title": "Python"}
    first = await academy.instructor.post("/api/v1/courses", json=body, headers=key)
    again = await academy.instructor.post("/api/v1/courses", json=body, headers=key)
    assert answered(first, 201) == answered(again, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    other = await academy.instructor.post("/api/v1/courses", json={"title": "Other"}, headers=key)
    assert refused(other) == (409, "idempotency_key_reused")
    assert len(answered(await academy.instructor.get("/api/v1/courses/managed"))["items"]) == 1


async def test_staff_begin_a_course_for_an_instructor_they_name(academy: Academy, served: Serving) -> None:
    await academy.person(academy.instructor_id, "Ada", "instructor")
    staff = served.as_("staff")
    body = {"title": "Python", "instructor_id": str(academy.instructor_id)}
    course = answered(await staff.post("/api/v1/courses", json=body), 201)
    assert course["instructor_id"] == str(academy.instructor_id)
    assert refused(await staff.post("/api/v1/courses", json={"title": "Python"})) == (422, "instructor_required")


async def test_a_student_is_nobodys_instructor(academy: Academy, served: Serving) -> None:
    ben = new_id()
    await academy.person(ben, "Ben", "student")
    body = {"title": "Python", "instructor_id": str(ben)}
    assert refused(await served.as_("staff").post("/api/v1/courses", json=body)) == (404, "instructor_not_found")


async def test_a_course_is_written_piece_by_piece(academy: Academy) -> None:
    author = academy.instructor
    course = answered(await author.post("/api/v1/courses", json={"title": "Python"}), 201)
    sections = f"/api/v1/courses/{course['id']}/sections"
    section = answered(await author.post(sections, json={"title": "First"}), 201)
    draft = {"title": "One", "text": "    code\n\n# One\n", "video_url": "https://video.example/1"}
    lesson = answered(await author.post(f"{sections}/{section['id']}/lessons", json=draft), 201)
    exercise_body = {"kind": "reading", "title": "Try", "text": "Try it.", "required_minutes": 10}
    exercise = answered(await author.post(f"/api/v1/lessons/{lesson['id']}/exercises", json=exercise_body), 201)
    assert (section["version"], lesson["version"], exercise["version"]) == (2, 3, 4)

    read = await author.get(f"/api/v1/lessons/{lesson['id']}")
    assert (answered(read)["text"], read.json()["position"], read.headers["ETag"]) == (draft["text"], 1, '"4"')
    assert [found["id"] for found in read.json()["exercises"]] == [exercise["id"]]
    read = await author.get(f"/api/v1/exercises/{exercise['id']}")
    assert {name: answered(read)[name] for name in exercise_body} == exercise_body

    renamed = await author.put(f"{sections}/{section['id']}", json={"title": "Renamed"})
    assert answered(renamed)["title"] == "Renamed"
    rewritten = await author.put(f"/api/v1/lessons/{lesson['id']}", json={"title": "Uno", "text": "Other"})
    assert (answered(rewritten)["title"], rewritten.json()["video_url"]) == ("Uno", None)
    rewritten = await author.put(f"/api/v1/exercises/{exercise['id']}", json={**exercise_body, "text": "Again."})
    assert answered(rewritten)["text_bytes"] == len("Again.")
    for path in (
        f"/api/v1/exercises/{exercise['id']}",
        f"/api/v1/lessons/{lesson['id']}",
        f"{sections}/{section['id']}",
    ):
        assert (await author.delete(path)).status_code == 204
    assert answered(await author.get(f"/api/v1/courses/{course['id']}"))["sections"] == []


async def test_a_whole_course_is_written_read_changed_and_sent_back(academy: Academy) -> None:
    course = await academy.course((2, 1), (1,), publish=False)
    path = f"/api/v1/courses/{course['id']}/content"
    read = await academy.instructor.get(path)
    sections = answered(read)["sections"]
    assert sections[0]["lessons"][1]["text"] == "# Lesson 1.2\n\nWords.\n"
    unchanged = await academy.instructor.put(
        path, json={"sections": sections}, headers={"If-Match": read.headers["ETag"]}
    )
    assert answered(unchanged)["version"] == course["version"]
    sections[0]["lessons"][0]["title"] = "Changed"
    sections.reverse()
    changed = answered(await academy.instructor.put(path, json={"sections": sections}))
    assert [lesson["title"] for lesson in lessons_of(changed)] == ["Lesson 2.1", "Changed", "Lesson 1.2"]
    assert {lesson["id"] for lesson in lessons_of(changed)} == {lesson["id"] for lesson in lessons_of(course)}


async def test_an_id_of_another_course_cannot_be_taken_over(academy: Academy) -> None:
    mine, other = await academy.course((1,), publish=False), await academy.course((1,), publish=False)
    stolen = content((1,))
    stolen["sections"][0]["lessons"][0]["id"] = lessons_of(other)[0]["id"]
    outcome = await academy.instructor.put(f"/api/v1/courses/{mine['id']}/content", json=stolen)
    assert refused(outcome) == (422, "unknown_content_id")


async def test_sections_lessons_and_exercises_are_rearranged(academy: Academy) -> None:
    course = await academy.course((2, 1), (1,), publish=False)
    first, second = course["sections"]
    a, b, c = (lesson["id"] for lesson in lessons_of(course))
    order = [
        {"section_id": second["id"], "lesson_ids": [a, c]},
        {"section_id": first["id"], "lesson_ids": [b]},
    ]
    path = f"/api/v1/courses/{course['id']}/order"
    arranged = answered(await academy.instructor.put(path, json={"sections": order}))
    assert [(lesson["id"], lesson["position"]) for lesson in lessons_of(arranged)] == [(a, 1), (c, 2), (b, 3)]
    assert answered(await academy.instructor.get(f"/api/v1/courses/{course['id']}")) == arranged
    half = await academy.instructor.put(path, json={"sections": order[:1]})
    assert refused(half) == (422, "arrangement_incomplete")

    x, y = (exercise["id"] for exercise in lessons_of(course)[0]["exercises"])
    lesson = answered(await academy.instructor.put(f"/api/v1/lessons/{a}/order", json={"exercise_ids": [y, x]}))
    assert [exercise["id"] for exercise in lesson["exercises"]] == [y, x]


async def test_an_edit_of_what_was_not_seen_is_refused(academy: Academy) -> None:
    course = await academy.course((1,), publish=False)
    path = f"/api/v1/courses/{course['id']}"
    body = {"title": "A", "summary": "", "open": False}
    fresh = {"If-Match": f'"{course["version"]}"'}
    assert answered(await academy.instructor.put(path, json=body, headers=fresh))["title"] == "A"
    stale = await academy.instructor.put(path, json={**body, "title": "B"}, headers=fresh)
    assert refused(stale) == (412, "stale_version")
    assert stale.json()["current"] == course["version"] + 1
    odd = await academy.instructor.put(path, json=body, headers={"If-Match": "yesterday"})
    assert refused(odd) == (422, "malformed_etag")


async def test_publishing_needs_something_in_everything(academy: Academy) -> None:
    course = await academy.course((1, 0), (), publish=False)
    outcome = await academy.instructor.post(f"/api/v1/courses/{course['id']}/publication")
    assert refused(outcome) == (409, "course_incomplete")
    assert outcome.json()["empty_sections"] == [course["sections"][1]["id"]]
    assert outcome.json()["empty_lessons"] == [lessons_of(course)[1]["id"]]


async def test_an_archived_course_leaves_the_catalogue_and_takes_no_edits(academy: Academy) -> None:
    course = await academy.course((1,))
    path = f"/api/v1/courses/{course['id']}"
    assert len(answered(await academy.student().get("/api/v1/courses"))["items"]) == 1
    assert answered(await academy.instructor.post(f"{path}/archival"))["status"] == "archived"
    assert answered(await academy.student().get("/api/v1/courses"))["items"] == []
    late = await academy.instructor.post(f"{path}/sections", json={"title": "Late"})
    assert refused(late) == (409, "course_is_archived")
    [mine] = answered(await academy.instructor.get("/api/v1/courses/managed"))["items"]
    assert mine["status"] == "archived"


async def test_the_catalogue_shows_the_author_by_name_page_by_page(academy: Academy) -> None:
    await academy.person(academy.instructor_id, "Ada", "instructor")
    titles = [f"Course {number}" for number in range(5)]
    for title in titles:
        await academy.course((2, 1), title=title)
    await academy.course((1,), title="Unpublished", publish=False)
    student, shown, url = academy.student(), list[Document](), "/api/v1/courses?limit=2"
    while url:
        response = await student.get(url)
        shown += answered(response)["items"]
        link = response.links.get("next")
        assert (link is None) == (response.json()["next_cursor"] is None)
        url = link["url"] if link else ""
    assert [entry["title"] for entry in shown] == titles[::-1]
    assert {entry["instructor_name"] for entry in shown} == {"Ada"}
    assert {(entry["lessons_total"], entry["exercises_total"]) for entry in shown} == {(2, 3)}


async def test_instructors_find_their_own_courses_and_staff_all(academy: Academy, served: Serving) -> None:
    mine, other = await academy.course((1,), publish=False), await Academy(served).course((1,), publish=False)
    listed = answered(await academy.instructor.get("/api/v1/courses/managed"))["items"]
    assert [course["id"] for course in listed] == [mine["id"]]
    everything = answered(await served.as_("staff").get("/api/v1/courses/managed"))["items"]
    assert [course["id"] for course in everything] == [other["id"], mine["id"]]


async def test_other_services_read_the_outline_of_what_is_published(academy: Academy, served: Serving) -> None:
    course = await academy.course((2,), (1,))
    path = f"/internal/v1/courses/{course['id']}/outline"
    service = served.as_service("courses:read")
    outline = answered(await service.get(path))
    assert outline == {
        "course_id": course["id"],
        "instructor_id": str(academy.instructor_id),
        "revision": 1,
        "open": False,
        "lessons": [
            {
                "lesson_id": lesson["id"],
                "position": position,
                "exercise_ids": [exercise["id"] for exercise in lesson["exercises"]],
                "exercise_kinds": [exercise["kind"] for exercise in lesson["exercises"]],
            }
            for position, lesson in enumerate(lessons_of(course), start=1)
        ],
    }
    draft = await academy.course((1,), publish=False)
    assert refused(await service.get(f"/internal/v1/courses/{draft['id']}/outline")) == (404, "course_not_found")
    await academy.instructor.post(f"/api/v1/courses/{course['id']}/archival")
    assert refused(await service.get(path)) == (404, "course_not_found")


LESSON, EXERCISE = {"title": "A", "text": ""}, {"kind": "reading", "title": "A", "text": "B"}


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "quiz"},
        {"kind": "coding"},
        {"kind": None},
        {"title": ""},
        {"title": "   "},
        {"title": "x" * (values.TITLE_LENGTH + 1)},
        {"title": 7},
        {"title": "a\x00b"},
        {"text": ""},
        {"text": "x" * (values.TEXT_BYTES + 1)},
        {"required_minutes": 0},
        {"required_minutes": 10**12},
        {"required_minutes": "many"},
        {"answer_key": 42},
    ],
)
async def test_an_exercise_that_makes_no_sense_is_refused(academy: Academy, changed: dict[str, Any]) -> None:
    course = await academy.course((1,), publish=False)
    path = f"/api/v1/lessons/{lessons_of(course)[0]['id']}/exercises"
    outcome = await academy.instructor.post(path, json={**EXERCISE, **changed})
    assert refused(outcome) == (422, "invalid_input")
    assert outcome.json()["errors"]


@pytest.mark.parametrize("url", ["http://video.example", "javascript:alert(1)", "https://", "https://a b", ""])
async def test_only_an_encrypted_video_link_is_taken(academy: Academy, url: str) -> None:
    course = await academy.course((1,), publish=False)
    path = f"/api/v1/lessons/{lessons_of(course)[0]['id']}"
    outcome = await academy.instructor.put(path, json={**LESSON, "video_url": url})
    assert refused(outcome) in ((422, "invalid_input"), (422, "unfit_video_url"))


async def test_a_text_is_measured_in_bytes(academy: Academy) -> None:
    course = await academy.course((1,), publish=False)
    path = f"/api/v1/lessons/{lessons_of(course)[0]['id']}"
    owls = "🦉" * (values.TEXT_BYTES // 4)
    assert (
        answered(await academy.instructor.put(path, json={**LESSON, "text": owls}))["text_bytes"] == values.TEXT_BYTES
    )
    outcome = await academy.instructor.put(path, json={**LESSON, "text": owls + "!"})
    assert refused(outcome) == (422, "text_too_long")


async def test_ids_of_other_kinds_are_not_found(academy: Academy) -> None:
    course = await academy.course((1,))
    [lesson] = lessons_of(course)
    [exercise_id] = exercise_ids(course)
    author = academy.instructor
    assert refused(await author.get(f"/api/v1/courses/{lesson['id']}")) == (404, "course_not_found")
    assert refused(await author.get(f"/api/v1/lessons/{exercise_id}")) == (404, "lesson_not_found")
    assert refused(await author.get(f"/api/v1/exercises/{course['id']}")) == (404, "exercise_not_found")
    assert refused(await author.delete(f"/api/v1/lessons/{course['id']}")) == (404, "lesson_not_found")
    strange = await author.delete(f"/api/v1/courses/{course['id']}/sections/{lesson['id']}")
    assert refused(strange) == (404, "section_not_found")
    assert refused(await author.get("/api/v1/lessons/seven")) == (422, "invalid_input")


async def test_what_is_no_json_is_refused(academy: Academy) -> None:
    outcome: httpx.Response = await academy.instructor.post(
        "/api/v1/courses", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert refused(outcome) == (400, "malformed_json")
