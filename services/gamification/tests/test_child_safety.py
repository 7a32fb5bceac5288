"""A walk over everything that can be read here: no child is shown to another who must not be."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from uuid import UUID

import httpx
import pytest

from babyowl_chassis.ids import new_id, utc_now
from babyowl_chassis.testing import acquaint, serving
from babyowl_contracts.learning import ExerciseCompleted
from gamification.bootstrap import service
from gamification.domain.boards import Board, Period
from gamification.domain.calendar import Academy as AcademyTime
from gamification.domain.periods import ClosingPeriod, Cycle
from gamification.infrastructure.board_keeping import BoardKeeper
from gamification.infrastructure.boards import RedisBoards

from .academy import Academy, to_strangers

pytestmark = pytest.mark.infra

READ = [path for method, path in service.routes() if method == "GET" and path.startswith("/api/v1/")]

SHOW_OTHERS = {
    "/api/v1/leaderboards/{period}",
    "/api/v1/leaderboards/{period}/me",
    "/api/v1/leaderboards/{period}/closed/{starts_on}",
    "/api/v1/leaderboards/{period}/closed/{starts_on}/me",
    "/api/v1/leagues/me",
}
"""The routes on which learners see each other. Whoever adds one adds it here, and makes it of `queries.faces`."""

LAST_WEEK = ClosingPeriod.of(Cycle.WEEK, utc_now().date() - timedelta(days=7))


@dataclass(frozen=True)
class Child:
    """A learner, and all by which others would know them."""

    id: UUID
    name: str

    @property
    def picture(self) -> str:
        return picture(self.name)

    @property
    def traces(self) -> tuple[str, ...]:
        return *self.name.split(), self.picture

    def is_shown_in(self, answer: httpx.Response) -> bool:
        # Who names somebody in the address hears the name again in the refusal.
        traces = self.traces if str(self.id) in str(answer.request.url) else (*self.traces, str(self.id))
        return any(trace in answer.text for trace in traces)


def picture(name: str) -> str:
    return f"https://babyowl.academy/{name.split(maxsplit=1)[0].lower()}.png"


@dataclass(frozen=True)
class World:
    """A viewer among others, each of whom has points in the running week and in one that is closed."""

    academy: Academy
    viewer: Child
    classmate: Child
    stranger: Child
    masked: Child
    masked_stranger: Child
    hidden: Child
    gone: Child
    grown: Child
    classes: tuple[UUID, ...]
    course_id: UUID
    teacher: UUID

    @property
    def others(self) -> tuple[Child, ...]:
        return (
            self.classmate,
            self.stranger,
            self.masked,
            self.masked_stranger,
            self.hidden,
            self.gone,
            self.grown,
        )

    async def walk(self, client: httpx.AsyncClient) -> AsyncIterator[tuple[str, httpx.Response]]:
        """Everything the client can read, with everything the path and the query can name."""
        for path in READ:
            named = {
                "period": [*Period] if "{period}" in path else [""],
                "player_id": [child.id for child in self.others] if "{player_id}" in path else [""],
                "starts_on": [LAST_WEEK.starts_on] if "{starts_on}" in path else [""],
                "badge": ["first_exercise"] if "{badge}" in path else [""],
            }
            for values in product(*named.values()):
                address = path.format(**dict(zip(named, values, strict=True)))
                queries: list[dict[str, str]] = [{}]
                if "{period}" in path:
                    queries += [{"class_id": str(class_id)} for class_id in self.classes]
                    queries += [{"course_id": str(self.course_id)}]
                for query in queries:
                    yield path, await client.get(address, params=query | {"neighbours": "10", "limit": "100"})


@pytest.fixture(scope="module", params=["from Postgres", "from an old cache"])
async def world(
    request: pytest.FixtureRequest, postgres_admin_url: str, fresh_redis: Callable[[], str]
) -> AsyncIterator[World]:
    redis_url = fresh_redis() if request.param == "from an old cache" else "redis://127.0.0.1:1/0"
    async with serving(service, admin_url=postgres_admin_url, redis_url=redis_url) as served:
        academy, course_id, teacher = Academy(served), new_id(), new_id()
        names = ["Viktor Viewer", "Clara Classmate", "Stella Stranger", "Mara Masked", "Mona Maskara"]
        names += ["Hidda Hidden", "Gerda Gone", "Greta Grown"]
        viewer, classmate, stranger, masked, masked_stranger, hidden, gone, grown = [
            Child(await academy.person(name, avatar_url=picture(name)), name) for name in names
        ]
        near = [viewer, classmate, masked, hidden, gone, grown]
        classes = (
            await academy.class_of(*(child.id for child in near), instructor_id=teacher),
            await academy.class_of(stranger.id, masked_stranger.id),
        )
        for child in [*near, stranger, masked_stranger]:
            for at in (utc_now(), utc_now() - timedelta(days=7)):
                done = ExerciseCompleted(
                    student_id=child.id,
                    course_id=course_id,
                    lesson_id=new_id(),
                    exercise_id=new_id(),
                    kind="quiz",
                    score_percent=100,
                    completed_at=at,
                )
                await served.deliver(done)
        await academy.close(LAST_WEEK)
        await academy.seat_newcomers(LAST_WEEK.following.starts_on)
        await served.resources.database.execute("UPDATE league_seats SET league = 'gold', cohort = 0")
        if request.param == "from an old cache":
            await build_boards(academy, course_id)
        await academy.hide(hidden.id)
        await academy.call(masked.id, "Night Owl")
        await academy.call(masked_stranger.id, "Star Owl")
        await acquaint(served.resources.database, gone.id, name=gone.name, status="deactivated")
        await acquaint(served.resources.database, grown.id, name=grown.name, role="instructor")
        yield World(
            academy,
            viewer,
            classmate,
            stranger,
            masked,
            masked_stranger,
            hidden,
            gone,
            grown,
            classes,
            course_id,
            teacher,
        )


async def build_boards(academy: Academy, course_id: UUID) -> None:
    """The boards as they are now; nobody keeps them from here on."""
    resources = academy.served.resources
    keeper = BoardKeeper(resources.database, RedisBoards(resources.redis))
    await keeper.keep()
    time = AcademyTime(resources.settings.academy_zone, utc_now)
    for period, course in product(Period, (None, course_id)):
        await keeper.build(Board.of_today(period, time, course_id=course).scores)


BOARDS = ("/api/v1/leaderboards", "/api/v1/leagues")
FOR_GROWN_UPS = {"/api/v1/leaderboards/{period}", "/api/v1/leaderboards/{period}/closed/{starts_on}"}
"""Of the routes on which learners see each other those that are not about whoever asks."""


async def test_a_child_sees_of_other_children_only_who_may_be_seen(world: World) -> None:
    shown: set[str] = set()
    async for path, answer in world.walk(world.academy.student(world.viewer.id)):
        for nobody in (world.hidden, world.gone, world.grown, world.masked, world.masked_stranger, world.stranger):
            assert not nobody.is_shown_in(answer), (answer.request.url, nobody.name)
        if world.classmate.is_shown_in(answer):
            assert world.classmate.name in answer.text
            assert path in SHOW_OTHERS, path
            shown.add(path)
    assert shown == SHOW_OTHERS


async def test_who_shares_no_class_is_an_alias_and_a_mask_is_all_there_is(world: World) -> None:
    told: set[str] = set()
    async for path, answer in world.walk(world.academy.student(world.viewer.id)):
        if to_strangers(world.stranger.id) in answer.text:
            told.add(path)
            assert "Night Owl" in answer.text
            assert "Star Owl" in answer.text
    assert told == SHOW_OTHERS


async def test_nobody_is_shown_by_a_picture_that_lies_elsewhere(world: World) -> None:
    viewers = [world.academy.student(world.viewer.id), *map(world.academy.served.as_, ("staff", "super_admin"))]
    for viewer in viewers:
        async for path, answer in world.walk(viewer):
            if path.startswith(BOARDS):
                assert "avatar_url" not in answer.text, answer.request.url
                assert not any(child.picture in answer.text for child in (world.viewer, *world.others))


@pytest.mark.parametrize("role", ["staff", "super_admin"])
async def test_staff_see_on_boards_no_more_of_who_hides_or_wears_a_mask(world: World, role: str) -> None:
    told: set[str] = set()
    async for path, answer in world.walk(world.academy.served.as_(role)):
        if not path.startswith(BOARDS):
            continue
        for nobody in (world.hidden, world.gone, world.grown, world.masked, world.masked_stranger):
            assert not nobody.is_shown_in(answer), (answer.request.url, nobody.name)
        if world.stranger.name in answer.text:
            told.add(path)
    assert told == FOR_GROWN_UPS


async def test_an_instructor_knows_the_children_of_their_classes_and_no_others(world: World) -> None:
    told: set[str] = set()
    async for path, answer in world.walk(world.academy.served.as_("instructor", world.teacher)):
        if not path.startswith(BOARDS):
            continue
        for nobody in (world.hidden, world.gone, world.grown, world.masked, world.masked_stranger, world.stranger):
            assert not nobody.is_shown_in(answer), (answer.request.url, nobody.name)
        if world.classmate.is_shown_in(answer):
            assert world.classmate.name in answer.text
            told.add(path)
    assert told == FOR_GROWN_UPS


async def test_an_instructor_who_teaches_none_of_them_sees_aliases_alone(world: World) -> None:
    told: set[str] = set()
    async for path, answer in world.walk(world.academy.served.as_("instructor")):
        for child in (world.viewer, *world.others):
            assert not child.is_shown_in(answer), (answer.request.url, child.name)
        if to_strangers(world.classmate.id) in answer.text:
            told.add(path)
    assert told == FOR_GROWN_UPS


@pytest.mark.parametrize("who", ["nobody", "a newcomer"])
async def test_who_does_not_belong_here_sees_no_child_at_all(world: World, who: str) -> None:
    client = world.academy.served.client
    if who == "a newcomer":
        client = world.academy.student(await world.academy.person("Zed Newcomer"))
    async for _, answer in world.walk(client):
        for child in (world.viewer, *world.others):
            assert not child.is_shown_in(answer), (answer.request.url, child.name)


async def test_the_masked_see_themselves_as_others_do_and_are_told_that_it_is_them(world: World) -> None:
    body = (await world.academy.student(world.masked.id).get("/api/v1/leaderboards/weekly/me")).json()
    [mine] = [place for place in body["items"] if place["is_me"]]
    assert (mine["name"], mine["player_id"]) == ("Night Owl", str(world.masked.id))


async def test_staff_may_look_up_who_goes_by_an_alias(world: World) -> None:
    body = (await world.academy.served.as_("staff").get("/api/v1/aliases", params={"contains": "night"})).json()
    [found] = body["items"]
    assert (found["alias"], found["player_id"], found["display_name"]) == (
        "Night Owl",
        str(world.masked.id),
        world.masked.name,
    )
