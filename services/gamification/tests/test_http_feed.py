from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id, utc_now

from .academy import Academy
from .reports import attendance, exercise

pytestmark = pytest.mark.infra

A_WEEK = 7


async def feed_of(academy: Academy, student_id: UUID, **params: Any) -> list[dict[str, Any]]:
    response = await academy.student(student_id).get("/api/v1/players/me/feed", params={"limit": 100} | params)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def active_on(academy: Academy, student_id: UUID, *days_ago: int) -> datetime:
    """Something done on each of these days; the moment it is now."""
    now = utc_now()
    for ago in days_ago:
        await academy.served.deliver(exercise(student_id, now - timedelta(days=ago)))
    return now


async def test_who_has_done_nothing_has_an_empty_feed(academy: Academy) -> None:
    assert await feed_of(academy, await academy.person()) == []


async def test_points_and_the_badge_they_led_to_are_told_with_their_titles(academy: Academy) -> None:
    ada = await academy.person()
    await academy.practise(ada, 1)
    entries = await feed_of(academy, ada)
    points = next(entry for entry in entries if entry["rule"] == "exercise_completed")
    badge = next(entry for entry in entries if entry["rule"] == "badge_first_exercise")
    assert (points["kind"], points["amount"], points["title"], points["source"]["kind"]) == (
        "points",
        20,
        "Exercise completed",
        "exercise",
    )
    assert (badge["kind"], badge["title"], badge["source"]["kind"]) == ("badge", "First flight", "badge")


async def test_each_entry_says_what_the_total_came_to(academy: Academy) -> None:
    ada = await academy.person()
    await academy.practise(ada, 6)
    entries = await feed_of(academy, ada)
    for newer, older in pairwise(entries):
        assert newer["total_xp"] - newer["amount"] == older["total_xp"]
    assert entries[-1]["total_xp"] == entries[-1]["amount"]
    stats = (await academy.student(ada).get("/api/v1/players/me")).json()
    assert entries[0]["total_xp"] == stats["total_xp"]
    reached = [entry["new_level"] for entry in entries if entry["new_level"] is not None]
    assert reached == sorted(reached, reverse=True)
    assert reached[0] == stats["level"]["number"] > 1


async def test_a_correction_tells_what_it_took_back_with_the_badge(academy: Academy) -> None:
    ada, meeting, now = await academy.person(), new_id(), utc_now()
    await academy.served.deliver(attendance(ada, now, "present", meeting_id=meeting))
    told = {entry["kind"] for entry in await feed_of(academy, ada)}
    assert "badge" in told
    assert "correction" not in told
    await academy.served.deliver(attendance(ada, now, "absent", meeting_id=meeting, revision=2))
    entries = await feed_of(academy, ada)
    [correction] = [entry for entry in entries if entry["kind"] == "correction"]
    assert (correction["rule"], correction["title"], correction["amount"]) == ("meeting_present", "In class", -30)
    gained = sorted(entry["rule"] for entry in entries if entry["kind"] == "badge")
    lost = [entry for entry in entries if entry["kind"] == "badge_lost"]
    assert sorted(entry["rule"] for entry in lost) == gained
    assert {entry["reason"] for entry in entries} == {None}
    assert sum(entry["amount"] for entry in entries) == entries[0]["total_xp"] == 0


async def test_a_badge_that_staff_took_away_is_told_with_their_reason_until_they_give_it_back(
    academy: Academy,
) -> None:
    ada, now = await academy.person(), utc_now()
    await academy.practise(ada, 1, at=now)
    # The day moves, and with it the badge: that was taken back once before, for no reason of the staff's.
    await academy.practise(ada, 1, at=now - timedelta(days=3))
    path = f"/api/v1/players/{ada}/badges/first_exercise/revocation"
    for reason in ("Copied from a neighbour.", "Copied once more."):
        answer = await academy.served.as_("staff").post(path, json={"reason": reason})
        assert answer.status_code == 201, answer.text
        entries = await feed_of(academy, ada)
        assert (entries[0]["kind"], entries[0]["title"], entries[0]["reason"]) == (
            "badge_lost",
            "First flight",
            reason,
        )
        assert [entry["reason"] for entry in entries[1:]] == [None] * (len(entries) - 1)
        assert (await academy.served.as_("staff").delete(path)).status_code == 204
        assert {entry["reason"] for entry in await feed_of(academy, ada)} == {None}


async def test_a_day_saved_by_a_freeze_is_told_before_the_learner_is_back_and_after(academy: Academy) -> None:
    ada = await academy.person()
    now = await active_on(academy, ada, *range(A_WEEK + 1, 1, -1))
    saved = (now - timedelta(days=1)).date()
    for days_back in ((), (0,)):
        await active_on(academy, ada, *days_back)
        freezes = [entry for entry in await feed_of(academy, ada) if entry["kind"] == "freeze"]
        told = [entry for entry in freezes if entry["day"] == saved.isoformat()]
        assert [(entry["amount"], entry["total_xp"], entry["title"]) for entry in told] == [(0, None, None)]
        assert datetime.fromisoformat(told[0]["at"]).date() == saved + timedelta(days=1)


async def test_pages_are_the_feed_cut_into_pieces_freezes_and_all(academy: Academy) -> None:
    ada = await academy.person()
    await active_on(academy, ada, *range(9, 2, -1), 0)
    whole = await feed_of(academy, ada)
    assert any(entry["kind"] == "freeze" for entry in whole)
    pieces: list[dict[str, Any]] = []
    url: str | None = "/api/v1/players/me/feed?limit=3"
    while url:
        response = await academy.student(ada).get(url)
        pieces += response.json()["items"]
        url = response.links.get("next", {}).get("url")
    assert pieces == whole


async def test_those_who_may_see_the_learner_read_the_same_feed(academy: Academy) -> None:
    ada, teacher = await academy.learner("Ada", 2), new_id()
    await academy.class_of(ada, instructor_id=teacher)
    own = await feed_of(academy, ada)
    for client in (academy.served.as_("instructor", teacher), academy.served.as_("staff"), academy.student(ada)):
        response = await client.get(f"/api/v1/players/{ada}/feed", params={"limit": 100})
        assert (response.status_code, response.json()["items"]) == (200, own)
    other = await academy.student(await academy.person("Ben")).get(f"/api/v1/players/{ada}/feed")
    assert (other.status_code, other.json()["code"]) == (403, "player_not_visible")


async def test_a_cursor_of_another_list_is_refused(academy: Academy) -> None:
    ada = academy.student(await academy.person())
    response = await ada.get("/api/v1/players/me/feed", params={"cursor": "WyJzeCJd"})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_cursor")
