from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.database import Pool
from babyowl_chassis.ids import new_id, utc_now
from babyowl_contracts.learning import ExerciseCompleted
from gamification.domain.aliases import NUMBERS, AliasWords
from gamification.queries.appearances import free_aliases

from .academy import Academy, to_strangers
from .reports import attendance, class_created, enrolled, withdrawn

pytestmark = pytest.mark.infra

ALL_TIME = "/api/v1/leaderboards/all-time"
MONTHLY = "/api/v1/leaderboards/monthly"
WEEKLY = "/api/v1/leaderboards/weekly"


async def items(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    response = await client.get(path, params=params)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["items"]
    return found


def ranks(places: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(place["rank"], place["name"]) for place in places]


async def test_the_most_points_come_first(academy: Academy) -> None:
    for name, exercises in (("Ada", 1), ("Ben", 3), ("Cem", 2)):
        await academy.learner(name, exercises)
    places = await items(academy.served.as_("staff"), ALL_TIME)
    assert ranks(places) == [(1, "Ben"), (2, "Cem"), (3, "Ada")]


async def test_equal_points_share_a_rank_and_who_had_them_first_stands_first(academy: Academy) -> None:
    noon = utc_now()
    for name, exercises, minutes in (("Ada", 2, 9), ("Ben", 2, 3), ("Cem", 3, 0), ("Dia", 2, 5), ("Eve", 1, 0)):
        await academy.learner(name, exercises, at=noon - timedelta(days=1, minutes=-minutes))
    for path in (ALL_TIME, WEEKLY) if noon.weekday() else (ALL_TIME,):
        places = await items(academy.served.as_("staff"), path)
        assert ranks(places) == [(1, "Cem"), (2, "Ben"), (2, "Dia"), (2, "Ada"), (5, "Eve")]


async def test_the_week_counts_only_what_happened_in_it(academy: Academy) -> None:
    now = utc_now()
    ada = await academy.learner("Ada", 5, at=now - timedelta(days=7))
    ben = await academy.learner("Ben", 1, at=now)
    await academy.class_of(ada, ben)
    response = await academy.student(ben).get(WEEKLY)
    body = response.json()
    assert ranks(body["items"]) == [(1, "Ben")]
    assert body["starts_on"] == (now.date() - timedelta(days=now.weekday())).isoformat()
    assert ranks(await items(academy.student(ben), ALL_TIME)) == [(1, "Ada"), (2, "Ben")]


async def test_a_correction_moves_a_learner_down_again(academy: Academy) -> None:
    ada, meeting, now = await academy.person("Ada"), new_id(), utc_now()
    await academy.learner("Ben", 1)
    await academy.served.deliver(attendance(ada, now, "present", meeting_id=meeting))
    staff = academy.served.as_("staff")
    assert [place["name"] for place in await items(staff, WEEKLY)] == ["Ada", "Ben"]
    await academy.served.deliver(attendance(ada, now, "absent", meeting_id=meeting, revision=2))
    assert [place["name"] for place in await items(staff, WEEKLY)] == ["Ben"]


@pytest.mark.parametrize("path", [ALL_TIME, WEEKLY])
async def test_only_active_students_are_ranked(academy: Academy, path: str) -> None:
    await academy.learner("Ada", 1)
    others = [
        await academy.person("Tom", role="instructor"),
        await academy.person("Sue", role="staff"),
        await academy.person("Old", status="deactivated"),
        await academy.person("New", status="pending"),
        new_id(),
    ]
    for other in others:
        await academy.practise(other, 3)
    assert ranks(await items(academy.served.as_("staff"), path)) == [(1, "Ada")]


async def test_a_class_leaderboard_ranks_its_members_alone(academy: Academy) -> None:
    ada, ben = await academy.learner("Ada", 1), await academy.learner("Ben", 2)
    await academy.learner("Cem", 9)
    class_id = await academy.class_of(ada, ben)
    for path in (ALL_TIME, WEEKLY):
        places = await items(academy.student(ada), path, class_id=str(class_id))
        assert ranks(places) == [(1, "Ben"), (2, "Ada")]


async def test_who_is_not_of_the_class_does_not_see_its_leaderboard(academy: Academy) -> None:
    ada, ben, teacher = await academy.learner("Ada", 1), await academy.person("Ben"), new_id()
    class_id = str(await academy.class_of(ada, instructor_id=teacher))
    for path in (WEEKLY, f"{WEEKLY}/me"):
        response = await academy.student(ben).get(path, params={"class_id": class_id})
        assert (response.status_code, response.json()["code"]) == (403, "not_in_class")
    other_teacher = await academy.served.as_("instructor").get(WEEKLY, params={"class_id": class_id})
    assert other_teacher.status_code == 403
    own_teacher = await academy.served.as_("instructor", teacher).get(WEEKLY, params={"class_id": class_id})
    assert own_teacher.status_code == 200


async def test_who_leaves_the_class_leaves_its_board_and_neither_sees_it_nor_is_seen_any_more(
    academy: Academy,
) -> None:
    ada, ben, teacher = await academy.person("Ada"), await academy.learner("Ben", 2), new_id()
    await academy.practise(ada, 1)
    class_id = await academy.class_of(ada, ben, instructor_id=teacher)
    params = {"class_id": str(class_id)}
    instructor = academy.served.as_("instructor", teacher)
    assert (await instructor.get(f"/api/v1/players/{ada}")).status_code == 200
    assert (await academy.student(ada).get(ALL_TIME)).status_code == 200

    await academy.served.deliver(withdrawn(class_id, ada), sequence=2)
    assert ranks(await items(academy.student(ben), ALL_TIME, **params)) == [(1, "Ben")]
    assert (await academy.student(ada).get(ALL_TIME, params=params)).json()["code"] == "not_in_class"
    assert (await academy.student(ada).get(ALL_TIME)).json()["code"] == "seat_required"
    assert (await instructor.get(f"/api/v1/players/{ada}")).json()["code"] == "player_not_visible"
    everybody = await items(academy.served.as_("staff"), ALL_TIME)
    assert ranks(everybody) == [(1, "Ben"), (2, "Ada")]

    await academy.served.deliver(enrolled(class_id, ada), sequence=3)
    assert ranks(await items(academy.student(ada), ALL_TIME, **params)) == [(1, "Ben"), (2, "Ada")]


async def test_a_class_that_nobody_knows_is_not_found_by_staff_and_closed_to_others(academy: Academy) -> None:
    params = {"class_id": str(new_id())}
    response = await academy.served.as_("staff").get(WEEKLY, params=params)
    assert (response.status_code, response.json()["code"]) == (404, "class_not_found")
    assert (await academy.served.as_("student").get(WEEKLY, params=params)).status_code == 403


async def test_the_limit_cuts_the_leaderboard(academy: Academy) -> None:
    for number in range(1, 5):
        await academy.learner(f"L{number}", number)
    staff = academy.served.as_("staff")
    assert [place["name"] for place in await items(staff, ALL_TIME, limit=2)] == ["L4", "L3"]
    for limit in (0, 101, "many"):
        assert (await staff.get(ALL_TIME, params={"limit": limit})).status_code == 422


@pytest.mark.parametrize("path", [ALL_TIME, WEEKLY])
async def test_my_place_is_shown_among_my_neighbours(academy: Academy, path: str) -> None:
    learners = [await academy.learner(f"L{number}", number) for number in range(1, 8)]
    await academy.class_of(*learners)
    client = academy.student(learners[3])
    body = (await client.get(f"{path}/me", params={"neighbours": 2})).json()
    assert body["rank"] == 4
    assert ranks(body["items"]) == [
        (2, "L6"),
        (3, "L5"),
        (4, "L4"),
        (5, "L3"),
        (6, "L2"),
    ]
    assert [place["is_me"] for place in body["items"]] == [False, False, True, False, False]


async def test_ranks_around_me_are_those_of_the_whole_leaderboard_also_among_equals(academy: Academy) -> None:
    noon = utc_now() - timedelta(hours=1)
    exercises = (3, 3, 3, 2, 2, 2, 2, 1, 1)
    learners = [
        await academy.learner(f"L{number}", done, at=noon + timedelta(seconds=number))
        for number, done in enumerate(exercises)
    ]
    await academy.class_of(*learners)
    everybody = ranks(await items(academy.served.as_("staff"), ALL_TIME))
    assert [rank for rank, _ in everybody] == [1, 1, 1, 4, 4, 4, 4, 8, 8]
    for position, learner in enumerate(learners):
        for neighbours in (0, 1, 3, 10):
            shown = ranks(await items(academy.student(learner), f"{ALL_TIME}/me", neighbours=neighbours))
            assert shown == everybody[max(0, position - neighbours) : position + neighbours + 1]


async def test_who_has_no_points_has_no_rank(academy: Academy) -> None:
    ada = await academy.learner("Ada", 0)
    await academy.learner("Ben", 1)
    for path in (ALL_TIME, WEEKLY):
        body = (await academy.student(ada).get(f"{path}/me")).json()
        assert (body["rank"], body["items"]) == (None, [])


async def every_leaderboard(academy: Academy, viewer: httpx.AsyncClient, class_id: UUID) -> str:
    """All that a viewer can be shown of leaderboards, as one text."""
    pages = [
        await viewer.get(f"/api/v1/leaderboards/{period}{own}", params=params)
        for period in ("weekly", "monthly", "all-time")
        for own in ("", "/me")
        for params in ({}, {"class_id": str(class_id)})
    ]
    return "\n".join(page.text for page in pages if page.status_code == 200)


async def test_who_hides_is_on_no_leaderboard_anybody_sees_and_takes_no_rank(academy: Academy) -> None:
    ada, ben, teacher = await academy.learner("Ada", 3), await academy.learner("Ben", 1), new_id()
    class_id = await academy.class_of(ada, ben, instructor_id=teacher)
    await academy.hide(ada)
    viewers = [
        academy.student(ada),
        academy.student(ben),
        academy.served.as_("instructor", teacher),
        academy.served.as_("staff"),
        academy.served.as_("super_admin"),
    ]
    for viewer in viewers:
        text = await every_leaderboard(academy, viewer, class_id)
        assert "Ben" in text
        assert "Ada" not in text
        assert str(ada) not in text
    assert ranks(await items(academy.student(ben), f"{ALL_TIME}/me")) == [(1, "Ben")]
    assert (await academy.student(ada).get(f"{ALL_TIME}/me")).json()["rank"] is None


async def test_an_alias_hides_name_and_id_from_everybody_but_its_owner(academy: Academy) -> None:
    ada = await academy.person("Ada")
    ben, teacher = await academy.learner("Ben", 1), new_id()
    await academy.practise(ada, 1)
    class_id = await academy.class_of(ada, ben, instructor_id=teacher)
    assert str(ada) in await every_leaderboard(academy, academy.student(ben), class_id)
    await academy.call(ada, "Night Owl")
    viewers = [
        academy.student(ben),
        academy.served.as_("instructor", teacher),
        academy.served.as_("staff"),
        academy.served.as_("super_admin"),
    ]
    for viewer in viewers:
        text = await every_leaderboard(academy, viewer, class_id)
        assert "Night Owl" in text
        for trace in ("Ada", str(ada)):
            assert trace not in text
    [mine] = [place for place in await items(academy.student(ada), f"{ALL_TIME}/me") if place["is_me"]]
    assert (mine["player_id"], mine["name"]) == (str(ada), "Night Owl")


async def test_a_leaderboard_that_does_not_exist_is_a_clear_problem(academy: Academy) -> None:
    ada = await academy.learner("Ada", 1)
    for path in ("/api/v1/leaderboards/daily", f"{WEEKLY}?class_id=7", f"{WEEKLY}/me?neighbours=11"):
        response = await academy.student(ada).get(path)
        assert (response.status_code, response.json()["code"]) == (422, "invalid_input")


async def test_who_has_just_made_an_account_sees_nobody(academy: Academy) -> None:
    await academy.learner("Ada", 1)
    stranger = academy.student(await academy.person("Zed"))
    for path in (ALL_TIME, WEEKLY, f"{ALL_TIME}/me"):
        response = await stranger.get(path)
        assert (response.status_code, response.json()["code"]) == (403, "seat_required")
        assert "Ada" not in response.text


async def test_the_month_counts_what_happened_in_it(academy: Academy) -> None:
    now = utc_now()
    await academy.learner("Ada", 5, at=now - timedelta(days=32))
    ben = await academy.learner("Ben", 1, at=now)
    body = (await academy.student(ben).get(MONTHLY)).json()
    assert ranks(body["items"]) == [(1, "Ben")]
    assert body["starts_on"] == now.date().replace(day=1).isoformat()


def exercise_of(course_id: UUID, student_id: UUID) -> ExerciseCompleted:
    return ExerciseCompleted(
        student_id=student_id,
        course_id=course_id,
        lesson_id=new_id(),
        exercise_id=new_id(),
        kind="coding",
        score_percent=80,
        completed_at=utc_now(),
    )


async def test_a_course_ranks_its_learners_by_the_points_of_that_course(academy: Academy) -> None:
    ada, ben, course_id = await academy.learner("Ada", 9), await academy.learner("Ben", 0), new_id()
    await academy.class_of(ada, ben)
    for student_id in (ada, ben, ben):
        await academy.served.deliver(exercise_of(course_id, student_id))
    params = {"course_id": str(course_id)}
    for path in (WEEKLY, MONTHLY, ALL_TIME):
        places = await items(academy.student(ada), path, **params)
        assert [(place["rank"], place["name"], place["xp"]) for place in places] == [(1, "Ben", 40), (2, "Ada", 20)]
    assert ranks(await items(academy.student(ada), WEEKLY)) == [(1, "Ada"), (2, "Ben")]


async def test_who_does_not_learn_a_course_does_not_see_its_leaderboard(academy: Academy) -> None:
    course_id, teacher = new_id(), new_id()
    ada, ben, cem = await academy.learner("Ada", 0), await academy.learner("Ben", 0), await academy.person("Cem")
    await academy.served.deliver(exercise_of(course_id, ada))
    await academy.served.deliver(exercise_of(course_id, cem))
    class_ = replace(class_created(new_id(), teacher), course_id=course_id)
    await academy.served.deliver(class_)
    params = {"course_id": str(course_id)}
    assert (await academy.student(ada).get(WEEKLY, params=params)).status_code == 200
    assert (await academy.served.as_("instructor", teacher).get(WEEKLY, params=params)).status_code == 200
    # Ben has nothing to do with it, and Cem no seat anywhere.
    for viewer in (academy.student(ben), academy.student(cem), academy.served.as_("instructor")):
        response = await viewer.get(WEEKLY, params=params)
        assert (response.status_code, response.json()["code"]) == (403, "not_in_course")
    staff = academy.served.as_("staff")
    assert (await staff.get(WEEKLY, params=params)).status_code == 200
    response = await staff.get(WEEKLY, params={"course_id": str(new_id())})
    assert (response.status_code, response.json()["code"]) == (404, "course_not_found")


async def test_a_leaderboard_is_of_a_class_or_of_a_course_and_not_of_both(academy: Academy) -> None:
    params = {"course_id": str(new_id()), "class_id": str(new_id())}
    response = await academy.served.as_("staff").get(WEEKLY, params=params)
    assert (response.status_code, response.json()["code"]) == (422, "one_board_only")


async def points(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    """All pages of the points behind a place, two at a time."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        response = await client.get(f"{path}/me/points", params={"limit": 2, **params, **cursor})
        assert response.status_code == 200, response.text
        body = response.json()
        found += body["items"]
        if body["next_cursor"] is None:
            return found
        cursor = {"cursor": body["next_cursor"]}


async def test_why_this_rank_lists_the_points_that_count_and_they_add_up(academy: Academy) -> None:
    ada, meeting, course_id, now = await academy.learner("Ada", 0), new_id(), new_id(), utc_now()
    await academy.practise(ada, 3, at=now - timedelta(days=60))
    await academy.practise(ada, 2, at=now)
    await academy.served.deliver(exercise_of(course_id, ada))
    await academy.served.deliver(attendance(ada, now, "present", meeting_id=meeting))
    await academy.served.deliver(attendance(ada, now, "absent", meeting_id=meeting, revision=2))
    client = academy.student(ada)
    for path, params in ((WEEKLY, {}), (MONTHLY, {}), (ALL_TIME, {}), (WEEKLY, {"course_id": str(course_id)})):
        body = (await client.get(f"{path}/me/points", params=params)).json()
        listed = await points(client, path, **params)
        [place] = [place for place in await items(client, f"{path}/me", **params) if place["is_me"]]
        assert sum(line["amount"] for line in listed) == body["xp"] == place["xp"]
        assert len({(line["counts_on"], line["source_id"], line["rule"]) for line in listed}) == len(listed)
        assert str(meeting) not in {line["source_id"] for line in listed}
        assert [line["counts_on"] for line in listed] == sorted((line["counts_on"] for line in listed), reverse=True)
        titles = {line["rule"]: line["title"] for line in listed}
        assert titles["exercise_completed"] == "Exercise completed"
        assert path != ALL_TIME or titles["badge_first_exercise"] == "First flight"
        assert None not in titles.values()
    assert len(await points(client, ALL_TIME)) > len(await points(client, WEEKLY))
    assert {line["rule"] for line in await points(client, WEEKLY, course_id=str(course_id))} == {"exercise_completed"}


async def test_why_this_rank_says_what_is_missing_for_the_next_place(academy: Academy) -> None:
    ada, ben, cem = [await academy.learner(name, done) for name, done in (("Ada", 3), ("Ben", 1), ("Cem", 0))]
    first, second = [place["xp"] for place in await items(academy.student(ada), WEEKLY)]
    body = (await academy.student(ben).get(f"{WEEKLY}/me/points")).json()
    assert (body["rank"], body["xp"], body["to_next_place"]) == (2, second, first - second + 1)
    assert (await academy.student(ada).get(f"{WEEKLY}/me/points")).json()["to_next_place"] is None
    nothing = (await academy.student(cem).get(f"{WEEKLY}/me/points")).json()
    assert (nothing["rank"], nothing["xp"], nothing["reached_at"], nothing["items"]) == (None, 0, None, [])


async def test_who_hides_still_sees_their_points(academy: Academy) -> None:
    ada = await academy.learner("Ada", 1)
    await academy.hide(ada)
    body = (await academy.student(ada).get(f"{WEEKLY}/me/points")).json()
    assert body["rank"] is None
    assert body["xp"] == sum(line["amount"] for line in body["items"]) > 0


async def test_who_does_not_know_a_learner_reads_an_alias_and_whoever_does_the_name(academy: Academy) -> None:
    ada, ben, cem = [await academy.learner(name, 1) for name in ("Ada", "Ben", "Cem")]
    teacher = new_id()
    await academy.class_of(ada, ben, instructor_id=teacher)
    named, alias = ("Ada", str(ada)), (to_strangers(ada), None)
    for viewer, expected in (
        (academy.student(ada), named),
        (academy.student(ben), named),
        (academy.served.as_("instructor", teacher), named),
        (academy.served.as_("staff"), named),
        (academy.served.as_("super_admin"), named),
        (academy.student(cem), alias),
        (academy.served.as_("instructor"), alias),
    ):
        shown = [(place["name"], place["player_id"]) for place in await items(viewer, ALL_TIME)]
        assert expected in shown
        assert len(shown) == len({ada, ben, cem})


async def test_who_has_left_the_class_is_a_stranger_to_its_instructor_again(academy: Academy) -> None:
    ada, teacher = await academy.learner("Ada", 1), new_id()
    class_id = await academy.class_of(ada, instructor_id=teacher)
    instructor = academy.served.as_("instructor", teacher)
    assert ranks(await items(instructor, ALL_TIME)) == [(1, "Ada")]
    await academy.served.deliver(withdrawn(class_id, ada), sequence=2)
    assert ranks(await items(instructor, ALL_TIME)) == [(1, to_strangers(ada))]


async def test_suggested_aliases_are_free_and_others_each_time(academy: Academy) -> None:
    ada = academy.student(await academy.person("Ada"))
    first = (await ada.get("/api/v1/players/me/alias-suggestions")).json()
    assert len(set(first["items"])) == 10
    chosen = first["items"][0]
    assert (chosen.split()[0] in first["first_words"], chosen.split()[1] in first["second_words"]) == (True, True)
    response = await ada.patch("/api/v1/players/me", json={"alias": chosen})
    assert (response.status_code, response.json()["alias"]) == (200, chosen)
    second = (await ada.get("/api/v1/players/me/alias-suggestions")).json()
    assert second["items"] != first["items"]
    assert chosen not in second["items"]


async def test_an_alias_that_is_chosen_is_not_suggested(pool: Pool) -> None:
    words = AliasWords(("Star", "Night"), ("Owl",))
    free = [f"{word} Owl{number}" for word in words.first for number in ("", *(f" {n}" for n in NUMBERS))]
    spared, *taken = free
    await pool.executemany(
        "INSERT INTO appearances (id, version, leaderboard, alias) VALUES (gen_random_uuid(), 1, 'shown', $1)",
        [(alias,) for alias in taken],
    )
    async with pool.acquire() as connection:
        suggested = [await free_aliases(connection, words, Random(seed), limit=10) for seed in range(20)]
    assert {alias.text for drawn in suggested for alias in drawn} == {spared}


async def test_aliases_are_listed_for_staff_page_by_page(academy: Academy) -> None:
    for alias in ("Night Owl", "Brave Owl", "Star Otter"):
        await academy.call(await academy.person(), alias)
    staff = academy.served.as_("staff")
    first = (await staff.get("/api/v1/aliases", params={"limit": 2})).json()
    assert [item["alias"] for item in first["items"]] == ["Brave Owl", "Night Owl"]
    second = (await staff.get("/api/v1/aliases", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [item["alias"] for item in second["items"]] == ["Star Otter"]
    owls = await items(staff, "/api/v1/aliases", contains="OWL")
    assert [item["alias"] for item in owls] == ["Brave Owl", "Night Owl"]
