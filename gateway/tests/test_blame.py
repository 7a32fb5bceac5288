"""Whose fault it was: a client that misbehaves must not have a service cut off for everybody else."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from babyowl_chassis.testing import eventually
from gateway.breaker import State
from gateway.routes import Limits, Service

from .house import House, Opens, table_with

PATH = "/api/v1/courses"
MORE_THAN_OPENS_A_BREAKER = 12


def breaker_state() -> float | None:
    return REGISTRY.get_sample_value("babyowl_gateway_breaker_state", {"service": Service.LEARNING.value})


def clients_gone() -> float:
    return REGISTRY.get_sample_value("babyowl_gateway_clients_gone_total") or 0


async def too_much() -> AsyncIterator[bytes]:
    for _ in range(20):
        yield b"h" * 10_000


async def begun_upload(house: House, *, then_leave: bool) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    token = house.someone()["Authorization"]
    head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head.encode() + b"5\r\nhoot!\r\n")
    await writer.drain()
    answer = b"" if then_leave else await reader.read()
    writer.close()
    return answer


async def test_too_large_bodies_do_not_open_the_breaker(house_with: Opens) -> None:
    async with house_with(table=table_with(PATH, limits=Limits(body_bytes=50_000))) as house:
        for _ in range(MORE_THAN_OPENS_A_BREAKER):
            answer = await house.client.post(PATH, content=too_much(), headers=house.someone())
            assert answer.status_code == 413
        assert breaker_state() == State.CLOSED
        assert (await house.client.get(PATH, headers=house.someone())).status_code == 200


async def test_uploads_that_break_off_do_not_open_the_breaker(house: House) -> None:
    before = clients_gone()
    for _ in range(MORE_THAN_OPENS_A_BREAKER):
        await begun_upload(house, then_leave=True)
    await eventually(lambda: clients_gone() - before >= MORE_THAN_OPENS_A_BREAKER)
    assert breaker_state() == State.CLOSED


@pytest.mark.parametrize(
    "limits", [Limits(total_seconds=3), Limits(total_seconds=0.1)], ids=["read timeout first", "total time first"]
)
async def test_uploads_that_dawdle_do_not_open_the_breaker(house_with: Opens, limits: Limits) -> None:
    async with house_with(table=table_with(PATH, limits=limits), read_timeout=0.2) as house:
        answers = await asyncio.gather(
            *(begun_upload(house, then_leave=False) for _ in range(MORE_THAN_OPENS_A_BREAKER))
        )
        assert {answer.split(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 408 Request Timeout"}
        assert breaker_state() == State.CLOSED
