"""A simple load: so many connections, each asking again as soon as it is answered.

In a process of its own it reads its orders from standard input and prints what it counted.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop


@dataclass(frozen=True)
class Load:
    """What was answered, all of it with status 200."""

    answers: int
    per_second: float
    median_ms: float
    p99_ms: float


class Asking(asyncio.Protocol):
    """One connection. The length of the answers is learnt from the first."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._left = 0
        self._asked_at = 0.0
        self._transport: asyncio.WriteTransport | None = None
        self.failure: str | None = None
        self.milliseconds: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._ask()

    def data_received(self, data: bytes) -> None:
        if self._left == 0:
            head, _, body = data.partition(b"\r\n\r\n")
            if not data.startswith(b"HTTP/1.1 200") or b"content-length: " not in head.lower():
                self.failure = data[:300].decode("latin-1")
                self._close()
                return
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            self._left = length - len(body)
        else:
            self._left -= len(data)
        if self._left == 0:
            self.milliseconds.append((time.perf_counter() - self._asked_at) * 1000)
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self.failure = self.failure or f"connection lost: {exc!r}"

    def _ask(self) -> None:
        if self._transport is not None:
            self._asked_at = time.perf_counter()
            self._transport.write(self._request)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def stop(self) -> None:
        """Ask no more."""
        self._close()
        self._transport = None


async def put_on(port: int, connections: int, seconds: float, request: bytes) -> Load:
    """Keep the server busy for so long."""
    loop = asyncio.get_running_loop()
    asking = [
        (await loop.create_connection(lambda: Asking(request), "127.0.0.1", port))[1] for _ in range(connections)
    ]
    started = time.perf_counter()
    await asyncio.sleep(seconds)
    elapsed = time.perf_counter() - started
    for one in asking:
        one.stop()
    if failures := [one.failure for one in asking if one.failure]:
        raise RuntimeError(failures[0])
    times = sorted(took for one in asking for took in one.milliseconds)
    return Load(len(times), len(times) / elapsed, times[len(times) // 2], times[len(times) * 99 // 100])


async def in_another_process(port: int, connections: int, seconds: float, request: bytes) -> Load:
    """The same, without sharing this process' interpreter."""
    orders = {"port": port, "connections": connections, "seconds": seconds, "request": request.decode("latin-1")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import gateway_load; gateway_load.take_orders()",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent,
    )
    output, _ = await process.communicate(json.dumps(orders).encode())
    if process.returncode:
        raise RuntimeError("the load generator failed")
    return Load(**json.loads(output))


async def await_answer(port: int, request: bytes, *, within: float = 20.0) -> None:
    """Wait until the server answers 200."""
    deadline = time.monotonic() + within
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            line = await reader.readline()
            writer.close()
            if b" 200 " in line:
                return
        except OSError:
            line = b"no connection"
        if time.monotonic() > deadline:
            raise TimeoutError(f"port {port}: {line!r}")
        await asyncio.sleep(0.1)


def take_orders() -> None:
    """What the other process does."""
    orders = json.load(sys.stdin)
    orders["request"] = orders["request"].encode("latin-1")
    print(json.dumps(asdict(uvloop.run(put_on(**orders)))))
