import pytest

from .academy import Academy

pytestmark = pytest.mark.infra


async def test_the_rulebook_says_how_points_levels_and_freezes_come_about(academy: Academy) -> None:
    response = await academy.student(await academy.person()).get("/api/v1/rulebook", params={"levels": 5})
    assert response.status_code == 200
    body = response.json()
    assert [level["starts_at"] for level in body["levels"]] == [0, 100, 300, 600, 1000]
    assert body["streak"] == {"days_per_freeze": 7, "most_freezes": 2}
    assert body["quests"] == {"daily": 3, "weekly": 2}
    assert body["academy_time_zone"] == "UTC"
    assert {rule["rule"]: rule for rule in body["rules"]}["meeting_late"] == {
        "rule": "meeting_late",
        "title": "In class, late",
        "text": "You were in class, but came late.",
        "source": "meeting",
        "outcomes": ["late"],
        "exercise_kinds": None,
        "min_score": None,
        "xp": 15,
        "daily_cap": None,
        "since": None,
        "until": None,
    }


async def test_a_condition_and_a_cap_are_told(academy: Academy) -> None:
    body = (await academy.served.as_("instructor").get("/api/v1/rulebook")).json()
    perfect = {rule["rule"]: rule for rule in body["rules"]}["quiz_perfect"]
    assert (perfect["exercise_kinds"], perfect["min_score"], perfect["daily_cap"]) == (["quiz"], 100, 100)


@pytest.mark.parametrize(("levels", "status"), [(1, 200), (100, 200), (0, 422), (101, 422)])
async def test_the_curve_is_given_for_one_to_a_hundred_levels(academy: Academy, levels: int, status: int) -> None:
    response = await academy.served.as_("staff").get("/api/v1/rulebook", params={"levels": levels})
    assert response.status_code == status
