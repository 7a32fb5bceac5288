"""The service behind the proxies: bare ASGI, one answer of 921 bytes. Its keys are in the JWKS it is told."""

import json
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

_EMPTY = json.dumps({"title": "Python for young coders", "text": ""})
ANSWER = json.dumps({"title": "Python for young coders", "text": "o" * (921 - len(_EMPTY))}).encode()


async def app(
    scope: MutableMapping[str, Any],
    _: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Answer anything."""
    body = ANSWER
    if scope["path"].startswith("/.well-known/"):
        body = os.environ["JWKS"].encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Serve on the port that was given, until told to stop."""
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", lifespan="off", access_log=False)
