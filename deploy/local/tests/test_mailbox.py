"""The mailbox: takes every message, shows it harmlessly, forgets the oldest."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from babyowl_local.mailbox.main import serve
from babyowl_local.mailbox.store import MessageStore, read_message
from babyowl_local.mailbox.web import mailbox_app
from babyowl_local.paths import free_port

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def letter(to: str = "student@example.org", subject: str = "Welcome, Zoë", html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "owl@example.org", to, subject
    message.set_content("Your link: http://localhost/verify?token=abc")
    if html:
        message.add_alternative(html, subtype="html")
    return message


def keep(store: MessageStore, message: EmailMessage, *, at: datetime = NOON) -> str:
    kept = read_message(message.as_bytes(), "owl@example.org", [str(message["To"])], at=at)
    store.add(kept)
    return kept.id


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[tuple[MessageStore, httpx.AsyncClient]]:
    store = MessageStore(tmp_path)
    transport = httpx.ASGITransport(mailbox_app(store))
    async with httpx.AsyncClient(transport=transport, base_url="http://mailbox") as client:
        yield store, client


async def test_a_message_sent_over_smtp_is_found_by_its_recipient(tmp_path: Path) -> None:
    port, smtp_port = free_port(), free_port()
    serving = asyncio.create_task(serve("127.0.0.1", port, smtp_port, tmp_path))

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", smtp_port, timeout=5) as smtp:
            smtp.send_message(letter(html="<b>Hi</b>"), to_addrs=["student@example.org", "copy@example.org"])

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        try:
            await _until_ready(client)
            await asyncio.to_thread(send)
            (found,) = (await client.get("/api/messages", params={"to": "Copy@example.org"})).json()
            nobody = (await client.get("/api/messages", params={"to": "x@example.org"})).json()
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
    assert nobody == []
    assert found["from"] == "owl@example.org"
    assert found["to"] == ["student@example.org", "copy@example.org"]
    assert found["subject"] == "Welcome, Zoë"
    assert "token=abc" in found["text"]
    assert found["html"].strip() == "<b>Hi</b>"
    assert found["received_at"].endswith("Z")


async def _until_ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                if (await client.get("/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.02)


async def test_the_newest_message_comes_first(web: tuple[MessageStore, httpx.AsyncClient]) -> None:
    store, client = web
    for minute in range(3):
        keep(store, letter(subject=f"number {minute}"), at=NOON + timedelta(minutes=minute))
    subjects = [message["subject"] for message in (await client.get("/api/messages")).json()]
    assert subjects == ["number 2", "number 1", "number 0"]


async def test_hostile_html_stays_in_the_sandbox(web: tuple[MessageStore, httpx.AsyncClient]) -> None:
    store, client = web
    attack = "<script>steal()</script>\"'><img src=x onerror=steal()>"
    message_id = keep(store, letter(subject=attack, html=f"<p>{attack}</p>"))
    for path in ("/", f"/messages/{message_id}"):
        page = await client.get(path)
        assert page.status_code == httpx.codes.OK
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
    assert 'sandbox="allow-popups' in page.text
    assert "allow-scripts" not in page.text
    assert "allow-same-origin" not in page.text


async def test_deleting_empties_the_mailbox_for_good(
    web: tuple[MessageStore, httpx.AsyncClient], tmp_path: Path
) -> None:
    store, client = web
    message_id = keep(store, letter())
    assert (await client.delete("/api/messages")).status_code == httpx.codes.NO_CONTENT
    assert (await client.get("/api/messages")).json() == []
    assert (await client.get(f"/messages/{message_id}")).status_code == httpx.codes.NOT_FOUND
    assert MessageStore(tmp_path).newest_first() == []


def test_messages_outlast_a_restart(tmp_path: Path) -> None:
    keep(MessageStore(tmp_path), letter())
    (again,) = MessageStore(tmp_path).newest_first()
    assert again.subject == "Welcome, Zoë"
    assert again.received_at == NOON


def test_the_oldest_give_way(tmp_path: Path) -> None:
    store = MessageStore(tmp_path, kept=2)
    for minute in range(4):
        keep(store, letter(subject=f"number {minute}"), at=NOON + timedelta(minutes=minute))
    assert [message.subject for message in MessageStore(tmp_path).newest_first()] == ["number 3", "number 2"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no header at all",
        b"Content-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe",
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
    ],
)
def test_a_broken_message_is_kept_all_the_same(raw: bytes, tmp_path: Path) -> None:
    store = MessageStore(tmp_path)
    store.add(read_message(raw, "", ["x@example.org"], at=NOON))
    assert len(MessageStore(tmp_path).newest_first(to="x@example.org")) == 1
