"""Services that are away, slow, or die in the middle; clients that go away."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from babyowl_chassis.testing import eventually
from gateway.breaker import Breaker, Open, State
from gateway.retries import RetryBudget
from gateway.routes import Limits, Service

from .house import House, Opens, closed_port, table_with

PATH = "/api/v1/courses"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def rude_service(talk: Talk) -> AsyncIterator[str]:
    """A service that says what it likes, byte for byte."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def breaker_state(service: Service) -> float | None:
    return REGISTRY.get_sample_value("babyowl_gateway_breaker_state", {"service": service.value})


async def test_a_service_that_is_down_is_503_and_left_alone_after_a_few_tries(house_with: Opens) -> None:
    async with house_with(learning_url=f"http://127.0.0.1:{closed_port()}") as house:
        headers = house.someone()
        answers = [await house.client.post(PATH, headers=headers) for _ in range(8)]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(503, "service_unavailable")}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)
        assert breaker_state(Service.LEARNING) == State.OPEN
        assert (await house.client.get("/readyz")).json()["services"]["learning"] == "open"
        assert (await house.client.get("/api/v1/classes", headers=headers)).status_code == 200


async def test_a_hung_service_is_504(house_with: Opens) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with rude_service(hang) as url, house_with(learning_url=url, read_timeout=0.2) as house:
        answer = await house.client.get(PATH, headers=house.someone())
        assert (answer.status_code, answer.json()["code"]) == (504, "service_timeout")


async def test_a_service_that_accepts_no_connection_is_504(house_with: Opens) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        async with house_with(learning_url=f"http://127.0.0.1:{address[1]}", connect_timeout=0.3) as house:
            answer = await house.client.post(PATH, headers=house.someone())
            assert (answer.status_code, answer.json()["code"]) == (504, "service_timeout")
        for one in waiting:
            one.close()


async def test_an_exchange_has_a_total_time(house_with: Opens) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        while True:
            await asyncio.wait_for(reader.read(1), 0.05) if reader.at_eof() else await asyncio.sleep(0.05)
            writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
            await writer.drain()

    table = table_with(PATH, limits=Limits(total_seconds=0.3))
    async with rude_service(drip) as url, house_with(table=table, learning_url=url) as house:
        started = time.monotonic()
        answer = await house.client.get(PATH, headers=house.someone())
        assert (answer.status_code, answer.json()["code"]) == (504, "service_timeout")
        assert time.monotonic() - started < 2


async def test_a_client_that_sends_its_body_too_slowly_is_told_so(house_with: Opens) -> None:
    async with house_with(table=table_with(PATH, limits=Limits(total_seconds=0.3))) as house:
        token = house.someone()["Authorization"]
        head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\nContent-Length: 10\r\n\r\n"
        answer = await house.raw(head.encode() + b"abc")
        assert answer.startswith(b"HTTP/1.1 408")
        assert house.services.seen == []


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", id="half a head"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", id="two lengths"),
    ],
)
async def test_a_service_that_breaks_off_before_it_answered_is_502(house_with: Opens, said: bytes) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()

    async with rude_service(break_off) as url, house_with(learning_url=url) as house:
        answer = await house.client.post(PATH, headers=house.someone())
        assert (answer.status_code, answer.json()["code"]) == (502, "bad_gateway")


@pytest.mark.parametrize(
    "head", [b"Content-Length: 100", b"Transfer-Encoding: chunked"], ids=["with a length", "chunked"]
)
async def test_an_answer_that_breaks_off_never_looks_complete(house_with: Opens, head: bytes) -> None:
    async def die_midway(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n")
        writer.write(b"4\r\nhoot\r\n" if b"chunked" in head else b"hoot")
        await writer.drain()

    async with rude_service(die_midway) as url, house_with(learning_url=url) as house:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await house.client.get(PATH, headers=house.someone())


async def test_a_get_is_sent_once_more_when_the_connection_was_dropped(house_with: Opens) -> None:
    talks = 0

    async def second_time_lucky(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal talks
        talks += 1
        await reader.readuntil(b"\r\n\r\n")
        if talks > 1:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhoot")
            await writer.drain()

    async with rude_service(second_time_lucky) as url, house_with(learning_url=url) as house:
        assert (await house.client.get(PATH, headers=house.someone())).text == "hoot"
        assert talks == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_what_changes_something_is_never_sent_twice(house_with: Opens, method: str) -> None:
    """aiohttp would by itself: it counts PUT and DELETE among what may be repeated."""
    talks = 0

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal talks
        talks += 1
        await reader.readuntil(b"\r\n\r\n")

    async with rude_service(never) as url, house_with(learning_url=url) as house:
        answer = await house.client.request(method, PATH, content=b"{}", headers=house.someone())
        assert answer.status_code == 502
        assert talks == 1


async def test_retries_keep_to_their_budget() -> None:
    budget = RetryBudget()
    sent = retried = 0
    for _ in range(1000):
        budget.pay_in()
        sent += 1
        retried += budget.withdraw()
    assert retried <= sent / 10 + 1


async def test_a_flood_of_failures_is_not_doubled_by_retries(house_with: Opens) -> None:
    talks = 0

    async def refuse_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal talks
        talks += 1
        await reader.readuntil(b"\r\n\r\n")

    async with rude_service(refuse_all) as url, house_with(learning_url=url) as house:
        await asyncio.gather(*(house.client.get(PATH, headers=house.someone()) for _ in range(40)))
        assert talks <= 44


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def failing(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed(breaker.admit())


def test_a_breaker_opens_when_half_fails_and_not_on_a_few() -> None:
    breaker = Breaker(volume=10, clock=Clock())
    for _ in range(6):
        breaker.succeeded(breaker.admit())
    failing(breaker, 5)
    breaker.succeeded(breaker.admit())
    failing(breaker, 2)
    with pytest.raises(Open) as resting:
        breaker.admit()
    assert resting.value.retry_after == 5


def test_a_breaker_forgets_old_failures() -> None:
    clock = Clock()
    breaker = Breaker(volume=5, window=10, clock=clock)
    failing(breaker, 4)
    clock.now += 11
    failing(breaker, 4)
    assert breaker.state is State.CLOSED


def test_after_a_rest_one_request_tries_and_decides() -> None:
    clock = Clock()
    breaker = Breaker(volume=1, rest=5, clock=clock)
    failing(breaker, 1)
    clock.now += 5
    trial = breaker.admit()
    with pytest.raises(Open):
        breaker.admit()
    breaker.failed(trial)
    with pytest.raises(Open):
        breaker.admit()
    clock.now += 5
    breaker.succeeded(breaker.admit())
    assert breaker.state is State.CLOSED


def test_a_trial_whose_client_left_leaves_the_trial_to_the_next() -> None:
    clock = Clock()
    breaker = Breaker(volume=1, rest=5, clock=clock)
    failing(breaker, 1)
    clock.now += 5
    breaker.abandoned(breaker.admit())
    breaker.succeeded(breaker.admit())
    assert breaker.state is State.CLOSED


def test_a_late_outcome_from_before_does_not_decide_the_trial() -> None:
    clock = Clock()
    breaker = Breaker(volume=1, rest=5, clock=clock)
    early = breaker.admit()
    failing(breaker, 1)
    clock.now += 5
    breaker.admit()
    breaker.succeeded(early)
    assert breaker.state is State.HALF_OPEN


async def test_a_service_that_comes_back_is_served_again(house_with: Opens) -> None:
    port = closed_port()
    async with house_with(learning_url=f"http://127.0.0.1:{port}", breaker_rest=0.5) as house:
        headers = house.someone()
        for _ in range(6):
            await house.client.post(PATH, headers=headers)
        assert breaker_state(Service.LEARNING) == State.OPEN

        async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()

        server = await asyncio.start_server(welcome, "127.0.0.1", port)
        try:

            async def is_back() -> bool:
                return (await house.client.post(PATH, headers=headers)).status_code == 200

            await eventually(is_back, timeout=10, every=0.1)
            assert breaker_state(Service.LEARNING) == State.CLOSED
        finally:
            server.close()


async def test_errors_that_a_service_answers_pass_and_do_not_open_the_breaker(house: House) -> None:
    async def busy(_: web.Request) -> web.StreamResponse:
        return web.json_response(
            {"code": "busy"}, status=503, headers={"Retry-After": "7"}, content_type="application/problem+json"
        )

    house.services.handlers[PATH] = busy
    for _ in range(10):
        answer = await house.client.get(PATH, headers=house.someone())
        assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (503, {"code": "busy"}, "7")
    assert breaker_state(Service.LEARNING) == State.CLOSED


async def test_a_cookie_set_for_one_person_is_never_sent_for_another(house_with: Opens) -> None:
    heads: list[bytes] = []

    async def set_cookie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: session=one\r\nConnection: close\r\n\r\n")
        await writer.drain()

    # By name: for bare addresses a cookie jar keeps nothing anyway.
    async with (
        rude_service(set_cookie) as url,
        house_with(learning_url=url.replace("127.0.0.1", "localhost")) as house,
    ):
        for _ in range(2):
            await house.client.get(PATH, headers=house.someone())
            house.client.cookies.clear()
    assert len(heads) == 2
    assert b"session=one" not in heads[1]


async def test_when_the_client_goes_the_service_is_told(house_with: Opens) -> None:
    gone = asyncio.Event()
    asked = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()
        gone.set()

    async with rude_service(wait) as url, house_with(learning_url=url) as house:
        token = house.someone()["Authorization"]
        _, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(f"GET {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\n\r\n".encode())
        await asyncio.wait_for(asked.wait(), 5)
        assert not gone.is_set()
        writer.close()
        await asyncio.wait_for(gone.wait(), 5)
        assert breaker_state(Service.LEARNING) == State.CLOSED


async def test_an_upload_that_breaks_off_is_never_taken_for_whole(house_with: Opens) -> None:
    began = asyncio.Event()
    received: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def read_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"hoot!\r\n")
        began.set()
        received.set_result(head + await reader.read())

    async with rude_service(read_all) as url, house_with(learning_url=url) as house:
        token = house.someone()["Authorization"]
        _, writer = await asyncio.open_connection("127.0.0.1", house.port)
        head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head.encode() + b"5\r\nhoot!\r\n")
        await asyncio.wait_for(began.wait(), 5)
        writer.close()
        assert (await asyncio.wait_for(received, 5)).endswith(b"hoot!\r\n")
