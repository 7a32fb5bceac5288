from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id, utc_now

from .academy import Academy
from .reports import attendance, exercise

pytestmark = pytest.mark.infra

A_YEAR = 366
A_MONTH = 30


async def chart_of(academy: Academy, student_id: UUID, **params: Any) -> dict[str, Any]:
    response = await academy.student(student_id).get("/api/v1/players/me/xp-by-day", params=params)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_every_day_has_its_points_and_a_day_without_has_none(academy: Academy) -> None:
    ada, now = await academy.person(), utc_now()
    for ago in (4, 4, 2):
        await academy.served.deliver(exercise(ada, now - timedelta(days=ago)))
    today = now.date()
    chart = await chart_of(academy, ada, **{"from": str(today - timedelta(days=5)), "to": str(today)})
    assert [day["day"] for day in chart["items"]] == [str(today - timedelta(days=ago)) for ago in range(5, -1, -1)]
    assert [day["done"].get("exercises", 0) for day in chart["items"]] == [0, 2, 0, 1, 0, 0]
    assert [day["xp"] > 0 for day in chart["items"]] == [False, True, False, True, False, False]
    stats = (await academy.student(ada).get("/api/v1/players/me")).json()
    assert chart["total_xp"] == sum(day["xp"] for day in chart["items"]) == stats["total_xp"]


async def test_what_is_corrected_is_corrected_on_its_day(academy: Academy) -> None:
    ada, meeting, then = await academy.person(), new_id(), utc_now() - timedelta(days=3)
    await academy.served.deliver(attendance(ada, then, "present", meeting_id=meeting))
    await academy.served.deliver(attendance(ada, then, "absent", meeting_id=meeting, revision=2))
    chart = await chart_of(academy, ada)
    assert chart["total_xp"] == 0
    assert all(day["xp"] == 0 and day["done"] == {} for day in chart["items"])


async def test_days_that_a_freeze_bridged_are_marked_also_while_the_gap_is_open(academy: Academy) -> None:
    ada, now = await academy.person(), utc_now()
    for ago in range(8, 1, -1):
        await academy.served.deliver(exercise(ada, now - timedelta(days=ago)))
    yesterday = str((now - timedelta(days=1)).date())
    assert await frozen_days(academy, ada) == {yesterday}
    await academy.served.deliver(exercise(ada, now))
    assert await frozen_days(academy, ada) == {yesterday}


async def test_a_freeze_that_was_spent_in_vain_was_spent_all_the_same(academy: Academy) -> None:
    ada, now = await academy.person(), utc_now()
    for ago in range(11, 4, -1):
        await academy.served.deliver(exercise(ada, now - timedelta(days=ago)))
    bridged = str((now - timedelta(days=4)).date())
    assert await frozen_days(academy, ada) == {bridged}
    await academy.served.deliver(exercise(ada, now))
    assert await frozen_days(academy, ada) == {bridged}


async def frozen_days(academy: Academy, student_id: UUID) -> set[str]:
    return {day["day"] for day in (await chart_of(academy, student_id))["items"] if day["frozen"]}


async def test_a_month_up_to_today_is_shown_unless_asked_otherwise(academy: Academy) -> None:
    ada = await academy.person()
    days = [date.fromisoformat(day["day"]) for day in (await chart_of(academy, ada))["items"]]
    assert (len(days), days[-1]) == (A_MONTH, utc_now().date())
    days = [date.fromisoformat(day["day"]) for day in (await chart_of(academy, ada, to="2026-02-28"))["items"]]
    assert (len(days), days[-1]) == (A_MONTH, date(2026, 2, 28))


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
async def test_today_is_what_it_is_where_the_learner_lives(academy: Academy, zone: str) -> None:
    ada = await academy.person(zone=zone)
    await academy.served.deliver(exercise(ada, utc_now()))
    assert (await chart_of(academy, ada))["items"][-1]["done"]["exercises"] == 1


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        ("2026-01-01", "2026-01-01", 200),
        ("2025-01-01", "2026-01-01", 200),
        ("2024-12-31", "2026-01-01", 422),
        ("2026-01-02", "2026-01-01", 422),
        ("0001-01-02", "0001-01-02", 200),
        ("9999-12-30", "9999-12-30", 200),
        ("0001-01-01", "0001-01-01", 422),
        ("9999-12-31", "9999-12-31", 422),
        ("0001-01-01", "9999-12-31", 422),
    ],
)
async def test_one_day_to_a_leap_year_can_be_asked_for(academy: Academy, first: str, last: str, status: int) -> None:
    ada = academy.student(await academy.person())
    response = await ada.get("/api/v1/players/me/xp-by-day", params={"from": first, "to": last})
    assert response.status_code == status
    if status == 200:
        asked = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
        assert len(response.json()["items"]) == asked <= A_YEAR
    else:
        assert (response.json()["code"], response.json()["most_days"]) == ("range_unsuitable", A_YEAR)


@pytest.mark.parametrize("day", ["2026-01-01T00:00:00", "1767225600", "20260101", "01.01.2026"])
@pytest.mark.parametrize("end", ["from", "to"])
async def test_only_a_date_is_a_day(academy: Academy, end: str, day: str) -> None:
    response = await academy.student(await academy.person()).get("/api/v1/players/me/xp-by-day", params={end: day})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")


async def test_those_who_may_see_the_learner_see_the_same_chart(academy: Academy) -> None:
    ada, teacher = await academy.learner("Ada", 2), new_id()
    await academy.class_of(ada, instructor_id=teacher)
    own = await chart_of(academy, ada)
    for client in (academy.served.as_("instructor", teacher), academy.served.as_("staff")):
        response = await client.get(f"/api/v1/players/{ada}/xp-by-day")
        assert (response.status_code, response.json()) == (200, own)
    other = await academy.student(await academy.person("Ben")).get(f"/api/v1/players/{ada}/xp-by-day")
    assert (other.status_code, other.json()["code"]) == (403, "player_not_visible")
