"""A real SMTP server and a stand-in for Identity's internal API, both in the test's own process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from babyowl_chassis.http.problems import problem
from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import Serving
from babyowl_contracts.identity import EmailVerificationRequested

ANA = "ana@example.org"


@dataclass
class PostOffice:
    """An SMTP server that keeps what it is given, and answers what a test tells it to."""

    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    port: int = 0

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        content = envelope.original_content
        assert content is not None
        letter = message_from_bytes(content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return self.answers.get("QUIT", "221 Bye")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Take letters on `port`; the first time any free one is chosen."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True), "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()


@dataclass
class StandInIdentity:
    """Answers as Identity's internal API does, from what a test has put in."""

    challenges: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    contacts: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    failing_with: int | None = None
    misrouted: Response | None = None
    gone_with: int = 410
    url: str = ""

    def add_challenge(self, challenge_id: UUID, purpose: str, **changes: Any) -> None:
        self.challenges[challenge_id] = {
            "purpose": purpose,
            "email": ANA,
            "display_name": "Ana",
            "locale": "en",
            "token": "a+token/of=many-signs",
            "expires_at": (datetime.now(UTC) + timedelta(hours=24)).isoformat(),
            **changes,
        }

    async def token(self, request: Request) -> Response:
        credentials = await request.json()
        assert credentials["client_id"] == "notification"
        return JSONResponse({"access_token": "for-the-stand-in", "expires_in": 300})

    async def challenge(self, request: Request) -> Response:
        return self._answer(request, self.challenges)

    async def contact(self, request: Request) -> Response:
        return self._answer(request, self.contacts)

    def _answer(self, request: Request, known: dict[UUID, dict[str, Any]]) -> Response:
        assert request.headers["authorization"] == "Bearer for-the-stand-in"
        if self.misrouted is not None:
            return self.misrouted
        if self.failing_with is not None:
            return Response(status_code=self.failing_with)
        found = known.get(UUID(request.path_params["id"]))
        return problem(self.gone_with, "challenge_not_open", "It is gone.") if found is None else JSONResponse(found)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        app = Starlette(
            routes=[
                Route("/internal/v1/service-tokens", self.token, methods=["POST"]),
                Route("/internal/v1/challenges/{id}/message", self.challenge, methods=["POST"]),
                Route("/internal/v1/contacts/{id}", self.contact),
            ]
        )
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
        running = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        self.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        try:
            yield
        finally:
            server.should_exit = True
            await running


async def send(served: Serving, identity: StandInIdentity, **changes: Any) -> UUID:
    """A letter to somebody new is asked for and sent; whom it was for."""
    event = EmailVerificationRequested(user_id=new_id(), challenge_id=new_id())
    identity.add_challenge(event.challenge_id, "verify_email", **changes)
    await served.deliver(event)
    return event.user_id
