"""Events as they come from other services: over a real broker, in as many copies as a test wants."""

from babyowl_chassis.messaging.broker import link
from babyowl_chassis.messaging.messages import message_of
from babyowl_contracts import Envelope


async def tell(amqp_url: str, *envelopes: Envelope, times: int = 1) -> None:
    """Publish each envelope so many times to the exchange of its context; fails if no queue is there to take it."""
    async with link(amqp_url, name="test") as channel:
        for envelope in envelopes:
            exchange = await channel.get_exchange(f"{envelope.data.context()}.events", ensure=False)
            for _ in range(times):
                await exchange.publish(message_of(envelope), routing_key=envelope.type, mandatory=True)
