"""Badges over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
from httpx import Response

from babyowl_chassis.ids import new_id, utc_now
from babyowl_contracts.gamification import BadgeRevoked, BadgeUnlocked
from gamification.infrastructure.catalogue import load_catalogue

from .academy import Academy
from .reports import attendance, exercise, lesson

pytestmark = pytest.mark.infra


async def test_anybody_sees_which_badges_there_are(academy: Academy) -> None:
    response = await academy.served.client.get("/api/v1/badges")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=3600"
    items = response.json()["items"]
    assert [item["id"] for item in items] == [badge.id for badge in load_catalogue().badges]
    assert next(item for item in items if item["id"] == "exercises_10") == {
        "id": "exercises_10",
        "title": "Warmed up",
        "text": "You have completed 10 exercises.",
        "fact": "exercises",
        "at_least": 10,
        "xp": 20,
        "picture": {
            "url": "/api/v1/badges/exercises_10/picture",
            "text": "A bronze medal with a pencil and the number 10",
        },
    }


async def test_every_badge_has_a_picture_at_its_address(academy: Academy) -> None:
    for item in (await academy.served.client.get("/api/v1/badges")).json()["items"]:
        response = await academy.served.client.get(item["picture"]["url"])
        assert (response.status_code, response.headers["content-type"]) == (200, "image/svg+xml")
        title, description, *_ = ElementTree.fromstring(response.text)
        assert (title.text, description.text) == (item["title"], item["picture"]["text"])


async def test_a_picture_is_fetched_once(academy: Academy) -> None:
    url, client = "/api/v1/badges/first_quest/picture", academy.served.client
    first = await client.get(url)
    assert first.headers["cache-control"] == "public, max-age=86400"
    tag = first.headers["etag"]
    many = ", ".join(f'"{number:016x}"' for number in range(100))
    for seen in (tag, f'"other", W/{tag}', f"{many}, {tag}", "*"):
        again = await client.get(url, headers={"If-None-Match": seen})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for other in ('"other"', many, "x" * 2000, ""):
        assert (await client.get(url, headers={"If-None-Match": other})).status_code == 200


@pytest.mark.parametrize(
    ("badge", "status", "code"),
    [("first_nap", 404, "badge_not_found"), ("First", 422, "invalid_input"), ("x" * 41, 422, "invalid_input")],
)
async def test_a_picture_of_no_badge_is_not_found(academy: Academy, badge: str, status: int, code: str) -> None:
    response = await academy.served.client.get(f"/api/v1/badges/{badge}/picture")
    assert (response.status_code, response.json()["code"]) == (status, code)


async def badges_of(academy: Academy, player_id: UUID) -> dict[str, Any]:
    """The learner's badges as the learner sees them."""
    response = await academy.student(player_id).get("/api/v1/players/me/badges")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def held(academy: Academy, player_id: UUID) -> dict[str, str]:
    """The badges the learner holds, and since when."""
    body = await badges_of(academy, player_id)
    found = {item["badge"]["id"]: item["earned_on"] for item in body["items"] if item["earned_on"]}
    assert body["held"] == len(found)
    return found


async def standing(academy: Academy, player_id: UUID, badge: str) -> dict[str, Any]:
    """How one badge stands with the learner."""
    body = await badges_of(academy, player_id)
    [item] = [item for item in body["items"] if item["badge"]["id"] == badge]
    return {name: item[name] for name in ("value", "earned_on", "revoked")}


async def rewards(academy: Academy, player_id: UUID, badge: str) -> list[int]:
    """What the ledger says of a badge, oldest line first."""
    response = await academy.student(player_id).get("/api/v1/players/me/history", params={"limit": 100})
    return [line["amount"] for line in response.json()["items"] if line["rule"] == f"badge_{badge}"][::-1]


async def total(academy: Academy, player_id: UUID) -> int:
    """The learner's points."""
    points: int = (await academy.student(player_id).get("/api/v1/players/me")).json()["total_xp"]
    return points


async def told(academy: Academy, player_id: UUID) -> list[tuple[str, str]]:
    """What others were told about the learner's badges: which one, and when it was earned or why it was lost."""
    return [
        (data.badge, data.earned_on.isoformat() if isinstance(data, BadgeUnlocked) else data.reason)
        for data in [envelope.data for envelope in await academy.served.events()]
        if isinstance(data, BadgeUnlocked | BadgeRevoked) and data.student_id == player_id
    ]


async def test_the_first_exercise_earns_a_badge_and_its_points(academy: Academy) -> None:
    ada, now = await academy.person("Ada"), utc_now()
    assert await held(academy, ada) == {}
    await academy.practise(ada, 1, at=now)
    today = now.date().isoformat()
    assert await held(academy, ada) == {"first_exercise": today}
    assert await rewards(academy, ada, "first_exercise") == [10]
    assert await total(academy, ada) == 30
    assert await told(academy, ada) == [("first_exercise", today)]


async def test_a_badge_is_earned_once_however_much_follows(academy: Academy) -> None:
    ada, now = await academy.person("Ada"), utc_now()
    for ago in range(5):
        await academy.served.deliver(exercise(ada, now - timedelta(minutes=ago)), times=2)
    assert await rewards(academy, ada, "first_exercise") == [10]
    assert [badge for badge, _ in await told(academy, ada)] == ["first_exercise"]


async def test_progress_is_counted_and_the_nearest_badge_comes_first(academy: Academy) -> None:
    ada = await academy.person("Ada")
    await academy.practise(ada, 4)
    assert await standing(academy, ada, "exercises_10") == {"value": 4, "earned_on": None, "revoked": None}
    assert (await standing(academy, ada, "first_exercise"))["value"] == 1
    following = (await badges_of(academy, ada))["next"]
    assert following[0] == {"badge": "exercises_10", "value": 4, "missing": 6}
    assert [goal["badge"] for goal in following].count("exercises_50") == 0
    assert len(following) == len({badge.fact for badge in load_catalogue().badges})


async def test_a_correction_takes_back_what_was_never_earned(academy: Academy) -> None:
    ada, meeting, now = await academy.person("Ada"), new_id(), utc_now()
    await academy.served.deliver(attendance(ada, now, "present", meeting_id=meeting))
    assert list(await held(academy, ada)) == ["first_meeting"]
    await academy.served.deliver(attendance(ada, now, "absent", meeting_id=meeting, revision=2))
    assert await held(academy, ada) == {}
    assert await rewards(academy, ada, "first_meeting") == [10, -10]
    assert await total(academy, ada) == 0
    assert await told(academy, ada) == [
        ("first_meeting", now.date().isoformat()),
        ("first_meeting", "corrected"),
    ]


async def test_late_news_of_an_earlier_day_moves_the_badge_to_that_day(academy: Academy) -> None:
    ada, now = await academy.person("Ada"), utc_now()
    earlier = now - timedelta(days=9)
    await academy.served.deliver(lesson(ada, now))
    points = await total(academy, ada)
    await academy.served.deliver(lesson(ada, earlier))
    assert (await held(academy, ada))["first_lesson"] == earlier.date().isoformat()
    assert await rewards(academy, ada, "first_lesson") in ([15, -15, 15], [15, 15, -15])
    ben = await academy.person("Ben")
    await academy.served.deliver(lesson(ben, earlier))
    await academy.served.deliver(lesson(ben, now))
    assert await held(academy, ben) == await held(academy, ada)
    assert await total(academy, ben) == await total(academy, ada) > points


async def revoke(academy: Academy, player_id: UUID, badge: str, reason: str = "It was somebody else.") -> Response:
    path = f"/api/v1/players/{player_id}/badges/{badge}/revocation"
    return await academy.served.as_("staff").post(path, json={"reason": reason})


async def reinstate(academy: Academy, player_id: UUID, badge: str) -> Response:
    return await academy.served.as_("staff").delete(f"/api/v1/players/{player_id}/badges/{badge}/revocation")


@pytest.mark.parametrize("reason", ["", "  ", "\u200b\u200b", "\u202eoops", "x" * 501])
async def test_a_reason_that_nobody_can_read_is_refused(academy: Academy, reason: str) -> None:
    ada = await academy.person("Ada")
    await academy.practise(ada, 1)
    response = await revoke(academy, ada, "first_exercise", reason)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
    assert list(await held(academy, ada)) == ["first_exercise"]


async def test_of_somebody_who_does_not_play_there_is_no_badge_to_take_or_give(academy: Academy) -> None:
    nobody, teacher = new_id(), await academy.person("Ines", role="instructor")
    for stranger in (nobody, teacher):
        for response in (
            await revoke(academy, stranger, "first_exercise"),
            await reinstate(academy, stranger, "first_exercise"),
        ):
            assert (response.status_code, response.json()["code"]) == (404, "player_not_found")
    ada = await academy.person("Ada")
    assert (await revoke(academy, ada, "first_exercise")).json()["code"] == "badge_not_held"
    assert (await reinstate(academy, ada, "first_exercise")).json()["code"] == "badge_not_revoked"


async def test_staff_take_a_badge_away_with_a_reason_and_its_points_go_with_it(academy: Academy) -> None:
    ada = await academy.person("Ada")
    await academy.practise(ada, 1)
    staff = new_id()
    response = await academy.served.as_("staff", staff).post(
        f"/api/v1/players/{ada}/badges/first_exercise/revocation", json={"reason": "  Copied from a neighbour. "}
    )
    assert response.status_code == 201, response.text
    body = response.json()
    assert (body["badge"], body["reason"], body["revoked_by"]) == (
        "first_exercise",
        "Copied from a neighbour.",
        str(staff),
    )
    assert await held(academy, ada) == {}
    assert await standing(academy, ada, "first_exercise") == {
        "value": 1,
        "earned_on": None,
        "revoked": {"reason": "Copied from a neighbour.", "revoked_at": body["revoked_at"]},
    }
    assert await rewards(academy, ada, "first_exercise") == [10, -10]
    assert await total(academy, ada) == 20
    assert (await told(academy, ada))[-1] == ("first_exercise", "revoked")


async def test_a_badge_given_back_is_held_since_the_day_it_was_earned(academy: Academy) -> None:
    ada, long_ago = await academy.person("Ada"), utc_now() - timedelta(days=40)
    await academy.served.deliver(exercise(ada, long_ago))
    await academy.practise(ada, 2)
    before, points = await held(academy, ada), await total(academy, ada)
    assert (await revoke(academy, ada, "first_exercise")).status_code == 201
    response = await reinstate(academy, ada, "first_exercise")
    assert (response.status_code, response.content) == (204, b"")
    assert await held(academy, ada) == before == {"first_exercise": long_ago.date().isoformat()}
    assert await rewards(academy, ada, "first_exercise") == [10, -10, 10]
    assert await total(academy, ada) == points
    assert (await told(academy, ada))[-1] == ("first_exercise", long_ago.date().isoformat())


async def test_what_was_taken_away_is_not_earned_anew(academy: Academy) -> None:
    ada, meeting, now = await academy.person("Ada"), new_id(), utc_now()
    await academy.served.deliver(attendance(ada, now, "present", meeting_id=meeting))
    await revoke(academy, ada, "first_meeting")
    points = await total(academy, ada)
    await academy.served.deliver(attendance(ada, now, "absent", meeting_id=meeting, revision=2))
    await academy.served.deliver(attendance(ada, now, "present", meeting_id=meeting, revision=3))
    assert await held(academy, ada) == {}
    assert await total(academy, ada) == points
    assert len(await told(academy, ada)) == 2
    await reinstate(academy, ada, "first_meeting")
    assert list(await held(academy, ada)) == ["first_meeting"]


async def test_what_is_given_back_after_a_correction_stays_unearned(academy: Academy) -> None:
    ada, meeting, now = await academy.person("Ada"), new_id(), utc_now()
    await academy.served.deliver(attendance(ada, now, "present", meeting_id=meeting))
    await revoke(academy, ada, "first_meeting")
    await academy.served.deliver(attendance(ada, now, "absent", meeting_id=meeting, revision=2))
    assert (await reinstate(academy, ada, "first_meeting")).status_code == 204
    assert await held(academy, ada) == {}
    assert await total(academy, ada) == 0


async def test_only_what_is_held_is_taken_away_and_only_what_was_taken_away_is_given_back(academy: Academy) -> None:
    ada = await academy.person("Ada")
    await academy.practise(ada, 1)
    for response, status, code in (
        (await revoke(academy, ada, "first_lesson"), 409, "badge_not_held"),
        (await revoke(academy, ada, "first_nap"), 404, "badge_not_found"),
        (await reinstate(academy, ada, "first_exercise"), 404, "badge_not_revoked"),
        (await reinstate(academy, ada, "first_nap"), 404, "badge_not_found"),
    ):
        assert (response.status_code, response.json()["code"]) == (status, code)
    assert (await revoke(academy, ada, "first_exercise")).status_code == 201
    again = await revoke(academy, ada, "first_exercise")
    assert (again.status_code, again.json()["code"]) == (409, "badge_not_held")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "nul\0", None, 7])
async def test_a_reason_is_needed(academy: Academy, reason: Any) -> None:
    ada = await academy.person("Ada")
    await academy.practise(ada, 1)
    response = await revoke(academy, ada, "first_exercise", reason)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
    assert list(await held(academy, ada)) == ["first_exercise"]


async def test_a_repeated_request_takes_the_badge_away_once(academy: Academy) -> None:
    ada = await academy.person("Ada")
    await academy.practise(ada, 1)
    staff, path = academy.served.as_("staff"), f"/api/v1/players/{ada}/badges/first_exercise/revocation"
    answers = [
        await staff.post(path, json={"reason": "Copied."}, headers={"Idempotency-Key": "once"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert await rewards(academy, ada, "first_exercise") == [10, -10]


async def test_an_instructor_sees_the_badges_of_their_students_and_of_nobody_else(academy: Academy) -> None:
    ada, ben, teacher = await academy.learner("Ada", 1), await academy.person("Ben"), new_id()
    await academy.class_of(ada, instructor_id=teacher)
    client = academy.served.as_("instructor", teacher)
    response = await client.get(f"/api/v1/players/{ada}/badges")
    assert (response.status_code, response.json()) == (200, await badges_of(academy, ada))
    refused = await client.get(f"/api/v1/players/{ben}/badges")
    assert (refused.status_code, refused.json()["code"]) == (403, "player_not_visible")
