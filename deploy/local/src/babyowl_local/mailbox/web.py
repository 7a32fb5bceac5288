"""The mailbox's page and its JSON API."""

from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from babyowl_local.mailbox.store import Message, MessageStore

# Messages are foreign HTML: no script, nothing loaded from elsewhere, links open in a tab of their own.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
}
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { width: 100%; border-collapse: collapse } td, th { text-align: left; padding: .4rem .6rem }
tr { border-bottom: 1px solid #ddd } pre { white-space: pre-wrap; background: #f6f6f6; padding: 1rem }
iframe { width: 100%; height: 36rem; border: 1px solid #ddd }
"""


def mailbox_app(store: MessageStore) -> Starlette:
    async def inbox(request: Request) -> Response:
        messages = store.newest_first(to=request.query_params.get("to"))
        return _page("Mailbox", _table(messages) if messages else "<p>No messages yet.</p>")

    async def show(request: Request) -> Response:
        message = store.get(request.path_params["id"])
        if message is None:
            return _page("No such message", '<p><a href="/">All messages</a></p>', status=404)
        return _page(message.subject or "(no subject)", _message(message))

    async def list_messages(request: Request) -> Response:
        messages = store.newest_first(to=request.query_params.get("to"))
        return JSONResponse([message.as_json() for message in messages], headers=_HEADERS)

    async def delete_messages(_: Request) -> Response:
        store.clear()
        return Response(status_code=204)

    async def alive(_: Request) -> Response:
        return PlainTextResponse("ok")

    return Starlette(
        routes=[
            Route("/", inbox),
            Route("/messages/{id}", show),
            Route("/api/messages", list_messages, methods=["GET"]),
            Route("/api/messages", delete_messages, methods=["DELETE"]),
            Route("/healthz", alive),
            Route("/readyz", alive),
        ]
    )


def _table(messages: list[Message]) -> str:
    rows = "".join(
        f"<tr><td>{message.received_at:%Y-%m-%d %H:%M:%S} UTC</td><td>{escape(', '.join(message.recipients))}</td>"
        f'<td><a href="/messages/{escape(message.id)}">{escape(message.subject or "(no subject)")}</a></td></tr>'
        for message in messages
    )
    return f"<table><tr><th>Received</th><th>To</th><th>Subject</th></tr>{rows}</table>"


def _message(message: Message) -> str:
    html = f'<base target="_blank">{message.html}'
    framed = f'<iframe sandbox="{_SANDBOX}" srcdoc="{escape(html)}"></iframe>' if message.html else ""
    text = f"<pre>{escape(message.text)}</pre>" if message.text else ""
    return (
        f'<p><a href="/">All messages</a></p><p>From {escape(message.sender)}<br>'
        f"To {escape(', '.join(message.recipients))}<br>"
        f"{message.received_at:%Y-%m-%d %H:%M:%S} UTC</p>{framed}{text}"
    )


def _page(title: str, body: str, *, status: int = 200) -> HTMLResponse:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{escape(title)}</h1>{body}</body></html>',
        status_code=status,
        headers=_HEADERS,
    )
