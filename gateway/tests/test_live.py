"""WebSockets and event streams: passed through, for whom they are meant, until the token ends."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError, web
from prometheus_client import REGISTRY
from yarl import URL

from babyowl_chassis.testing import eventually

from .house import House, Opens

PATH = "/api/v1/notifications/live"
PAGE = "https://app.babyowl.academy"


@pytest.fixture
async def sockets() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture(scope="session")
async def _shared_live_house(house_with: Opens) -> AsyncIterator[House]:
    async with house_with(cors_origins=[PAGE]) as opened_house:
        yield opened_house


@pytest.fixture
def live_house(_shared_live_house: House) -> House:
    house = _shared_live_house
    house.services.seen.clear()
    house.services.handlers.clear()

    async def echo(request: web.Request) -> web.StreamResponse:
        house.services.note(request)
        socket = web.WebSocketResponse(protocols=("babyowl",))
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)
            elif message.data == "leave":
                await socket.close(code=4001, message=b"as you wish")
            else:
                await socket.send_str(message.data)
        house.services.closed_with.append(socket.close_code)
        return socket

    house.services.handlers[PATH] = echo
    return house


def url(house: House, path: str = PATH) -> str:
    return f"ws://127.0.0.1:{house.port}{path}"


def held_open() -> float | None:
    return REGISTRY.get_sample_value("babyowl_gateway_live_connections")


async def test_messages_pass_both_ways_as_they_are(live_house: House, sockets: ClientSession) -> None:
    async with sockets.ws_connect(url(live_house) + "?room=a%20b", headers=live_house.someone()) as socket:
        await socket.send_str("hoot 🦉")
        assert await socket.receive_str() == "hoot 🦉"
        await socket.send_bytes(bytes(range(256)) * 1000)
        assert await socket.receive_bytes() == bytes(range(256)) * 1000
    assert live_house.services.last.target == PATH + "?room=a%20b"


async def test_the_handshake_carries_the_same_headers_as_any_request(
    live_house: House, sockets: ClientSession
) -> None:
    claims = {"X-User-Id": "1", "X-Forwarded-For": "10.0.0.1"}
    headers = live_house.someone()
    async with sockets.ws_connect(url(live_house), headers=headers | claims):
        seen = live_house.services.last
    assert seen.values("authorization") == [headers["Authorization"]]
    assert seen.values("x-user-id") == []
    assert seen.values("x-forwarded-for") == ["127.0.0.1"]
    assert len(seen.values("x-request-id")) == 1


async def test_a_browser_offers_its_token_as_a_subprotocol(live_house: House, sockets: ClientSession) -> None:
    token = live_house.someone()["Authorization"].removeprefix("Bearer ")
    async with sockets.ws_connect(url(live_house), protocols=("babyowl", f"bearer.{token}"), origin=PAGE) as socket:
        assert socket.protocol == "babyowl"
        await socket.send_str("hoot")
        assert await socket.receive_str() == "hoot"
    assert live_house.services.last.values("sec-websocket-protocol") == ["babyowl"]
    assert live_house.services.last.values("authorization") == [f"Bearer {token}"]


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({}, PATH, 401),
        ({"Authorization": "Bearer bad"}, PATH, 401),
        ("someone", "/api/v1/courses/live", 404),
        ("someone", "/internal/v1/live", 404),
        ("someone", "/api/v1/notifications/..%2flive", 400),
    ],
)
async def test_a_websocket_that_may_not_be_is_refused_in_http(
    live_house: House, sockets: ClientSession, headers: dict[str, str] | str, path: str, status: int
) -> None:
    sent = live_house.someone() if isinstance(headers, str) else headers
    with pytest.raises(WSServerHandshakeError) as refused:
        await sockets.ws_connect(URL(url(live_house, path), encoded=True), headers=sent)
    assert refused.value.status == status
    assert refused.value.headers is not None
    assert refused.value.headers["content-type"] == "application/problem+json"
    assert live_house.services.seen == []


async def test_pages_of_strangers_open_no_websocket(live_house: House, sockets: ClientSession) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await sockets.ws_connect(url(live_house), headers=live_house.someone(), origin="https://evil.example")
    assert refused.value.status == 403
    assert live_house.services.seen == []


async def test_the_refusal_of_the_service_reaches_the_client(live_house: House, sockets: ClientSession) -> None:
    async def no(_: web.Request) -> web.StreamResponse:
        raise web.HTTPForbidden

    live_house.services.handlers[PATH] = no
    with pytest.raises(WSServerHandshakeError) as refused:
        await sockets.ws_connect(url(live_house), headers=live_house.someone())
    assert refused.value.status == 403


async def test_who_closes_says_why_on_both_sides(live_house: House, sockets: ClientSession) -> None:
    async with sockets.ws_connect(url(live_house), headers=live_house.someone()) as socket:
        await socket.send_str("leave")
        closing = await socket.receive()
        assert (socket.close_code, closing.extra) == (4001, "as you wish")

    async with sockets.ws_connect(url(live_house), headers=live_house.someone()) as socket:
        await socket.close(code=4002)
    await eventually(lambda: 4002 in live_house.services.closed_with)
    await eventually(lambda: held_open() == 0)


async def test_a_client_that_vanishes_is_gone_for_the_service_too(live_house: House, sockets: ClientSession) -> None:
    socket = await sockets.ws_connect(url(live_house), headers=live_house.someone())
    await eventually(lambda: held_open() == 1)
    before = len(live_house.services.closed_with)
    assert socket._response.connection is not None
    assert socket._response.connection.transport is not None
    socket._response.connection.transport.abort()
    await eventually(lambda: held_open() == 0 and len(live_house.services.closed_with) == before + 1)


async def test_a_websocket_ends_with_its_token(live_house: House, sockets: ClientSession) -> None:
    ends = int(time.time()) + 2
    async with sockets.ws_connect(url(live_house), headers=live_house.someone(exp=ends)) as socket:
        await socket.send_str("hoot")
        assert await socket.receive_str() == "hoot"
        closing = await asyncio.wait_for(socket.receive(), 5)
        assert (socket.close_code, closing.extra) == (1008, "token expired")
        assert ends - 0.5 < time.time() < ends + 2


async def test_too_large_a_message_ends_the_websocket(house_with: Opens, sockets: ClientSession) -> None:
    async def swallow(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for _ in socket:
            pass
        return socket

    async with house_with(max_websocket_message_bytes=2048) as house:
        house.services.handlers[PATH] = swallow
        async with sockets.ws_connect(url(house), headers=house.someone()) as socket:
            await socket.send_bytes(b"h" * 5000)
            await asyncio.wait_for(socket.receive(), 5)
            assert socket.close_code == 1009


def streaming(house: House, *, events: int = 1_000_000) -> None:
    async def stream(request: web.Request) -> web.StreamResponse:
        house.services.note(request)
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await answer.prepare(request)
        for number in range(events):
            await answer.write(f"id: {number}\ndata: hoot\n\n".encode())
            await asyncio.sleep(0.02)
        return answer

    house.services.handlers[PATH] = stream


def asking(house: House, **claims: Any) -> dict[str, str]:
    return house.someone(**claims) | {"Accept": "text/event-stream", "Last-Event-ID": "41"}


async def test_events_come_one_by_one(live_house: House) -> None:
    streaming(live_house)
    async with live_house.client.stream("GET", PATH, headers=asking(live_house)) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        lines = answer.aiter_lines()
        started = time.monotonic()
        assert [await anext(lines) for _ in range(3)] == ["id: 0", "data: hoot", ""]
        assert time.monotonic() - started < 1
    assert live_house.services.last.values("last-event-id") == ["41"]
    await eventually(lambda: held_open() == 0)


async def test_a_stream_that_is_over_ends(live_house: House) -> None:
    streaming(live_house, events=3)
    answer = await live_house.client.get(PATH, headers=asking(live_house))
    assert answer.text.count("data: hoot") == 3


async def test_a_stream_ends_with_its_token_as_a_whole_answer(live_house: House) -> None:
    streaming(live_house)
    ends = int(time.time()) + 2
    answer = await live_house.client.get(PATH, headers=asking(live_house, exp=ends))
    assert answer.text.count("data: hoot") > 10
    assert ends - 0.5 < time.time() < ends + 2


async def test_silence_between_events_may_last(house_with: Opens) -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await asyncio.sleep(0.6)
        await answer.write(b"data: late\n\n")
        return answer

    async with house_with(read_timeout=0.2) as house:
        house.services.handlers[PATH] = silent
        assert (await house.client.get(PATH, headers=asking(house))).text == "data: late\n\n"


async def test_pages_of_strangers_open_no_stream(live_house: House) -> None:
    streaming(live_house)
    answer = await live_house.client.get(PATH, headers=asking(live_house) | {"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert live_house.services.seen == []


async def test_what_is_held_open_ends_when_the_gateway_stops(house_with: Opens, sockets: ClientSession) -> None:
    async with house_with() as house:

        async def idle(request: web.Request) -> web.StreamResponse:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            async for _ in socket:
                pass
            return socket

        streaming(house)
        house.services.handlers["/api/v1/notifications/idle"] = idle
        socket = await sockets.ws_connect(url(house, "/api/v1/notifications/idle"), headers=house.someone())
        async with (
            httpx.AsyncClient() as client,
            client.stream("GET", f"http://127.0.0.1:{house.port}{PATH}", headers=asking(house)) as answer,
        ):
            await eventually(lambda: held_open() == 2)
            await house.in_gateway(house.gateway.drain)
            assert "data: hoot" in (await answer.aread()).decode()
        closing = await asyncio.wait_for(socket.receive(), 5)
        assert (socket.close_code, closing.extra) == (1012, "restart")
        ready = await house.client.get("/readyz")
        assert (ready.status_code, ready.json()["failing"]) == (503, ["stopping"])
