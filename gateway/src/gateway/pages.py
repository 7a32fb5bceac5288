"""What the gateway answers itself: the docs page, the merged document, health and metrics."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException as StarletteHTTPException

from babyowl_chassis.auth import FetchedKeys, InvalidToken, KeysUnavailable
from gateway import correlation, helmet
from gateway.asgi import App, Message, Receive, Scope, Send
from gateway.clients import is_private
from gateway.documents import MergedDocument
from gateway.parts import Parts
from gateway.problems import CONTENT_TYPE, Refused, problem

# Swagger UI as packed by fastapi-offline: everything the page loads comes from this process.
ASSETS = Path(str(files("fastapi_offline").joinpath("static")))
_OWN = frozenset(("/", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics"))
_CHECK_SECONDS = 2.0

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Baby Owl API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
});
"""


class Pages:
    """Serves the gateway's own paths, with the same security headers as everything else."""

    def __init__(self, app: App) -> None:
        self._app = app

    @staticmethod
    def owns(path: str) -> bool:
        """Whether the gateway answers this path itself."""
        return path in _OWN or path.startswith("/docs/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), None)
        request_id = correlation.request_id(sent).encode()
        security = helmet.PAGES if scope["path"].startswith("/docs") else helmet.API

        scope["state"] = {**scope.get("state", {}), "request_id": request_id.decode()}

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *security, (b"x-request-id", request_id)]
            await send(message)

        await self._app(scope, receive, send_secured)


def create_app(parts: Parts, document: MergedDocument) -> FastAPI:
    """The application behind the gateway's own paths."""
    app = FastAPI(title="Baby Owl · Gateway", openapi_url=None, docs_url=None, redoc_url=None)
    app.add_exception_handler(StarletteHTTPException, _refuse)
    app.mount("/docs/assets", StaticFiles(directory=ASSETS), name="assets")
    _add_docs(app, document.current)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Alive: the event loop turns."""
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        """Ready to pass requests on. Without Redis it still is (limits are then counted here alone)."""
        failing = [] if await _are_known(parts.keys) else ["keys"]
        if parts.live.is_draining:
            failing.append("stopping")
        degraded = [] if parts.quota.shares_counts else ["redis"]
        status = "not ready" if failing else "degraded" if degraded else "ready"
        return JSONResponse(
            {"status": status, "failing": failing + degraded, "services": parts.upstreams.states()},
            503 if failing else 200,
        )

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Prometheus metrics, for the house only: not for who comes from far, nor through a proxy."""
        peer = request.client.host if request.client else ""
        if not is_private(peer) or "x-forwarded-for" in request.headers:
            raise HTTPException(404)
        parts.ledger.flush()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app


async def _refuse(request: Request, raised: Exception) -> Response:
    assert isinstance(raised, StarletteHTTPException)  # noqa: S101
    status = HTTPStatus(raised.status_code)
    refused = Refused(status, status.name.lower(), "There is nothing here that answers this.")
    document = problem(refused, instance=request.url.path, request_id=request.state.request_id)
    return Response(document, status, raised.headers, CONTENT_TYPE.decode())


def _add_docs(app: FastAPI, current: Callable[[], Awaitable[bytes]]) -> None:
    @app.get("/", response_class=RedirectResponse)
    async def index() -> RedirectResponse:
        """The docs page is the front page."""
        return RedirectResponse("/docs")

    @app.get("/docs")
    async def docs() -> HTMLResponse:
        """Swagger UI over the merged document."""
        return HTMLResponse(_PAGE)

    @app.get("/docs/start.js")
    async def start() -> Response:
        """Apart from the page, so that no inline script need be allowed."""
        return Response(_START, media_type="text/javascript")

    @app.get("/openapi.json")
    async def openapi() -> Response:
        """One document for all services."""
        return Response(await current(), media_type="application/json", headers={"Cache-Control": "no-cache"})


async def _are_known(keys: FetchedKeys) -> bool:
    try:
        await asyncio.wait_for(keys.get("readiness"), _CHECK_SECONDS)
    except InvalidToken:
        return True
    except (KeysUnavailable, TimeoutError):
        return False
    return True
