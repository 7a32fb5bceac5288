"""Quests over HTTP: today's and this week's, drawn or not, and those that were completed."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id, utc_now
from babyowl_contracts.identity import ProfileUpdated
from gamification.bootstrap import ZONES

from .academy import Academy
from .reports import class_created
from .school import School, planned

pytestmark = pytest.mark.infra

LAST_MONTH = utc_now() - timedelta(days=30)


@pytest.fixture
def school() -> School:
    return School()


async def quests(academy: Academy, student_id: UUID) -> dict[str, Any]:
    response = await academy.student(student_id).get("/api/v1/players/me/quests")
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_a_learner_reads_the_quests_of_today_and_of_this_week_before_doing_anything(
    academy: Academy, school: School
) -> None:
    ada = await academy.person()
    school.lesson("reading", times=20)
    await academy.hear(school.published(LAST_MONTH, is_open=True))
    answer, today = await quests(academy, ada), utc_now().date()
    monday = today - timedelta(days=today.weekday())
    daily, weekly = answer["daily"], answer["weekly"]
    assert (daily["starts_on"], daily["ends_on"]) == (str(today), str(today))
    assert (weekly["starts_on"], weekly["ends_on"]) == (str(monday), str(monday + timedelta(days=6)))
    assert datetime.fromisoformat(daily["ends_at"]) == datetime.combine(today + timedelta(days=1), time(), UTC)
    assert datetime.fromisoformat(weekly["ends_at"]) == datetime.combine(monday + timedelta(days=7), time(), UTC)
    assert {each["fact"] for each in daily["items"]} == {"exercises", "readings", "lessons"}
    assert len(weekly["items"]) == 2
    for each in (*daily["items"], *weekly["items"]):
        assert each["progress"] == 0 < each["target"]
        assert each["title"]
        assert each["text"]
        assert each["completed_on"] is None


async def test_what_is_read_before_the_first_deed_is_what_is_drawn_with_it(academy: Academy, school: School) -> None:
    ada = await academy.person()
    lesson = school.lesson("reading", times=20)
    await academy.hear(school.published(LAST_MONTH, is_open=True))
    before = await quests(academy, ada)
    await academy.hear(school.done(ada, school.exercises(lesson)[0], utc_now()))
    after = await quests(academy, ada)
    for period in ("daily", "weekly"):
        assert [each["quest"] for each in after[period]["items"]] == [
            each["quest"] for each in before[period]["items"]
        ]
        for each in after[period]["items"]:
            assert each["progress"] == (0 if each["fact"] == "lessons" else 1)


async def test_completed_quests_are_read_page_by_page_the_latest_first(academy: Academy, school: School) -> None:
    ada = await academy.person()
    exercises = school.exercises(school.lesson("reading", times=60))
    await academy.hear(school.published(LAST_MONTH, is_open=True))
    now = utc_now()
    for days in range(5, -1, -1):
        for number in range(7):
            await academy.hear(school.done(ada, exercises[days * 7 + number], now - timedelta(days=days)))
    client = academy.student(ada)
    everything = (await client.get("/api/v1/players/me/quests/completed", params={"limit": 100})).json()["items"]
    assert len(everything) >= 12
    order = [(each["completed_on"], each["starts_on"], each["quest"]) for each in everything]
    assert order == sorted(order, reverse=True)
    assert all(each["progress"] == each["target"] for each in everything)
    paged: list[dict[str, Any]] = []
    params: dict[str, Any] = {"limit": 5}
    while True:
        page = (await client.get("/api/v1/players/me/quests/completed", params=params)).json()
        paged += page["items"]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert paged == everything
    history = (await client.get("/api/v1/players/me/history", params={"limit": 100})).json()["items"]
    earned = {line["rule"] for line in history if line["source"]["kind"] == "quest"}
    assert earned <= {each["quest"] for each in everything}
    assert earned


async def test_a_cursor_of_another_list_is_refused(academy: Academy) -> None:
    ada = await academy.person()
    response = await academy.student(ada).get("/api/v1/players/me/quests/completed", params={"cursor": "bm9uZQ"})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_cursor")


async def test_who_has_nothing_to_do_has_no_quests_and_is_told_when_the_day_ends(academy: Academy) -> None:
    answer = await quests(academy, await academy.person())
    assert (answer["daily"]["items"], answer["weekly"]["items"]) == ([], [])
    assert answer["daily"]["ends_at"]


async def test_the_day_is_that_of_where_the_learner_lives(academy: Academy) -> None:
    ada = await academy.person()
    await academy.served.deliver(ProfileUpdated(user_id=ada, time_zone="Pacific/Kiritimati"), queue=ZONES.queue)
    answer = await quests(academy, ada)
    ends_at = datetime.fromisoformat(answer["daily"]["ends_at"])
    assert ends_at.astimezone(UTC).time() == time(10)
    assert utc_now() < ends_at <= utc_now() + timedelta(days=1)


async def test_a_meeting_of_today_is_a_quest_for_who_has_a_seat(academy: Academy, school: School) -> None:
    ada, bob = await academy.person(), await academy.person("Bob")
    today = datetime.combine(utc_now().date(), time(12), UTC)
    await academy.hear(school.created(LAST_MONTH, [planned(today)]), school.enrolled(ada, LAST_MONTH))
    facts = {each["fact"] for each in (await quests(academy, ada))["daily"]["items"]}
    assert facts == {"meetings", "punctual_meetings"}
    assert (await quests(academy, bob))["daily"]["items"] == []


async def test_a_newcomer_is_shown_quests_with_the_first_seat(academy: Academy, school: School) -> None:
    ada = await academy.person()
    lesson = school.lesson("reading", times=20)
    await academy.hear(school.published(LAST_MONTH), school.unlocked(LAST_MONTH, lesson))
    await academy.hear(school.done(ada, school.exercises(lesson)[0], utc_now()))
    assert [each["items"] for each in (await quests(academy, ada)).values()] == [[], []]
    await academy.hear(school.enrolled(ada, utc_now()))
    answer = await quests(academy, ada)
    assert {each["fact"] for each in answer["daily"]["items"]} == {"exercises", "readings", "lessons"}
    assert len(answer["weekly"]["items"]) == 2
    for each in (*answer["daily"]["items"], *answer["weekly"]["items"]):
        assert each["progress"] == (0 if each["fact"] == "lessons" else 1)


async def test_instructors_of_their_classes_and_staff_read_a_learners_quests_others_do_not(
    academy: Academy, school: School
) -> None:
    ada, teacher = await academy.person(), new_id()
    school.lesson("reading", times=9)
    await academy.hear(school.published(LAST_MONTH, is_open=True), school.enrolled(ada, LAST_MONTH))
    await academy.served.deliver(class_created(school.class_id, teacher))
    own = await quests(academy, ada)
    served = academy.served
    for client in (served.as_("instructor", teacher), served.as_("staff"), academy.student(ada)):
        assert (await client.get(f"/api/v1/players/{ada}/quests")).json() == own
        assert (await client.get(f"/api/v1/players/{ada}/quests/completed")).json()["items"] == []
    for client in (served.as_("instructor", new_id()), academy.student(await academy.person("Eve"))):
        for path in ("quests", "quests/completed"):
            response = await client.get(f"/api/v1/players/{ada}/{path}")
            assert (response.status_code, response.json()["code"]) == (403, "player_not_visible")
