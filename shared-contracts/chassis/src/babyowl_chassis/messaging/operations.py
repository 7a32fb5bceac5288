"""What an operator does with events: redrive what was dead-lettered, replay what was logged."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from aio_pika.abc import AbstractChannel

from babyowl_chassis.database import Pool
from babyowl_chassis.messaging.messages import REPLAY, afresh, message_of
from babyowl_chassis.messaging.topology import dead_letter_queue
from babyowl_chassis.outbox import ENVELOPE_COLUMNS, envelope_of
from babyowl_contracts import Envelope

REPLAY_BATCH = 500

_LOGGED = f"""
SELECT seq, {ENVELOPE_COLUMNS} FROM event_log log
WHERE seq > $1 AND time >= $2 AND ($3::text[] IS NULL OR type = ANY($3))
ORDER BY seq LIMIT {REPLAY_BATCH}
"""  # noqa: S608


async def redrive(channel: AbstractChannel, queue: str, *, at_most: int | None = None) -> int:
    """Put what lies in a dead-letter queue back to work, its tries forgotten; the number of events.

    Each is taken out of the dead-letter queue only when the work queue has confirmed it. Those that die again
    meanwhile stay there: no more are moved than lay there at the beginning.
    """
    dead = await channel.get_queue(dead_letter_queue(queue), ensure=True)
    lying_there = dead.declaration_result.message_count or 0
    limit = lying_there if at_most is None else min(at_most, lying_there)
    moved = 0
    while moved < limit:
        message = await dead.get(fail=False)
        if message is None:
            break
        await channel.default_exchange.publish(afresh(message), routing_key=queue, mandatory=True)
        await message.ack()
        moved += 1
    return moved


async def replay(
    database: Pool, channel: AbstractChannel, queue: str, *, since: datetime, types: Sequence[str] | None = None
) -> int:
    """Send what this service's event log holds since then to one named queue; the number of events.

    Same ids, marked as a replay; never through the exchange, where everybody would get them again.
    """
    after = sent = 0
    while rows := await database.fetch(_LOGGED, after, since, types):
        envelopes: list[Envelope] = [envelope_of(row) for row in rows]
        await asyncio.gather(
            *(
                channel.default_exchange.publish(
                    message_of(envelope, **{REPLAY: True}), routing_key=queue, mandatory=True
                )
                for envelope in envelopes
            )
        )
        after, sent = rows[-1]["seq"], sent + len(rows)
    return sent
