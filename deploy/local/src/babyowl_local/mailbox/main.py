"""The mailbox's process: SMTP on SMTP_PORT, page and API on PORT, messages in MAILBOX_DIR."""

import asyncio
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session

from babyowl_local.mailbox.store import MessageStore, read_message
from babyowl_local.mailbox.web import mailbox_app

MAX_MESSAGE_BYTES = 10 * 1024 * 1024

log = logging.getLogger("mailbox")


class Sink:
    """Takes every message for everybody."""

    def __init__(self, store: MessageStore) -> None:
        self._store = store

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = read_message(content, envelope.mail_from or "", envelope.rcpt_tos, at=datetime.now(UTC))
        self._store.add(message)
        log.info("message %s kept", message.id)
        return "250 OK"


async def serve(host: str, port: int, smtp_port: int, directory: Path) -> None:
    """Until SIGTERM or SIGINT."""
    store = MessageStore(directory)
    smtp = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Sink(store), data_size_limit=MAX_MESSAGE_BYTES, enable_SMTPUTF8=True, hostname="mailbox"),
        host,
        smtp_port,
    )
    async with smtp:
        config = uvicorn.Config(mailbox_app(store), host=host, port=port, log_level="warning", lifespan="off")
        await uvicorn.Server(config).serve()


def run() -> None:
    """Until SIGTERM or SIGINT; takes its settings from the environment."""
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    asyncio.run(
        serve(
            os.environ.get("HOST", "127.0.0.1"),
            int(os.environ.get("PORT", "8025")),
            int(os.environ.get("SMTP_PORT", "1025")),
            Path(os.environ.get("MAILBOX_DIR", "messages")),
        )
    )
