"""Real processes of the sample service, and an Identity that shows them the tests' public key."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving, eventually
from babyowl_chassis.testing.tokens import access_token, jwks
from babyowl_local.paths import free_port

SCRIPT = Path(__file__).parent / "jars_process.py"


class Process:
    """One replica."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, log: Path) -> None:
        self._process = process
        self._log = log
        self.user_id = new_id()
        self.client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {access_token(self.user_id, 'staff')}"},
            timeout=20,
        )

    @property
    def log(self) -> str:
        return self._log.read_text()

    async def ready(self) -> None:
        await eventually(self._answers, timeout=30)

    async def _answers(self) -> bool:
        assert self._process.returncode is None, self.log
        try:
            return (await self.client.get("/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    def terminate(self) -> None:
        """Ask it to stop, as Kubernetes does."""
        self._process.send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        async with asyncio.timeout(60):
            return await self._process.wait()

    async def close(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        await self.client.aclose()


@asynccontextmanager
async def process(
    role: str, served: Serving, *, amqp_url: str, log: Path, identity_url: str = "http://127.0.0.1:1", **more: str
) -> AsyncIterator[Process]:
    """Start a replica on the database of `served`; killed at the end if it still runs."""
    port = free_port()
    environment = os.environ | {
        "ENVIRONMENT": "test",
        "PORT": str(port),
        "DATABASE_URL": served.database_url,
        "REDIS_URL": served.resources.settings.redis_url,
        "AMQP_URL": amqp_url,
        "IDENTITY_URL": identity_url,
        **more,
    }
    with log.open("ab") as output:
        started = await asyncio.create_subprocess_exec(
            sys.executable, str(SCRIPT), role, env=environment, stdout=output, stderr=output
        )
    replica = Process(started, port, log)
    try:
        yield replica
    finally:
        await replica.close()


@asynccontextmanager
async def identity() -> AsyncIterator[str]:
    """The base URL of an Identity that answers everything with its public keys."""
    body = json.dumps(jwks()).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    response = f"{head}Connection: close\r\n\r\n".encode() + body

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
