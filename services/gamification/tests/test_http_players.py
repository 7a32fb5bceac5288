from datetime import timedelta
from typing import Any

import pytest

from babyowl_chassis.ids import new_id, utc_now
from gamification.domain.calendar import monday_of
from gamification.infrastructure.aliases import load_words

from .academy import Academy
from .reports import attendance, exercise, lesson

pytestmark = pytest.mark.infra

NO_STREAK: dict[str, Any] = {
    "current_days": 0,
    "longest_days": 0,
    "last_active_on": None,
    "current_weeks": 0,
    "longest_weeks": 0,
    "freezes": 0,
    "frozen_on": [],
}
A_BADGE = 10
"""What the first badge of a kind gives."""


async def test_a_new_student_stands_at_the_beginning(academy: Academy) -> None:
    ada = await academy.person("Ada")
    response = await academy.student(ada).get("/api/v1/players/me")
    assert response.status_code == 200
    assert response.json() == {
        "player_id": str(ada),
        "display_name": "Ada",
        "avatar_url": None,
        "total_xp": 0,
        "xp_this_week": 0,
        "xp_to_next_level": 100,
        "level": {"number": 1, "starts_at": 0, "next_at": 100},
        "highest_level": 1,
        "fell_back": None,
        "streak": NO_STREAK,
        "leaderboard": "shown",
        "alias": None,
    }


async def test_who_is_not_known_yet_gets_points_all_the_same(academy: Academy) -> None:
    unknown = new_id()
    await academy.practise(unknown, 1)
    body = (await academy.student(unknown).get("/api/v1/players/me")).json()
    assert (body["display_name"], body["total_xp"]) == (None, 20 + A_BADGE)


async def test_points_level_and_streak_are_shown(academy: Academy) -> None:
    ada, now = await academy.person("Ada"), utc_now()
    for ago in (0, 1, 2, 7):
        await academy.served.deliver(lesson(ada, now - timedelta(days=ago)))
    body = (await academy.student(ada).get("/api/v1/players/me")).json()
    badges = {"first_lesson": 15, "day_streak_3": 15}
    assert body["total_xp"] == 200 + sum(badges.values())
    assert body["level"] == {"number": 2, "starts_at": 100, "next_at": 300}
    assert (body["highest_level"], body["fell_back"]) == (2, None)
    assert body["xp_to_next_level"] == 300 - body["total_xp"]
    assert body["streak"] == NO_STREAK | {
        "current_days": 3,
        "longest_days": 3,
        "last_active_on": now.date().isoformat(),
        "current_weeks": body["streak"]["longest_weeks"],
        "longest_weeks": len({monday_of((now - timedelta(days=ago)).date()) for ago in (0, 1, 2, 7)}),
    }
    this_week = sum(50 for ago in (0, 1, 2) if (now - timedelta(days=ago)).weekday() <= now.weekday())
    assert body["xp_this_week"] == this_week + badges["day_streak_3"]


async def test_an_old_streak_is_remembered_as_the_longest(academy: Academy) -> None:
    ada, now = await academy.person("Ada"), utc_now()
    for ago in (100, 99, 98, 50, 40, 30):
        await academy.served.deliver(exercise(ada, now - timedelta(days=ago)))
    body = (await academy.student(ada).get("/api/v1/players/me")).json()
    streak = body["streak"]
    assert (streak["current_days"], streak["longest_days"], streak["current_weeks"]) == (0, 3, 0)
    assert streak["last_active_on"] == (now - timedelta(days=30)).date().isoformat()


async def test_a_level_that_a_correction_took_is_explained_until_it_is_reached_again(academy: Academy) -> None:
    ada, now = await academy.person("Ada"), utc_now()
    meetings = [new_id() for _ in range(3)]
    for meeting in meetings:
        await academy.served.deliver(attendance(ada, now, "present", meeting_id=meeting))
    client = academy.student(ada)
    body = (await client.get("/api/v1/players/me")).json()
    assert (body["total_xp"], body["level"]["number"]) == (90 + A_BADGE, 2)
    for corrected in meetings[:2]:
        await academy.served.deliver(attendance(ada, now, "absent", meeting_id=corrected, revision=2))
    body = (await client.get("/api/v1/players/me")).json()
    assert (body["total_xp"], body["level"]["number"], body["highest_level"]) == (30 + A_BADGE, 1, 2)
    assert body["fell_back"]["missing_xp"] == 70 - A_BADGE
    blamed = body["fell_back"]["correction"]
    assert (blamed["rule"], blamed["amount"], blamed["source"]["id"]) == ("meeting_present", -30, str(meetings[0]))
    assert blamed["title"] == "In class"
    await academy.served.deliver(lesson(ada, now))
    await academy.practise(ada, 1)
    body = (await client.get("/api/v1/players/me")).json()
    assert (body["level"]["number"], body["highest_level"], body["fell_back"]) == (2, 2, None)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "UTC"])
async def test_today_is_what_it_is_where_the_learner_lives(academy: Academy, zone: str) -> None:
    ada = await academy.person("Ada", zone=zone)
    await academy.served.deliver(exercise(ada, utc_now()), times=1)
    await academy.served.deliver(exercise(ada, utc_now() - timedelta(days=1)))
    body = (await academy.student(ada).get("/api/v1/players/me")).json()
    assert body["streak"]["current_days"] == 2


async def test_the_history_tells_what_was_earned_and_what_was_taken_back(academy: Academy) -> None:
    ada, meeting, now = await academy.person("Ada"), new_id(), utc_now()
    await academy.served.deliver(attendance(ada, now, "present", meeting_id=meeting))
    await academy.served.deliver(attendance(ada, now, "absent", meeting_id=meeting, revision=2))
    body = (await academy.student(ada).get("/api/v1/players/me/history")).json()
    of_the_meeting = [line for line in body["items"] if line["source"] == {"kind": "meeting", "id": str(meeting)}]
    assert [(line["rule"], line["amount"]) for line in of_the_meeting] == [
        ("meeting_present", -30),
        ("meeting_present", 30),
    ]
    rewards = [(line["rule"], line["amount"]) for line in body["items"] if line not in of_the_meeting]
    assert rewards == [("badge_first_meeting", -A_BADGE), ("badge_first_meeting", A_BADGE)]
    titles = {line["rule"]: line["title"] for line in body["items"]}
    assert titles == {"meeting_present": "In class", "badge_first_meeting": "Here I am"}
    assert body["next_cursor"] is None


async def test_the_history_is_read_page_by_page(academy: Academy) -> None:
    ada = await academy.person("Ada")
    await academy.practise(ada, 5)
    client = academy.student(ada)
    seen: list[str] = []
    url: str | None = "/api/v1/players/me/history?limit=2"
    pages = 0
    while url:
        response = await client.get(url)
        seen += [line["id"] for line in response.json()["items"]]
        url = response.links.get("next", {}).get("url")
        pages += 1
    assert (pages, len(seen), len(set(seen))) == (3, 6, 6)  # Five exercises and a badge.
    assert seen == sorted(seen, reverse=True)


async def test_a_cursor_of_another_list_is_refused(academy: Academy) -> None:
    ada = await academy.person("Ada")
    for cursor in ("nonsense", "WyJzeCJd"):
        response = await academy.student(ada).get("/api/v1/players/me/history", params={"cursor": cursor})
        assert (response.status_code, response.json()["code"]) == (422, "invalid_cursor")


async def test_an_instructor_sees_the_students_of_their_own_classes(academy: Academy) -> None:
    ada, ben, teacher = await academy.learner("Ada", 2), await academy.person("Ben"), new_id()
    await academy.class_of(ada, instructor_id=teacher)
    client = academy.served.as_("instructor", teacher)
    response = await client.get(f"/api/v1/players/{ada}")
    assert (response.status_code, response.json()["total_xp"]) == (200, 40 + A_BADGE)
    refused = await client.get(f"/api/v1/players/{ben}")
    assert (refused.status_code, refused.json()["code"]) == (403, "player_not_visible")


async def test_staff_see_every_student_but_nobody_else_is_a_player(academy: Academy) -> None:
    ada, teacher = await academy.person("Ada"), await academy.person("Tom", role="instructor")
    staff = academy.served.as_("staff")
    assert (await staff.get(f"/api/v1/players/{ada}")).status_code == 200
    for nobody in (teacher, new_id()):
        response = await staff.get(f"/api/v1/players/{nobody}")
        assert (response.status_code, response.json()["code"]) == (404, "player_not_found")


async def test_another_student_learns_not_even_whether_there_is_such_a_learner(academy: Academy) -> None:
    ada, ben = await academy.person("Ada"), await academy.person("Ben")
    for other in (ben, new_id()):
        response = await academy.student(ada).get(f"/api/v1/players/{other}")
        assert (response.status_code, response.json()["code"]) == (403, "player_not_visible")


async def test_a_student_chooses_how_to_appear(academy: Academy) -> None:
    player = await academy.person("Ada")
    ada = academy.student(player)
    response = await ada.patch("/api/v1/players/me", json={"leaderboard": "hidden", "alias": " night  OWL "})
    assert (response.status_code, response.json()) == (
        200,
        {"leaderboard": "hidden", "alias": "Night Owl", "to_strangers": "Night Owl"},
    )
    assert (await ada.get("/api/v1/players/me/appearance")).json() == response.json()
    response = await ada.patch("/api/v1/players/me", json={"alias": None})
    to_strangers = load_words().of_player(player).text
    assert response.json() == {"leaderboard": "hidden", "alias": None, "to_strangers": to_strangers}
    assert (await ada.get("/api/v1/players/me/appearance")).json() == response.json()
    body = (await ada.get("/api/v1/players/me")).json()
    assert (body["leaderboard"], body["alias"]) == ("hidden", None)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"alias": "<b>"}, 422, "alias_unsuitable"),
        ({"alias": "Ben"}, 422, "alias_unsuitable"),
        ({"alias": "star OWL"}, 409, "alias_taken"),
        ({"alias": 7}, 422, "invalid_input"),
        ({"alias": "x" * 101}, 422, "invalid_input"),
        ({"alias": "o\u0000wl"}, 422, "invalid_input"),
        ({"leaderboard": "sometimes"}, 422, "invalid_input"),
        ({"leaderboard": None}, 422, "invalid_input"),
        ({"total_xp": 1_000_000}, 422, "invalid_input"),
        ([], 422, "invalid_input"),
    ],
)
async def test_a_choice_that_cannot_be_is_refused_with_its_code(
    academy: Academy, body: Any, status: int, code: str
) -> None:
    await academy.call(await academy.person("Ben"), "Star Owl")
    ada = academy.student(await academy.person("Ada"))
    response = await ada.patch("/api/v1/players/me", json=body)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert (await ada.get("/api/v1/players/me")).json()["alias"] is None
