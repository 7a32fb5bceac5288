"""The boards of a running service: asked for by readers, built and kept by its worker."""

import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from babyowl_chassis.ids import utc_now
from babyowl_chassis.redis_client import ANSWERS_WITHIN_SECONDS, Rest
from babyowl_chassis.testing import eventually, serving
from babyowl_local.redis import RedisServer
from gamification.bootstrap import service
from gamification.domain.boards import Board, Period
from gamification.domain.calendar import Academy as AcademyTime
from gamification.infrastructure.boards import RedisBoards
from gamification.queries import standings

from .academy import Academy

pytestmark = pytest.mark.infra

ALL_TIME = "/api/v1/leaderboards/all-time"


async def test_a_board_that_is_read_is_soon_in_redis_and_follows_what_happens(
    postgres_admin_url: str,
    fresh_vhost: Callable[[], str],
    fresh_redis: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(
        service, admin_url=postgres_admin_url, amqp_url=fresh_vhost(), redis_url=fresh_redis()
    ) as served:
        academy = Academy(served)
        ada, ben = await academy.learner("Ada", 1), await academy.learner("Ben", 2)
        await academy.class_of(ada, ben)
        scores = Board.of_today(Period.ALL_TIME, AcademyTime(served.resources.settings.academy_zone, utc_now)).scores
        boards = RedisBoards(served.resources.redis)

        async def shown() -> list[str]:
            found: list[dict[str, Any]] = (await academy.student(ada).get(ALL_TIME)).json()["items"]
            return [place["name"] for place in found]

        async def in_redis() -> list[object]:
            return [place.player_id for place in await boards.top(scores, 10) or []]

        async def is_built() -> bool:
            return await in_redis() == [ben, ada]

        assert await shown() == ["Ben", "Ada"]
        await eventually(is_built, timeout=30)
        await academy.practise(ada, 5)

        async def has_followed() -> bool:
            return await in_redis() == [ada, ben]

        await eventually(has_followed, timeout=30)
        await academy.hide(ben)

        async def is_gone() -> bool:
            return await in_redis() == [ada]

        await eventually(is_gone, timeout=30)

        async def never(*_: object, **__: object) -> list[standings.Place]:
            raise AssertionError("asked Postgres")

        monkeypatch.setattr(standings, "top", never)
        assert await shown() == ["Ada"]


async def test_a_redis_that_hangs_holds_a_leaderboard_up_once(postgres_admin_url: str, tmp_path: Path) -> None:
    redis = RedisServer(tmp_path, durable=False)
    redis.launch()
    try:
        redis.await_ready()
        async with serving(service, admin_url=postgres_admin_url, redis_url=redis.url) as served:
            served.resources.redis.rest = Rest(lambda: 0.0)
            academy = Academy(served)
            client = academy.student(await academy.learner("Ada", 1))
            assert (await client.get(ALL_TIME)).status_code == 200
            redis.process.send_signal(signal.SIGSTOP)
            # Whether the session still stands, and who is on the board: two questions, of which one is waited for.
            for at_most in (2 * ANSWERS_WITHIN_SECONDS, *[ANSWERS_WITHIN_SECONDS] * 5):
                began = monotonic()
                [place] = (await client.get(ALL_TIME)).json()["items"]
                assert (place["name"], monotonic() - began < at_most) == ("Ada", True)
    finally:
        redis.process.send_signal(signal.SIGCONT)
        redis.stop()
