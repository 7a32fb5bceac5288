"""What goes through the gateway arrives as it was sent, and comes back as it was answered."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from gateway.routes import Service

from .house import House


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api/v1/me", Service.IDENTITY),
        ("/api/v1/users/42", Service.IDENTITY),
        ("/api/v1/courses/42/sections", Service.LEARNING),
        ("/api/v1/progress/me", Service.LEARNING),
        ("/api/v1/classes", Service.CLASS),
        ("/api/v1/meetings/42", Service.CLASS),
        ("/api/v1/players/me", Service.GAMIFICATION),
        ("/api/v1/leaderboards/weekly", Service.GAMIFICATION),
        ("/api/v1/notifications", Service.NOTIFICATION),
    ],
)
async def test_each_path_goes_to_its_service(house: House, path: str, service: Service) -> None:
    answer = await house.client.get(path, headers=house.someone())
    assert answer.status_code == 200
    assert house.services.last.service is service
    assert house.services.last.target == path


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
async def test_the_method_is_passed_on(house: House, method: str) -> None:
    await house.client.request(method, "/api/v1/courses/1", headers=house.someone())
    assert house.services.last.method == method


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1/courses/a%20b%C3%A9?q=%7E%2F&empty=&bare&plus=a+b&c=%zz",
        "/api/v1/courses/a:b@c,d;e=f!$'()*",
        "/api/v1/courses/x?url=http://elsewhere/?a=b&[x]=1",
        "/api/v1/courses/",
    ],
)
async def test_path_and_query_arrive_byte_for_byte(house: House, target: str) -> None:
    token = house.someone()["Authorization"]
    answer = await house.raw(
        f"GET {target} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.startswith(b"HTTP/1.1 200")
    assert house.services.last.target == target


async def test_a_body_arrives_whole_with_its_length(house: House) -> None:
    body = json.dumps({"name": "Ünïcode"}).encode()
    await house.client.post("/api/v1/classes", content=body, headers=house.someone())
    assert house.services.last.body == body
    assert house.services.last.values("content-length") == [str(len(body))]
    assert house.services.last.values("transfer-encoding") == []


async def test_a_chunked_body_is_streamed_on(house: House) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for number in range(50):
            yield f"{number:04d}".encode() * 500

    await house.client.post("/api/v1/classes", content=chunks(), headers=house.someone())
    assert house.services.last.body == b"".join(f"{number:04d}".encode() * 500 for number in range(50))
    assert house.services.last.values("transfer-encoding") == ["chunked"]


async def test_a_large_body_keeps_its_declared_length(house: House) -> None:
    body = b"owl" * 200_000
    await house.client.put("/api/v1/courses/1/content", content=body, headers=house.someone())
    assert house.services.last.body == body
    assert house.services.last.values("content-length") == [str(len(body))]


async def test_the_token_reaches_the_service_unchanged(house: House) -> None:
    headers = house.someone("instructor")
    await house.client.get("/api/v1/me", headers=headers)
    assert house.services.last.values("authorization") == [headers["Authorization"]]


async def test_cookies_pass_untouched_both_ways_and_are_not_kept(house: House) -> None:
    async def with_cookies(request: web.Request) -> web.StreamResponse:
        house.services.note(request)
        answer = web.Response()
        answer.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly")
        answer.headers.add("Set-Cookie", 'b="x y"; SameSite=Strict')
        return answer

    house.services.handlers["/api/v1/me"] = with_cookies
    answer = await house.client.get("/api/v1/me", headers=house.someone() | {"Cookie": 'odd="q; "; b=2'})
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/; HttpOnly", 'b="x y"; SameSite=Strict']
    assert house.services.last.values("cookie") == ['odd="q; "; b=2']
    house.client.cookies.clear()
    await house.client.get("/api/v1/me", headers=house.someone())
    assert house.services.last.values("cookie") == []


async def test_a_compressed_answer_passes_compressed(house: House) -> None:
    packed = gzip.compress(b"hoot " * 1000)

    async def compressed(_: web.Request) -> web.StreamResponse:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip", "ETag": '"1"'})

    house.services.handlers["/api/v1/courses"] = compressed
    async with house.client.stream("GET", "/api/v1/courses", headers=house.someone()) as answer:
        assert b"".join([chunk async for chunk in answer.aiter_raw()]) == packed
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["content-length"] == str(len(packed))
        assert answer.headers["etag"] == '"1"'


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body_has_none(house: House, status: int) -> None:
    async def bodiless(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"ETag": '"7"'})

    house.services.handlers["/api/v1/courses"] = bodiless
    for _ in range(2):  # the second comes down the same connections: nothing was left in them
        answer = await house.client.get("/api/v1/courses", headers=house.someone() | {"If-None-Match": '"7"'})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (status, b"", '"7"')


async def test_head_gets_the_length_and_no_body(house: House) -> None:
    async def page(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x" * 1234)

    house.services.handlers["/api/v1/courses"] = page
    token = house.someone()["Authorization"]
    answer = await house.raw(
        f"HEAD /api/v1/courses HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n".encode()
    )
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-length: 1234" in head
    assert body == b""


async def test_redirects_are_answered_and_not_followed_and_stay_outside(house: House) -> None:
    inside = house.services.url(Service.LEARNING)

    async def moved(_: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"{inside}/api/v1/courses?page=2"})

    house.services.handlers["/api/v1/courses/"] = moved
    answer = await house.client.get("/api/v1/courses/", headers=house.someone())
    assert answer.status_code == 307
    assert answer.headers["location"] == "/api/v1/courses?page=2"
    assert house.services.seen == []


async def test_what_tells_of_the_inside_does_not_come_out(house: House) -> None:
    async def talkative(_: web.Request) -> web.StreamResponse:
        return web.json_response(
            {},
            headers={
                "Server": "secret/1.0",
                "X-Powered-By": "owls",
                "X-Internal": "1",
                "Access-Control-Allow-Origin": "*",
                "Content-Security-Policy": "default-src *",
                "Connection": "X-Told, ETag",
                "ETag": '"hop"',
                "Link": "</next>",
            },
        )

    house.services.handlers["/api/v1/courses"] = talkative
    answer = await house.client.get("/api/v1/courses", headers=house.someone())
    assert not {"server", "x-powered-by", "x-internal", "access-control-allow-origin", "etag"} & set(answer.headers)
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["link"] == "</next>"


async def test_an_answer_is_kept_by_nobody_unless_its_service_says_so(house: House) -> None:
    async def for_all(_: web.Request) -> web.StreamResponse:
        return web.json_response({}, headers={"Cache-Control": "public, max-age=300"})

    house.services.handlers["/api/v1/courses"] = for_all
    ruled = await house.client.get("/api/v1/courses", headers=house.someone())
    unruled = await house.client.get("/api/v1/classes", headers=house.someone())
    assert ruled.headers.get_list("cache-control") == ["public, max-age=300"]
    assert unruled.headers.get_list("cache-control") == ["no-store"]


async def test_an_answer_without_a_length_is_streamed(house: House) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for number in range(100):
            await answer.write(f"{number:03d}".encode() * 1000)
        return answer

    house.services.handlers["/api/v1/courses"] = endless
    answer = await house.client.get("/api/v1/courses", headers=house.someone())
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.content == b"".join(f"{number:03d}".encode() * 1000 for number in range(100))


async def test_a_streamed_answer_comes_piece_by_piece_and_ends_with_its_client(house: House) -> None:
    has_seen_the_first, is_over = asyncio.Event(), asyncio.Event()

    async def report(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/csv"})
        await answer.prepare(request)
        await answer.write(b"student,status\r\n")
        await asyncio.wait_for(has_seen_the_first.wait(), 5)
        try:
            while True:
                await answer.write(b"owl,present\r\n" * 1000)
        finally:
            is_over.set()

    house.services.handlers["/api/v1/classes/report"] = report
    async with house.client.stream("GET", "/api/v1/classes/report", headers=house.someone()) as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"student,status\r\n"
        has_seen_the_first.set()
        assert (await anext(pieces)).startswith(b"owl,present")
    await asyncio.wait_for(is_over.wait(), 5)


async def test_http_1_0_gets_answers_of_known_length_only(house: House) -> None:
    async def unmeasured(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"some")
        return answer

    house.services.handlers["/api/v1/courses/streamed"] = unmeasured
    token = house.someone()["Authorization"]
    known = await house.raw(f"GET /api/v1/courses HTTP/1.0\r\nAuthorization: {token}\r\nHost: a\r\n\r\n".encode())
    unknown = await house.raw(
        f"GET /api/v1/courses/streamed HTTP/1.0\r\nAuthorization: {token}\r\nHost: a\r\n\r\n".encode()
    )
    assert known.startswith(b"HTTP/1.1 200")
    assert b"transfer-encoding" not in known
    assert unknown.startswith(b"HTTP/1.1 505")
