"""Leagues, over HTTP."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.ids import new_id, utc_now
from gamification.domain.periods import ClosingPeriod, Cycle

from .academy import Academy, to_strangers

pytestmark = pytest.mark.infra

MINE = "/api/v1/leagues/me"


async def get(client: httpx.AsyncClient, path: str, **params: Any) -> dict[str, Any]:
    response = await client.get(path, params=params)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def this_week() -> ClosingPeriod:
    return ClosingPeriod.of(Cycle.WEEK, utc_now().date())


async def cohort(academy: Academy, *names: str) -> list[UUID]:
    """Learners of the same week, each with one exercise more than the next, in one cohort."""
    week = this_week()
    noon = datetime.combine(week.starts_on, time(12), UTC)
    learners = [await academy.learner(name, 0) for name in names]
    for number, learner in enumerate(learners):
        await academy.practise(learner, len(names) - number, at=noon - timedelta(minutes=number))
    await academy.seat_newcomers(week.starts_on)
    return learners


async def test_the_cohort_is_shown_with_who_would_go_up_and_down(academy: Academy) -> None:
    learners = await cohort(academy, "Ada", "Ben", "Cem", "Dia", "Eve", "Fay")
    await academy.class_of(*learners)
    body = await get(academy.student(learners[2]), MINE)
    assert (body["league"], body["week"], body["rank"]) == ("bronze", this_week().starts_on.isoformat(), 3)
    assert (body["promoted"], body["relegated"]) == (2, 0)
    assert [(place["rank"], place["name"], place["zone"]) for place in body["items"]] == [
        (1, "Ada", "promotion"),
        (2, "Ben", "promotion"),
        (3, "Cem", "safe"),
        (4, "Dia", "safe"),
        (5, "Eve", "safe"),
        (6, "Fay", "safe"),
    ]
    assert [place["is_me"] for place in body["items"]] == [False, False, True, False, False, False]


async def test_in_a_higher_league_the_last_ones_are_in_danger(academy: Academy) -> None:
    learners = await cohort(academy, "Ada", "Ben", "Cem")
    await academy.served.resources.database.execute("UPDATE league_seats SET league = 'gold'")
    body = await get(academy.student(learners[0]), MINE)
    assert (body["league"], body["promoted"], body["relegated"]) == ("gold", 1, 1)
    assert [place["zone"] for place in body["items"]] == ["promotion", "safe", "relegation"]


async def test_who_has_no_points_yet_has_no_seat_and_sees_nobody(academy: Academy) -> None:
    await cohort(academy, "Ada")
    body = await get(academy.student(await academy.learner("Zed", 0)), MINE)
    assert (body["league"], body["rank"], body["items"]) == (None, None, [])


async def test_once_the_week_closes_the_next_league_is_shown_and_the_week_is_history(academy: Academy) -> None:
    ada, ben = await cohort(academy, "Ada", "Ben")
    await academy.close(this_week())
    body = await get(academy.student(ada), MINE)
    assert (body["league"], body["week"]) == ("silver", this_week().following.starts_on.isoformat())
    [week] = (await get(academy.student(ada), f"{MINE}/history"))["items"]
    assert week == {
        "week": this_week().starts_on.isoformat(),
        "league": "bronze",
        "rank": 1,
        "xp": week["xp"],
        "move": "promoted",
        "next_league": "silver",
    }
    assert week["xp"] > 0
    assert (await get(academy.student(ben), MINE))["league"] == "bronze"


async def test_history_is_read_page_by_page_and_by_those_who_may_see_the_learner(academy: Academy) -> None:
    [ada] = await cohort(academy, "Ada")
    period = this_week()
    for _ in range(3):
        await academy.close(period)
        period = period.following
    first = await get(academy.student(ada), f"{MINE}/history", limit=2)
    rest = await get(academy.student(ada), f"{MINE}/history", limit=2, cursor=first["next_cursor"])
    assert [week["move"] for week in first["items"] + rest["items"]] == ["left", "relegated", "promoted"]
    assert rest["next_cursor"] is None
    teacher = new_id()
    await academy.class_of(ada, instructor_id=teacher)
    seen = await get(academy.served.as_("instructor", teacher), f"/api/v1/players/{ada}/leagues")
    assert len(seen["items"]) == 3
    other = await academy.served.as_("instructor").get(f"/api/v1/players/{ada}/leagues")
    assert (other.status_code, other.json()["code"]) == (403, "player_not_visible")


async def test_a_week_off_the_leaderboards_is_a_rest_without_rank_and_points(academy: Academy) -> None:
    [ada] = await cohort(academy, "Ada")
    await academy.hide(ada)
    await academy.close(this_week())
    [week] = (await get(academy.student(ada), f"{MINE}/history"))["items"]
    assert (week["rank"], week["xp"], week["move"], week["next_league"]) == (None, None, "rested", "bronze")
    assert (await get(academy.student(ada), MINE))["league"] == "bronze"


async def test_a_cohort_shows_nobody_who_hides_and_aliases_instead_of_names(academy: Academy) -> None:
    ada, ben, cem = await cohort(academy, "Ada Lovelace", "Ben Nevis", "Cem Yilmaz")
    await academy.hide(ada)
    await academy.call(ben, "Night Owl")
    response = await academy.student(cem).get(MINE)
    shown = [(place["rank"], place["name"], place["player_id"]) for place in response.json()["items"]]
    assert shown == [(1, "Night Owl", None), (2, "Cem Yilmaz", str(cem))]
    for trace in ("Ada", "Lovelace", "Nevis", str(ada), str(ben)):
        assert trace not in response.text
    hidden = await get(academy.student(ada), MINE)
    assert (hidden["rank"], hidden["items"]) == (None, [])


async def test_strangers_of_a_cohort_are_aliases_and_classmates_names(academy: Academy) -> None:
    ada, ben, cem = await cohort(academy, "Ada Lovelace", "Ben Nevis", "Cem Yilmaz")
    await academy.class_of(ada, ben)
    shown = [(place["name"], place["player_id"]) for place in (await get(academy.student(ada), MINE))["items"]]
    assert shown == [("Ada Lovelace", str(ada)), ("Ben Nevis", str(ben)), (to_strangers(cem), None)]


async def test_who_has_just_made_an_account_sees_no_league(academy: Academy) -> None:
    await cohort(academy, "Ada")
    stranger = await academy.person("Zed")
    await academy.practise(stranger, 1)
    await academy.seat_newcomers(this_week().starts_on)
    response = await academy.student(stranger).get(MINE)
    assert (response.status_code, response.json()["code"]) == (403, "seat_required")
