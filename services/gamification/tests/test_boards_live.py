"""The boards of a running service: asked for by readers, built and kept by its worker."""

from collections.abc import Callable
from typing import Any

import pytest

from babyowl_chassis.ids import utc_now
from babyowl_chassis.testing import eventually, serving
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
