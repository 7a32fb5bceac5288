"""Messages: an envelope as it travels, and the few headers of our own around it."""

from datetime import UTC, datetime
from typing import Any

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractIncomingMessage

from babyowl_contracts import Envelope

CONTENT_TYPE = "application/cloudevents+json"
TRIES = "babyowl-tries"
REASON = "babyowl-reason"
FAILED_AT = "babyowl-failed-at"
REPLAY = "babyowl-replay"

MAX_REASON_LENGTH = 500


def message_of(envelope: Envelope, **headers: Any) -> Message:
    """A persistent message; its id is the event's."""
    return Message(
        envelope.to_json(),
        message_id=str(envelope.id),
        type=envelope.data.type,
        content_type=CONTENT_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT,
        timestamp=envelope.time,
        headers=headers,
    )


def tries_of(message: AbstractIncomingMessage) -> int:
    """How often it has failed so far."""
    tries = message.headers.get(TRIES, 0)
    return tries if isinstance(tries, int) else 0


def failed(message: AbstractIncomingMessage, *, tries: int, reason: str) -> Message:
    """The same message on its way to a retry or dead-letter queue, with what went wrong."""
    return _copy(
        message, {TRIES: tries, REASON: reason[:MAX_REASON_LENGTH], FAILED_AT: datetime.now(UTC).isoformat()}
    )


def afresh(message: AbstractIncomingMessage) -> Message:
    """The same message with its tries forgotten."""
    return _copy(message, {})


def _copy(message: AbstractIncomingMessage, headers: dict[str, Any]) -> Message:
    return Message(
        message.body,
        message_id=message.message_id,
        type=message.type,
        content_type=message.content_type,
        delivery_mode=DeliveryMode.PERSISTENT,
        timestamp=message.timestamp,
        headers=headers,
    )
