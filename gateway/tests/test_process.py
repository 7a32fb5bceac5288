"""The gateway as a process: told by its environment, writing its log, stopping without cutting anybody off."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from aiohttp import web
from pydantic import ValidationError

from babyowl_chassis.testing import eventually
from gateway.routes import Service
from gateway.settings import GatewaySettings

from .house import House, Services, closed_port, serving_services

PATH = "/api/v1/courses"


@dataclass
class Running:
    process: asyncio.subprocess.Process
    house: House


@asynccontextmanager
async def running(services: Services, redis_url: str, **env: str) -> AsyncIterator[Running]:
    port = closed_port()
    told = {f"{service.upper()}_URL": services.url(service) for service in Service}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        env=os.environ | told | {"ENVIRONMENT": "test", "PORT": str(port), "REDIS_URL": redis_url} | env,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:

            async def is_ready() -> bool:
                try:
                    return (await client.get("/readyz")).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(is_ready, timeout=20, every=0.1)
            yield Running(process, House(port, services, client, None, None))  # type: ignore[arg-type]
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def output_of(process: asyncio.subprocess.Process) -> list[dict[str, object]]:
    assert process.stdout is not None
    return [json.loads(line) for line in (await process.stdout.read()).splitlines()]


async def test_who_is_being_answered_is_answered_before_the_process_ends(redis_url: str) -> None:
    began, finish = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.StreamResponse:
        began.set()
        await finish.wait()
        return web.json_response({"hoot": True})

    async with serving_services() as services, running(services, redis_url) as gateway:
        services.handlers[PATH] = slow
        asking = asyncio.create_task(gateway.house.client.get(PATH, headers=gateway.house.someone()))
        await asyncio.wait_for(began.wait(), 5)
        gateway.process.send_signal(signal.SIGTERM)

        async def takes_no_more() -> bool:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", gateway.house.port)
            except ConnectionRefusedError:
                return True
            writer.close()
            return False

        await eventually(takes_no_more)
        finish.set()
        assert (await asking).json() == {"hoot": True}
        assert await asyncio.wait_for(gateway.process.wait(), 5) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_idle_gateway_ends_at_once(redis_url: str, number: signal.Signals) -> None:
    async with serving_services() as services, running(services, redis_url) as gateway:
        gateway.process.send_signal(number)
        assert await asyncio.wait_for(gateway.process.wait(), 5) == 0


async def test_every_request_leaves_a_line_with_its_ids_and_no_secrets(redis_url: str) -> None:
    async with serving_services() as services, running(services, redis_url) as gateway:
        house = gateway.house
        sent = {
            "X-Request-ID": "client-0001",
            "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        }
        await house.client.get(f"{PATH}?secret=hush", headers=house.someone() | sent | {"Cookie": "a=hush"})
        await house.client.get("/nothing")
        gateway.process.send_signal(signal.SIGTERM)
        lines = await output_of(gateway.process)
    written = [line for line in lines if line["event"] == "request"]
    assert [(line["status"], line["route"], line["to"]) for line in written] == [
        (200, PATH, "learning"),
        (404, "none", "gateway"),
    ]
    first = written[0]
    assert (first["request_id"], first["trace_id"]) == ("client-0001", "4bf92f3577b34da6a3ce929d0e0e4736")
    assert (first["path"], first["service"], first["address"]) == (PATH, "gateway", "127.0.0.1")
    assert first["user_id"]
    assert "hush" not in json.dumps(lines)
    assert "Bearer" not in json.dumps(lines)


async def test_a_link_that_lets_in_whoever_has_it_is_written_down_nowhere(redis_url: str) -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"no HTTP at all\r\n\r\n")
        writer.close()

    link = "/api/v1/calendars/hush-hush.ics"
    async with serving_services() as services, running(services, redis_url) as gateway:
        await gateway.house.client.get(link)
        await gateway.house.client.head(link)
        gateway.process.send_signal(signal.SIGTERM)
        lines = await output_of(gateway.process)
    broken = await asyncio.start_server(babble, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{broken.sockets[0].getsockname()[1]}"
    async with broken, serving_services() as services, running(services, redis_url, CLASS_URL=url) as gateway:
        assert (await gateway.house.client.get(link)).status_code == 502
        gateway.process.send_signal(signal.SIGTERM)
        lines += await output_of(gateway.process)
    assert [line["status"] for line in lines if line["event"] == "request"] == [200, 200, 502]
    assert {line["path"] for line in lines if line["event"] == "request"} == {"/api/v1/calendars"}
    assert [line["service"] for line in lines if line["event"] == "service_not_answering"]
    assert "hush" not in json.dumps(lines)


async def test_with_a_collector_the_gateway_is_a_span_between_client_and_service(redis_url: str) -> None:
    async with serving_services() as services:
        collector = services.url(Service.NOTIFICATION)
        async with running(services, redis_url, OTEL_EXPORTER_OTLP_ENDPOINT=collector) as gateway:
            sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            await gateway.house.client.get(PATH, headers=gateway.house.someone() | {"traceparent": sent})
            gateway.process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(gateway.process.wait(), 15)
        asked, exported = services.seen[0], services.seen[-1]
        (passed_on,) = asked.values("traceparent")
        assert passed_on[:36] == sent[:36]
        assert passed_on != sent
        assert exported.target == "/v1/traces"
        assert bytes.fromhex(passed_on[36:52]) in exported.body
        assert b"GET /api/v1/courses" in exported.body


@pytest.mark.parametrize("origins", [["*"], ["null"]])
def test_origins_are_named_one_by_one(origins: list[str]) -> None:
    with pytest.raises(ValidationError):
        GatewaySettings(cors_origins=origins)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASS_URL", "http://class:8000/")
    monkeypatch.setenv("CORS_ORIGINS", '["https://app.babyowl.academy/"]')
    monkeypatch.setenv("TRUSTED_PROXIES", '["10.0.0.0/8", "fd00::/8"]')
    monkeypatch.setenv("RATE_LIMIT_PER_MINUTE", "7")
    settings = GatewaySettings()
    assert settings.url_of(Service.CLASS) == "http://class:8000"
    assert settings.cors_origins == {"https://app.babyowl.academy"}
    assert len(settings.trusted_proxies) == 2
    assert settings.rate_limit_per_minute == 7
