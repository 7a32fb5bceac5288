"""The mailroom: from an event to a letter that was handed in, once."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from email.headerregistry import Address
from typing import TypeAlias
from urllib.parse import urlencode
from uuid import UUID

import structlog
from prometheus_client import Counter

from babyowl_contracts import Envelope
from babyowl_contracts.class_ import MakeUpCancelled, SeatOffered
from babyowl_contracts.identity import EmailVerificationRequested, PasswordChanged, PasswordResetRequested
from notification.deliveries import Deliveries, Outcome
from notification.identity import Identity
from notification.smtp import Postbox, Refused
from notification.writing import Kind, Letter, Template, UnusableAddress, compose, local_time

log = structlog.get_logger(__name__)

Draft: TypeAlias = Callable[[], Awaitable[Letter | Outcome]]
"""Asks for the facts and gives the letter; or why there is none to write."""

EXPIRED = Outcome("skipped", "the challenge was used, replaced or has expired")
PERSON_GONE = Outcome("skipped", "the person is gone")
OFFER_LAPSED = Outcome("skipped", "the seat is no longer kept")
NOBODY_SURPRISED = Outcome("skipped", "they or the office cancelled it")

_outcomes = Counter("babyowl_notification_deliveries_total", "Letters by their fate", ["kind", "state"])


class Mailroom:
    """Writes the letters that events ask for. An event may come five times at once; its letter goes out once."""

    def __init__(
        self,
        deliveries: Deliveries,
        identity: Identity,
        postbox: Postbox,
        *,
        sender: Address,
        link_base: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._deliveries = deliveries
        self._identity = identity
        self._postbox = postbox
        self._sender = sender
        self._link_base = link_base
        self._clock = clock

    async def verify_email(self, event: EmailVerificationRequested, envelope: Envelope) -> None:
        """Send the link that shows whose mailbox it is."""
        await self._deliver("verify_email", event.user_id, envelope, self._challenge_draft(event.challenge_id))

    async def reset_password(self, event: PasswordResetRequested, envelope: Envelope) -> None:
        """Send the link that lets the person choose a new password."""
        await self._deliver("reset_password", event.user_id, envelope, self._challenge_draft(event.challenge_id))

    async def warn_of_changed_password(self, event: PasswordChanged, envelope: Envelope) -> None:
        """Tell the person that the password is another one, in case it was not them."""

        async def draft() -> Letter | Outcome:
            contact = await self._identity.contact(event.user_id)
            if contact is None:
                return PERSON_GONE
            facts = {
                "link": f"{self._link_base}/forgot-password",
                "changed_at": f"{envelope.time:%Y-%m-%d %H:%M} UTC",
            }
            return Letter("password_changed", contact, facts)

        await self._deliver("password_changed", event.user_id, envelope, draft)

    async def offer_seat(self, event: SeatOffered, envelope: Envelope) -> None:
        """Tell a student who waited that a seat is kept for them, and until when."""

        async def draft() -> Letter | Outcome:
            if event.expires_at <= self._clock():
                return OFFER_LAPSED
            contact = await self._identity.contact(event.student_id)
            if contact is None:
                return PERSON_GONE
            facts = {
                "link": f"{self._link_base}/seat-offers?{urlencode({'class_id': str(event.class_id)})}",
                "until": local_time(event.expires_at, contact.time_zone),
            }
            return Letter("seat_offered", contact, facts)

        await self._deliver("seat_offered", event.student_id, envelope, draft)

    async def call_off_make_up(self, event: MakeUpCancelled, envelope: Envelope) -> None:
        """Tell a guest whom the class had to call off. Whoever cancelled it themselves knows."""

        async def draft() -> Letter | Outcome:
            if event.by != "class":
                return NOBODY_SURPRISED
            contact = await self._identity.contact(event.student_id)
            if contact is None:
                return PERSON_GONE
            return Letter("make_up_cancelled", contact, {"link": f"{self._link_base}/vouchers"})

        await self._deliver("make_up_cancelled", event.student_id, envelope, draft)

    def _challenge_draft(self, challenge_id: UUID) -> Draft:
        async def draft() -> Letter | Outcome:
            challenge = await self._identity.challenge(challenge_id)
            if challenge is None or (minutes := challenge.minutes_left(self._clock())) < 1:
                return EXPIRED
            page = challenge.purpose.replace("_", "-")
            link = f"{self._link_base}/{page}?{urlencode({'token': challenge.token})}"
            template: Template = "invitation" if challenge.invited else challenge.purpose
            return Letter(template, challenge, {"link": link, "token": challenge.token, "minutes": minutes})

        return draft

    async def _deliver(self, kind: Kind, recipient_id: UUID, envelope: Envelope, draft: Draft) -> None:
        """Claim, write, hand in, note. What may pass is raised, and the retry ladder tries again.

        Between handing in and noting lies the only moment in which a crash sends a second copy; it carries
        the same Message-ID.
        """
        claim = await self._deliveries.claim(envelope.id, recipient_id, kind)
        if claim is None:
            return
        try:
            outcome = await self._attempt(recipient_id, envelope, draft)
        except Exception as error:
            await self._deliveries.put_back(claim, type(error).__name__)
            raise
        if not await self._deliveries.settle(claim, outcome):
            log.warning("claim_ran_out", kind=kind, event_id=str(envelope.id), state=outcome.state)
            return
        _outcomes.labels(kind, outcome.state).inc()
        log.info("letter_settled", kind=kind, event_id=str(envelope.id), state=outcome.state, reason=outcome.reason)

    async def _attempt(self, recipient_id: UUID, envelope: Envelope, draft: Draft) -> Outcome:
        drafted = await draft()
        if isinstance(drafted, Outcome):
            return drafted
        try:
            message = compose(
                drafted,
                sender=self._sender,
                event_id=envelope.id,
                recipient_id=recipient_id,
                written_at=self._clock(),
            )
            await self._postbox.hand_in(message)
        except (UnusableAddress, Refused) as error:
            return Outcome("failed", str(error))
        return Outcome("sent")
