"""Bodies: limits that count what really comes, and large ones that never lie in memory whole."""

import asyncio
import hashlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator

import httpx
import psutil
import pytest
from aiohttp import web

from babyowl_chassis.testing import eventually
from gateway.routes import Limits, Service

from .house import House, Opens, closed_port, problem_of, serving_services, table_with

PATH = "/api/v1/courses"
LIMIT = Limits(body_bytes=100_000)
MIB = 1_048_576
RUN_WITH_LARGE_LIMITS = f"""
from gateway.main import run
from gateway.routes import Limits, Route, RouteTable, Service
run(RouteTable([Route("{PATH}", Service.LEARNING, limits=Limits(body_bytes={256 * MIB}))]))
"""


async def pieces(size: int, piece: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, size, piece):
        yield b"h" * min(piece, size - start)


async def test_a_body_may_be_as_large_as_the_limit_and_no_larger(house_with: Opens) -> None:
    async with house_with(table=table_with(PATH, limits=LIMIT)) as house:
        exact = await house.client.post(PATH, content=b"h" * 100_000, headers=house.someone())
        over = await house.client.post(PATH, content=b"h" * 100_001, headers=house.someone())
        assert exact.status_code == 200
        assert (over.status_code, over.json()["code"]) == (413, "body_too_large")
        assert len(house.services.seen) == 1


async def test_a_body_that_does_not_say_its_length_is_counted(house_with: Opens) -> None:
    async with house_with(table=table_with(PATH, limits=LIMIT)) as house:
        exact = await house.client.post(PATH, content=pieces(100_000), headers=house.someone())
        over = await house.client.post(PATH, content=pieces(100_001), headers=house.someone())
        assert exact.status_code == 200
        assert (over.status_code, over.json()["code"]) == (413, "body_too_large")
        assert [len(seen.body) for seen in house.services.seen] == [100_000]


async def test_a_refused_upload_is_told_so_although_it_is_still_being_sent(house_with: Opens) -> None:
    async with house_with(table=table_with(PATH, limits=LIMIT)) as house:
        token = house.someone()["Authorization"]
        head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\nContent-Length: {3 * MIB}\r\n\r\n"
        answer = await house.raw(head.encode(), *[b"h" * MIB] * 3)
        assert problem_of(answer) == (413, "body_too_large")


async def test_a_careful_client_is_refused_before_it_sends(house_with: Opens) -> None:
    async with house_with(table=table_with(PATH, limits=LIMIT)) as house:
        token = house.someone()["Authorization"]
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\n"
            f"Expect: 100-continue\r\nContent-Length: {MIB}\r\n\r\n"
        )
        answer = await house.raw(head.encode())
        assert problem_of(answer) == (413, "body_too_large")
        assert b"100 Continue" not in answer


async def test_a_careful_client_is_asked_to_go_on(house: House) -> None:
    token = house.someone()["Authorization"]
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(
        f"POST {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\nConnection: close\r\n"
        "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n".encode()
    )
    assert await asyncio.wait_for(reader.readline(), 5) == b"HTTP/1.1 100 Continue\r\n"
    writer.write(b"hoot")
    assert b"HTTP/1.1 200 OK" in await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert house.services.last.body == b"hoot"
    assert house.services.last.values("expect") == []


async def test_an_answer_may_come_before_the_whole_body_was_sent(house: House) -> None:
    async def hasty(request: web.Request) -> web.StreamResponse:
        await request.content.readany()
        return web.json_response({"code": "no"}, status=409)

    house.services.handlers[PATH] = hasty
    answer = await house.client.post(PATH, content=pieces(900_000), headers=house.someone())
    assert answer.status_code == 409
    again = await house.client.get("/api/v1/classes", headers=house.someone())
    assert again.status_code == 200


async def test_bodies_on_one_connection_do_not_run_into_each_other(house: House) -> None:
    for size in (0, 1, 65_535, 65_536, 65_537, 300_000, 3):
        answer = await house.client.post(PATH, content=os.urandom(size), headers=house.someone())
        assert answer.status_code == 200
        assert len(house.services.last.body) == size


@pytest.fixture
async def process(redis_url: str) -> AsyncIterator[tuple[psutil.Process, str, dict[str, str]]]:
    """The gateway as a process of its own, before a service that digests what it gets."""
    async with serving_services() as services:

        async def digest(request: web.Request) -> web.StreamResponse:
            known, size = hashlib.sha256(), 0
            async for chunk in request.content.iter_any():
                known.update(chunk)
                size += len(chunk)
            return web.json_response({"size": size, "digest": known.hexdigest()})

        async def large(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Length": str(100 * MIB)})
            await answer.prepare(request)
            for _ in range(100):
                await answer.write(b"h" * MIB)
            return answer

        services.handlers |= {f"{PATH}/up": digest, f"{PATH}/down": large}
        port = closed_port()
        told = {f"{service.upper()}_URL": services.url(service) for service in Service}
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            RUN_WITH_LARGE_LIMITS,
            env=os.environ | told | {"ENVIRONMENT": "test", "PORT": str(port), "REDIS_URL": redis_url},
            stdout=asyncio.subprocess.DEVNULL,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            async with httpx.AsyncClient() as client:

                async def is_ready() -> bool:
                    try:
                        return (await client.get(f"{url}/readyz")).status_code == 200
                    except httpx.TransportError:
                        return False

                await eventually(is_ready, timeout=20, every=0.1)
            someone = House(port, services, None, None, None).someone()  # type: ignore[arg-type]
            yield psutil.Process(child.pid), url, someone
        finally:
            child.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(child.wait(), 20) == 0


async def peak_of(process: psutil.Process, over: "asyncio.Task[httpx.Response]") -> int:
    """The most memory the process held while the task ran, in bytes."""
    peak = 0
    while not over.done():
        peak = max(peak, process.memory_info().rss)
        await asyncio.sleep(0.005)
    return peak


async def test_a_hundred_megabytes_up_and_down_leave_memory_as_it_was(
    process: tuple[psutil.Process, str, dict[str, str]],
) -> None:
    gateway, url, headers = process
    async with httpx.AsyncClient(timeout=60) as client:
        await client.post(f"{url}{PATH}/up", content=b"warm", headers=headers)
        before = gateway.memory_info().rss
        up = asyncio.create_task(client.post(f"{url}{PATH}/up", content=pieces(100 * MIB, MIB), headers=headers))
        assert await peak_of(gateway, up) - before < 16 * MIB
        digest = hashlib.sha256(b"h" * 100 * MIB).hexdigest()
        assert json.loads(up.result().content) == {"size": 100 * MIB, "digest": digest}
        down = asyncio.create_task(client.get(f"{url}{PATH}/down", headers=headers))
        assert await peak_of(gateway, down) - before < 16 * MIB
        assert len(down.result().content) == 100 * MIB


async def test_a_reader_that_stops_reading_stops_the_service(house: House) -> None:
    written = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal written
        answer = web.StreamResponse()
        await answer.prepare(request)
        while written < 200 * MIB:
            await answer.write(b"h" * 65_536)
            written += 65_536
        return answer

    house.services.handlers[PATH] = endless
    token = house.someone()["Authorization"]
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port, limit=65_536)
    writer.write(f"GET {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")

    async def stands_still() -> bool:
        before = written
        await asyncio.sleep(0.3)
        return 0 < written == before

    await eventually(stands_still)
    assert written < 60 * MIB
    writer.close()
