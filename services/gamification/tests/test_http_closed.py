"""Closed leaderboards, over HTTP."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.testing import acquaint, serving
from gamification.bootstrap import service
from gamification.domain.periods import ClosingPeriod, Cycle

from .academy import Academy, to_strangers
from .reports import exercise, withdrawn

pytestmark = pytest.mark.infra

WEEK = ClosingPeriod(Cycle.WEEK, date(2026, 3, 2))
MONTH = ClosingPeriod(Cycle.MONTH, date(2026, 3, 1))
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CLOSED = "/api/v1/leaderboards/weekly/closed"
OF_THE_WEEK = f"{CLOSED}/2026-03-02"


async def get(client: httpx.AsyncClient, path: str, **params: Any) -> dict[str, Any]:
    response = await client.get(path, params=params)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def names(body: dict[str, Any]) -> list[tuple[int, str]]:
    return [(place["rank"], place["name"]) for place in body["items"]]


async def learners(academy: Academy, *names_: str) -> list[UUID]:
    """So many learners, each with one exercise more than the next, in the week."""
    return [
        await academy.learner(name, len(names_) - number, at=NOON - timedelta(hours=number))
        for number, name in enumerate(names_)
    ]


async def test_a_week_that_is_over_is_read_as_it_ended(academy: Academy) -> None:
    ada, ben, _ = await learners(academy, "Ada", "Ben", "Cem")
    staff = academy.served.as_("staff")
    assert (await staff.get(OF_THE_WEEK)).json()["code"] == "period_not_closed"
    await academy.close(WEEK)
    before = await get(staff, OF_THE_WEEK)
    assert names(before) == [(1, "Ada"), (2, "Ben"), (3, "Cem")]
    await academy.practise(ben, 9, at=NOON)
    assert await get(staff, OF_THE_WEEK) == before
    mine = await get(academy.student(ada), f"{OF_THE_WEEK}/me", neighbours=1)
    assert (mine["rank"], mine["starts_on"], mine["ends_on"], names(mine)) == (
        1,
        "2026-03-02",
        "2026-03-08",
        [(1, "Ada"), (2, to_strangers(ben))],
    )


@pytest.mark.parametrize(("grace_minutes", "closes"), [(0, True), (60, False)], ids=["at once", "later"])
async def test_the_job_of_the_service_closes_what_is_over_and_was_heard(
    postgres_admin_url: str, grace_minutes: int, closes: bool
) -> None:
    over = ClosingPeriod.of(Cycle.WEEK, utc_now().date() - timedelta(days=14))
    async with serving(service, admin_url=postgres_admin_url, leaderboard_grace_minutes=grace_minutes) as served:
        academy = Academy(served)
        ada = await academy.learner("Ada", 1, at=datetime.combine(over.starts_on, time(12), UTC))
        [closing] = [job for job in served.running.parts.periodic if job.name == "closing"]
        await closing.run()
        closed = (await get(academy.student(ada), CLOSED))["items"]
    found = [(week["starts_on"], week["rank"]) for week in closed]
    assert ((over.starts_on.isoformat(), 1) in found) == closes


async def test_what_is_closed_is_listed_with_ones_own_place_newest_first(academy: Academy) -> None:
    ada, ben = await learners(academy, "Ada", "Ben")
    await academy.practise(ada, 1, at=NOON + timedelta(weeks=1))
    for period in (WEEK, WEEK.following, MONTH):
        await academy.close(period)
    page = await get(academy.student(ben), CLOSED, limit=1)
    [latest] = page["items"]
    assert (latest["starts_on"], latest["ends_on"], latest["rank"]) == ("2026-03-09", "2026-03-15", None)
    [first] = (await get(academy.student(ben), CLOSED, limit=1, cursor=page["next_cursor"]))["items"]
    assert (first["starts_on"], first["rank"]) == ("2026-03-02", 2)
    [month] = (await get(academy.student(ben), "/api/v1/leaderboards/monthly/closed"))["items"]
    assert (month["starts_on"], month["ends_on"], month["rank"]) == ("2026-03-01", "2026-03-31", 2)


async def test_pages_of_a_closed_leaderboard_have_every_place_once(academy: Academy) -> None:
    shown = await learners(academy, *(f"Learner{number}" for number in range(7)))
    await academy.close(WEEK)
    await academy.hide(shown[3])
    staff = academy.served.as_("staff")
    found: list[tuple[int, str]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await get(staff, OF_THE_WEEK, limit=2, **cursor)
        found += names(page)
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == [(rank, f"Learner{rank - 1}") for rank in (1, 2, 3, 5, 6, 7)]


async def test_who_leaves_the_leaderboards_vanishes_from_closed_ones_and_the_other_ranks_stay(
    academy: Academy,
) -> None:
    ada, ben, cem, dia = await learners(academy, "Ada", "Ben", "Cem", "Dia")
    await academy.close(WEEK)
    await academy.hide(ada)
    await acquaint(academy.served.resources.database, cem, name="Cem", status="deactivated")
    staff = academy.served.as_("staff")
    assert names(await get(staff, OF_THE_WEEK)) == [(2, "Ben"), (4, "Dia")]
    assert names(await get(academy.student(dia), f"{OF_THE_WEEK}/me", neighbours=3)) == [
        (2, to_strangers(ben)),
        (4, "Dia"),
    ]
    mine = await get(academy.student(ada), f"{OF_THE_WEEK}/me")
    assert (mine["rank"], mine["items"]) == (None, [])
    assert [each["rank"] for each in (await get(academy.student(ada), CLOSED))["items"]] == [None]
    for viewer in (academy.student(ben), staff, academy.served.as_("super_admin")):
        assert "Ada" not in (await viewer.get(OF_THE_WEEK)).text


async def test_a_closed_leaderboard_shows_learners_as_they_appear_today(academy: Academy) -> None:
    [ada] = await learners(academy, "Ada Lovelace")
    [ben] = await learners(academy, "Ben Nevis")
    await academy.close(WEEK)
    assert {name for _, name in names(await get(academy.student(ben), OF_THE_WEEK))} == {
        to_strangers(ada),
        "Ben Nevis",
    }
    await academy.call(ben, "Night Owl")
    text = (await academy.served.as_("staff").get(OF_THE_WEEK)).text
    assert "Night Owl" in text
    assert "Nevis" not in text
    assert str(ben) not in text


async def test_a_class_keeps_its_own_closed_leaderboard(academy: Academy) -> None:
    ada, ben = await learners(academy, "Ada", "Ben")
    teacher = new_id()
    class_id = await academy.class_of(ben, instructor_id=teacher)
    await academy.close(WEEK)
    await academy.served.deliver(withdrawn(class_id, ben))
    instructor = academy.served.as_("instructor", teacher)
    assert names(await get(instructor, OF_THE_WEEK, class_id=class_id)) == [(1, "Ben")]
    refused = await academy.student(ada).get(OF_THE_WEEK, params={"class_id": str(class_id)})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_in_class")


async def test_a_course_has_a_closed_leaderboard_of_its_own_points(academy: Academy) -> None:
    ada, ben = await learners(academy, "Ada", "Ben")
    deed = exercise(ben, NOON)
    await academy.served.deliver(deed)
    await academy.close(WEEK)
    staff = academy.served.as_("staff")
    assert names(await get(staff, OF_THE_WEEK, course_id=deed.course_id)) == [(1, "Ben")]
    assert len((await get(staff, OF_THE_WEEK))["items"]) == len({ada, ben})


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/leaderboards/weekly/closed/2026-03-03", 404, "period_not_closed"),
        ("/api/v1/leaderboards/weekly/closed/9999-12-31", 404, "period_not_closed"),
        ("/api/v1/leaderboards/monthly/closed/2026-03-02/me", 404, "period_not_closed"),
        ("/api/v1/leaderboards/all-time/closed", 422, "invalid_input"),
        ("/api/v1/leaderboards/weekly/closed/yesterday", 422, "invalid_input"),
        ("/api/v1/leaderboards/weekly/closed/2026-03-02T00:00:00", 422, "invalid_input"),
        ("/api/v1/leaderboards/weekly/closed/2026-03-02T00:00:00/me", 422, "invalid_input"),
        ("/api/v1/leaderboards/weekly/closed/1772409600", 422, "invalid_input"),
        ("/api/v1/leaderboards/weekly/closed?cursor=WyJpNyJd", 422, "invalid_cursor"),
    ],
)
async def test_what_never_closed_is_a_clear_problem(academy: Academy, path: str, status: int, code: str) -> None:
    [ada] = await learners(academy, "Ada")
    await academy.close(WEEK)
    response = await academy.student(ada).get(path)
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_who_has_no_seat_sees_no_closed_leaderboard_either(academy: Academy) -> None:
    await learners(academy, "Ada")
    await academy.close(WEEK)
    stranger = academy.student(await academy.person("Zed"))
    for path in (CLOSED, OF_THE_WEEK, f"{OF_THE_WEEK}/me"):
        response = await stranger.get(path)
        assert (response.status_code, response.json()["code"]) == (403, "seat_required")
        assert "Ada" not in response.text
