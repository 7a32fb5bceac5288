"""The service behind the proxies: bare ASGI, one answer of 921 bytes. JWKS=… python gateway_service.py PORT"""

import json
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

ANSWER = json.dumps({"title": "Python for young coders", "text": ""})
ANSWER = json.dumps({"title": "Python for young coders", "text": "o" * (921 - len(ANSWER))}).encode()

JWKS = os.environ["JWKS"].encode()


async def app(
    scope: MutableMapping[str, Any],
    _: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Answer anything."""
    body = ANSWER
    if scope["path"].startswith("/.well-known/"):
        body = JWKS
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", lifespan="off", access_log=False)
