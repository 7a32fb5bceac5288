"""A request that two servers could read differently is refused; what a client claims to be reaches nobody."""

import asyncio

import pytest

from gateway.paths import BadPath, normalise

from .house import House, Opens, problem_of

PATH = "/api/v1/courses"


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        (b"/", "/"),
        (b"/api/v1/users", "/api/v1/users"),
        (b"/api/v1/users/", "/api/v1/users/"),
        (b"/api//v1/./users", "/api/v1/users"),
        (b"/api/v1/users/.", "/api/v1/users/"),
        (b"/api/v1/%75sers", "/api/v1/users"),
        (b"/api/v1/users/a%20b%C3%a9", "/api/v1/users/a%20b%C3%a9"),
        (b"/api/v1/users/%252f", "/api/v1/users/%252f"),
        (b"/api/v1/.well-known/...", "/api/v1/.well-known/..."),
    ],
)
def test_a_path_has_one_form(raw: bytes, normal: str) -> None:
    assert normalise(raw) == normal
    assert normalise(normal.encode()) == normal


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"users",
        b"/api/../internal",
        b"/api/v1/users/..",
        b"/api/v1/%2e%2e/internal",
        b"/api/v1/.%2E/internal",
        b"/api/v1/users%2f..%2finternal",
        b"/api/v1/users%2Finternal",
        b"/api/v1/users%5cinternal",
        b"/api\\v1",
        b"/api/v1/users%00",
        b"/api/v1/users%0d%0aX-Evil:1",
        b"/api/v1/users%7f",
        b"/api/v1/users%",
        b"/api/v1/users%zz",
        b"/api/v1/us\x80ers",
        b"/api/v1/us ers",
    ],
)
def test_a_path_that_can_be_read_in_two_ways_is_refused(raw: bytes) -> None:
    with pytest.raises(BadPath):
        normalise(raw)


@pytest.mark.parametrize(
    "path",
    [
        "/internal/v1/people",
        "/api/v1/courses/../../../internal/v1/people",
        "/api/v1/courses/%2e%2e/%2e%2e/internal/v1/people",
        "//internal/v1/people",
        "/api/v1/courses%2f..%2f..%2f..%2finternal",
        "/api/v1",
        "/api/v1/coursesandmore",
        "/API/v1/courses",
        "/metrics/x",
        "/healthz/x",
    ],
)
async def test_nothing_but_the_table_is_reachable(house: House, path: str) -> None:
    token = house.someone("super_admin")["Authorization"]
    answer = await house.raw(
        f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n".encode()
    )
    assert problem_of(answer) in [(404, "not_found"), (400, "bad_path")]
    assert house.services.seen == []


def request(*lines: str, body: bytes = b"", method: str = "POST", token: str = "") -> bytes:
    head = [f"{method} {PATH} HTTP/1.1", *lines, *([f"Authorization: {token}"] if token else [])]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        pytest.param(("Content-Length: 3", "Content-Length: 3"), b"abc", id="content-length twice"),
        pytest.param(("Content-Length: 3", "Content-Length: 4"), b"abcd", id="two content-lengths"),
        pytest.param(("Content-Length: 3, 3",), b"abc", id="content-length list"),
        pytest.param(("Content-Length: +3",), b"abc", id="signed content-length"),
        pytest.param(("Content-Length: 0x3",), b"abc", id="hex content-length"),
        pytest.param(("Content-Length: 5", "Transfer-Encoding: chunked"), b"0\r\n\r\n", id="length, then chunked"),
        pytest.param(("Transfer-Encoding: chunked", "Content-Length: 5"), b"0\r\n\r\n", id="chunked, then length"),
        pytest.param(("Transfer-Encoding: xchunked",), b"0\r\n\r\n", id="unknown coding"),
        pytest.param(("Transfer-Encoding: gzip, chunked",), b"0\r\n\r\n", id="two codings"),
        pytest.param(("Transfer-Encoding: chunked, identity",), b"0\r\n\r\n", id="chunked not last"),
        pytest.param(("Transfer-Encoding : chunked",), b"0\r\n\r\n", id="space before colon"),
        pytest.param(("X-A: 1", " folded"), b"", id="folded header"),
        pytest.param(("X-A: a\rb",), b"", id="bare CR"),
        pytest.param(("X-A: a\0b",), b"", id="NUL in a header"),
        pytest.param((": nameless",), b"", id="header without a name"),
        pytest.param(("Host: b",), b"", id="two hosts"),
        pytest.param(("X_User_Id: 1",), b"", id="underscore"),
        pytest.param(("Authorization: Bearer x", "Authorization: Bearer y"), b"", id="two tokens"),
        pytest.param(("User-Agent: J\xfcrgen",), b"", id="header in no known charset"),
    ],
)
async def test_ambiguous_requests_are_refused(house: House, lines: tuple[str, ...], body: bytes) -> None:
    answer = await house.raw(request("Host: a", "Connection: close", *lines, body=body))
    status, _ = problem_of(answer)
    assert status == 400
    assert answer.count(b"HTTP/1.1") == 1
    assert house.services.seen == []


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"GET /api/v1/courses HTTP/1.1\r\n\r\n", id="no host"),
        pytest.param(b"GET /api/v1/courses\r\n\r\n", id="HTTP/0.9"),
        pytest.param(b"GET /api/v1/courses HTTP/1.1\nHost: a\n\n", id="bare LF"),
        pytest.param(b"GET /api/v1/c\xffurses HTTP/1.1\r\nHost: a\r\n\r\n", id="bytes in the path"),
        pytest.param(b"CONNECT other:80 HTTP/1.1\r\nHost: a\r\n\r\n", id="connect"),
        pytest.param(b"TRACE /api/v1/courses HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", id="trace"),
        pytest.param(b"GET /api/v1/courses HTTP/1.1\r\nHost: a/b@c\r\nConnection: close\r\n\r\n", id="odd host"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", id="TLS on the plain port"),
        pytest.param(
            b"POST /api/v1/courses HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            id="chunked 1.0",
        ),
    ],
)
async def test_what_is_not_http_1_1_is_refused(house: House, raw: bytes) -> None:
    status, _ = problem_of(await house.raw(raw))
    assert status in (400, 405, 505)
    assert house.services.seen == []


@pytest.mark.parametrize(
    "body", [b"0x3\r\nabc\r\n0\r\n\r\n", b"3\nabc\n0\n\n", b"3\r\nabcd\r\n0\r\n\r\n", b"-1\r\n\r\n", b"zz\r\n"]
)
async def test_a_broken_chunk_ends_the_request(house: House, body: bytes) -> None:
    token = house.someone()["Authorization"]
    answer = await house.raw(request("Host: a", "Transfer-Encoding: chunked", token=token, body=body))
    assert problem_of(answer) == (400, "malformed_request")
    assert house.services.seen == []


async def test_a_request_hidden_behind_a_malformed_one_is_never_served(house: House) -> None:
    token = house.someone()["Authorization"]
    hidden = request("Host: a", "Content-Length: 0", token=token)
    attack = request("Host: a", "Content-Length: 4", "Transfer-Encoding: chunked", token=token, body=b"0\r\n\r\n")
    answer = await house.raw(attack + hidden)
    assert answer.count(b"HTTP/1.1") == 1
    assert house.services.seen == []


async def test_nonsense_after_a_whole_request_does_not_spoil_its_answer(house: House) -> None:
    token = house.someone()["Authorization"]
    answer = await house.raw(
        request("Host: a", "Content-Length: 2", token=token, body=b"ok") + b"\0\0nonsense\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1
    assert len(house.services.seen) == 1


async def test_trailers_never_pass_for_headers(house: House) -> None:
    """uvicorn appends trailers to the list of headers while the request may not have been looked at yet."""
    token = house.someone()["Authorization"]
    body = b"3\r\nabc\r\n0\r\nX-Correlation-ID: 0192d3a4-0000-7000-8000-000000000000\r\nOrigin: https://evil\r\n\r\n"
    answer = await house.raw(
        request("Host: a", "Connection: close", "Transfer-Encoding: chunked", token=token, body=body)
    )
    assert answer.startswith(b"HTTP/1.1 200")
    assert house.services.last.body == b"abc"
    assert house.services.last.values("origin") == house.services.last.values("x-correlation-id") == []


async def test_an_upgrade_the_gateway_does_not_know_is_ignored_and_the_connection_ends(house: House) -> None:
    token = house.someone()["Authorization"]
    first = request(
        "Host: a",
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: x",
        method="GET",
        token=token,
    )
    answer = await house.raw(first + request("Host: a", method="DELETE", token=token))
    assert answer.startswith(b"HTTP/1.1 200")
    assert [seen.method for seen in house.services.seen] == ["GET"]


CLAIMS = {
    "X-User": "admin",
    "X-User-Id": "1",
    "X-User-Roles": "super_admin",
    "X-Authenticated-User": "admin",
    "X-Remote-User": "admin",
    "Remote-User": "admin",
    "X-Real-IP": "127.0.0.1",
    "X-Client-IP": "127.0.0.1",
    "Forwarded": "for=127.0.0.1",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "evil",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-User": "admin",
    "X-Original-URL": "/internal",
    "X-Rewrite-URL": "/internal",
    "X-HTTP-Method-Override": "DELETE",
    "X-Internal-Service": "class",
    "Proxy-Authorization": "Basic x",
    "TE": "trailers",
}


async def test_what_a_client_claims_about_itself_reaches_no_service(house: House) -> None:
    await house.client.get(PATH, headers=house.someone() | CLAIMS)
    seen = house.services.last
    assert seen.values("x-forwarded-for") == ["127.0.0.1"]
    assert seen.values("x-forwarded-proto") == ["http"]
    assert seen.values("x-forwarded-host") == [f"127.0.0.1:{house.port}"]
    known = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    assert {name.lower() for name, _ in seen.headers} & {name.lower() for name in CLAIMS} == known


async def test_only_these_headers_reach_a_service(house: House) -> None:
    """Whoever lets another one pass says so here."""
    await house.client.get(PATH, headers=house.someone() | {"X-Anything": "1", "Accept": "*/*"})
    assert {name.lower() for name, _ in house.services.last.headers} == {
        "accept",
        "accept-encoding",
        "authorization",
        "host",
        "traceparent",
        "user-agent",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-request-id",
    }


async def test_headers_that_connection_names_end_here(house: House) -> None:
    token = house.someone()["Authorization"]
    await house.raw(
        request(
            "Host: a",
            "Connection: close, X-CSRF-Token, Cookie",
            "X-CSRF-Token: 1",
            "Cookie: a=1",
            method="GET",
            token=token,
        )
    )
    assert house.services.last.values("cookie") == house.services.last.values("x-csrf-token") == []


async def test_a_token_that_connection_names_does_not_count_either(house: House) -> None:
    token = house.someone()["Authorization"]
    answer = await house.raw(request("Host: a", "Connection: close, Authorization", method="GET", token=token))
    assert problem_of(answer) == (401, "authentication_required")


@pytest.mark.parametrize("sent", ["short", "x" * 65, "new\tline", "<script>alert(1)</script>", ""])
async def test_an_odd_request_id_is_replaced(house: House, sent: str) -> None:
    answer = await house.client.get(PATH, headers=house.someone() | {"X-Request-ID": sent})
    assert answer.headers["x-request-id"] != sent
    assert house.services.last.values("x-request-id") == [answer.headers["x-request-id"]]


async def test_a_sane_request_id_and_trace_are_kept(house: House) -> None:
    sent = {"X-Request-ID": "client-0001", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
    answer = await house.client.get(PATH, headers=house.someone() | sent)
    assert answer.headers["x-request-id"] == "client-0001"
    assert house.services.last.values("traceparent") == [sent["traceparent"]]


async def test_a_malformed_trace_is_replaced(house: House) -> None:
    sent = "00-00000000000000000000000000000000-00f067aa0ba902b7-01"
    await house.client.get(PATH, headers=house.someone() | {"traceparent": sent})
    (traceparent,) = house.services.last.values("traceparent")
    assert traceparent != sent
    assert len(traceparent) == 55


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([f"X-{n}: 1" for n in range(200)], id="too many"),
        pytest.param(["X-A: " + "a" * 40_000], id="too large"),
    ],
)
async def test_headers_have_a_limit(house: House, lines: list[str]) -> None:
    assert problem_of(await house.raw(request("Host: a", *lines))) == (431, "headers_too_large")


async def test_a_header_without_an_end_is_cut_off(house: House) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(b"GET / HTTP/1.1\r\nX-A: ")
    sent = 0
    try:
        while sent < 10_000_000:
            writer.write(b"a" * 4096)
            await writer.drain()
            sent += 4096
    except ConnectionError:
        pass
    finally:
        writer.close()
    assert sent < 10_000_000


async def test_a_url_has_a_limit(house: House) -> None:
    answer = await house.client.get(f"{PATH}?q={'a' * 9000}", headers=house.someone())
    assert answer.status_code == 414


async def test_headers_that_take_too_long_end_the_connection(house_with: Opens) -> None:
    async with house_with(header_timeout=0.2) as house:
        assert problem_of(await house.raw(b"GET / HTTP/1.1\r\nX-A:")) == (408, "request_timeout")
        assert await house.raw(b"") == b""
