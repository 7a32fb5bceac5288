"""The messages, one file each, so that they outlast a restart."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

KEPT = 500


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it arrived; `received_at` is in UTC, `recipients` are the envelope's."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    received_at: datetime

    def is_for(self, address: str) -> bool:
        return address.casefold() in (recipient.casefold() for recipient in self.recipients)

    def as_json(self) -> dict[str, Any]:
        """The shape that the API promises."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": list(self.recipients),
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "received_at": self.received_at.isoformat().replace("+00:00", "Z"),
        }


def read_message(raw: bytes, sender: str, recipients: Sequence[str], *, at: datetime) -> Message:
    """What can be read of a message; whatever is broken in it is shown as well as it can be."""
    parsed = message_from_bytes(raw, policy=policy.default)
    return Message(
        id=f"{at:%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex[:8]}",
        sender=sender,
        recipients=tuple(recipients),
        subject=str(parsed["subject"] or ""),
        text=_body(parsed, "plain"),
        html=_body(parsed, "html"),
        received_at=at,
    )


def _body(parsed: EmailMessage, kind: str) -> str:
    part = parsed.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # a charset or an encoding that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)


class MessageStore:
    """The newest messages in a directory; the oldest give way."""

    def __init__(self, directory: Path, *, kept: int = KEPT) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._directory = directory
        self._kept = kept
        self._messages = {path.stem: _load(path) for path in sorted(directory.glob("*.json"))}

    def add(self, message: Message) -> None:
        record = asdict(message) | {"received_at": message.received_at.isoformat()}
        unfinished = self._directory / f"{message.id}.unfinished"
        unfinished.write_text(json.dumps(record))
        unfinished.rename(self._path(message.id))
        self._messages[message.id] = message
        while len(self._messages) > self._kept:
            self._forget(next(iter(self._messages)))

    def newest_first(self, *, to: str | None = None) -> list[Message]:
        return [m for m in reversed(self._messages.values()) if to is None or m.is_for(to)]

    def get(self, message_id: str) -> Message | None:
        return self._messages.get(message_id)

    def clear(self) -> None:
        for message_id in list(self._messages):
            self._forget(message_id)

    def _forget(self, message_id: str) -> None:
        del self._messages[message_id]
        self._path(message_id).unlink(missing_ok=True)

    def _path(self, message_id: str) -> Path:
        return self._directory / f"{message_id}.json"


def _load(path: Path) -> Message:
    record = json.loads(path.read_text())
    received_at = datetime.fromisoformat(record.pop("received_at"))
    return Message(**record | {"recipients": tuple(record["recipients"])}, received_at=received_at)
