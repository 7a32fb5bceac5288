from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id, utc_now

from .academy import Academy
from .reports import exercise
from .school import School

pytestmark = pytest.mark.infra


async def goals_of(academy: Academy, student_id: UUID) -> dict[str, Any]:
    response = await academy.student(student_id).get("/api/v1/players/me/goals")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_the_next_level_says_how_many_points_are_missing(academy: Academy) -> None:
    ada = await academy.person()
    assert (await goals_of(academy, ada))["level"] == {"level": 2, "missing_xp": 100}
    await academy.practise(ada, 5)
    stats = (await academy.student(ada).get("/api/v1/players/me")).json()
    missing = stats["level"]["next_at"] - stats["total_xp"]
    assert (await goals_of(academy, ada))["level"] == {"level": 3, "missing_xp": missing}


async def test_the_nearest_badge_comes_first_and_an_earned_one_is_no_goal(academy: Academy) -> None:
    ada = await academy.person()
    await academy.practise(ada, 9)
    badges = (await goals_of(academy, ada))["badges"]
    first = badges[0]
    assert (first["value"] / first["badge"]["at_least"], first["missing"]) == (0.9, 1)
    assert "first_exercise" not in [goal["badge"]["id"] for goal in badges]
    assert all(goal["value"] + goal["missing"] == goal["badge"]["at_least"] for goal in badges)
    shares = [goal["value"] / goal["badge"]["at_least"] for goal in badges]
    assert shares == sorted(shares, reverse=True)


async def test_the_streak_says_what_today_still_needs(academy: Academy) -> None:
    ada, now = await academy.person(), utc_now()
    nothing = (await goals_of(academy, ada))["streak"]
    assert (nothing["current_days"], nothing["active_today"], nothing["tonight"]) == (0, False, "unchanged")
    await academy.served.deliver(exercise(ada, now - timedelta(days=1)))
    at_risk = (await goals_of(academy, ada))["streak"]
    assert (at_risk["current_days"], at_risk["active_today"], at_risk["tonight"]) == (1, False, "ended")
    assert datetime.fromisoformat(at_risk["ends_at"]).date() == now.date() + timedelta(days=1)
    await academy.served.deliver(exercise(ada, now))
    kept = (await goals_of(academy, ada))["streak"]
    assert (kept["current_days"], kept["active_today"], kept["tonight"]) == (2, True, "unchanged")


async def test_a_freeze_in_hand_will_be_spent_tonight(academy: Academy) -> None:
    ada, now = await academy.person(), utc_now()
    for ago in range(7, 0, -1):
        await academy.served.deliver(exercise(ada, now - timedelta(days=ago)))
    streak = (await goals_of(academy, ada))["streak"]
    assert (streak["freezes"], streak["tonight"]) == (1, "freeze_spent")


async def test_quests_are_goals_until_they_are_completed_and_then_in_the_feed(academy: Academy) -> None:
    ada, school, now = await academy.person(), School(), utc_now()
    lesson = school.lesson("reading", "reading", "quiz", "quiz", "coding")
    await academy.hear(school.published(now - timedelta(days=8), is_open=True))
    quests = (await goals_of(academy, ada))["quests"]
    assert {quest["cadence"] for quest in quests} == {"daily", "weekly"}
    assert all(quest["progress"] == 0 < quest["target"] for quest in quests)
    for exercise_id in school.exercises(lesson):
        await academy.hear(school.done(ada, exercise_id, now))
    await academy.hear(school.finished(ada, lesson, now))
    assert (await goals_of(academy, ada))["quests"] == []
    feed = (await academy.student(ada).get("/api/v1/players/me/feed", params={"limit": 100})).json()["items"]
    done = {(entry["rule"], entry["title"], entry["amount"]) for entry in feed if entry["kind"] == "quest"}
    assert done == {(quest["quest"], quest["title"], quest["xp"]) for quest in quests}


async def test_those_who_may_see_the_learner_see_the_same_goals(academy: Academy) -> None:
    ada, teacher = await academy.learner("Ada", 2), new_id()
    await academy.class_of(ada, instructor_id=teacher)
    own = await goals_of(academy, ada)
    for client in (academy.served.as_("instructor", teacher), academy.served.as_("staff")):
        response = await client.get(f"/api/v1/players/{ada}/goals")
        assert (response.status_code, response.json()) == (200, own)
    other = await academy.student(await academy.person("Ben")).get(f"/api/v1/players/{ada}/goals")
    assert (other.status_code, other.json()["code"]) == (403, "player_not_visible")
