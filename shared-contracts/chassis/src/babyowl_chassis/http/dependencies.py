"""What a route asks for in its signature."""

import hmac
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response

from babyowl_chassis.auth import Principal
from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from babyowl_chassis.http.bodies import View
from babyowl_chassis.http.security import identified
from babyowl_chassis.idempotency import Answered, Once
from babyowl_chassis.refused import Refused, accepted
from babyowl_kernel import Command, Invalid, Result

R = TypeVar("R")
T = TypeVar("T")
V = TypeVar("V", bound=View)

MAX_KEY_LENGTH = 255
KEY_HEADER = "idempotency-key"


def State(name: str) -> Any:  # noqa: N802
    """Something that bootstrap put into `Parts.state`: `TheSessions = Annotated[Sessions, State("sessions")]`."""

    async def from_state(request: Request) -> Any:
        return getattr(request.app.state, name)

    return Depends(from_state)


ReaderPool = Annotated[Pool, State("reader")]
"""The pool for queries: read-only, and possibly a replica a moment behind."""


PrimaryPool = Annotated[Pool, State("primary")]
"""The pool that writes, for who must not read a moment that is past."""


@dataclass(frozen=True, slots=True)
class MalformedIdempotencyKey(Invalid):
    """The Idempotency-Key is empty, too long, or not printable ASCII."""

    @property
    def reason(self) -> str:
        """One sentence for the person who asked."""
        return f"An Idempotency-Key is 1 to {MAX_KEY_LENGTH} printable ASCII characters."


class RequestBus:
    """The bus, for one request: it knows the request's idempotency key."""

    def __init__(self, bus: Bus, request: Request, response: Response, principal: Principal | None, key: str | None):
        self._bus = bus
        self._request = request
        self._response = response
        self._principal = principal
        self._key = key

    async def execute(self, command: Command[R]) -> R:
        """Carry the command out; its outcome, Ok or Err."""
        return await self._bus.execute(command)

    async def answer(self, command: "Command[Result[T, Any]]", view: type[V]) -> V:
        """Carry the command out and show its value; once only if the request came with an Idempotency-Key.

        Raises Refused for an Err. A repeat gets the first answer, marked `Idempotent-Replayed: true`.
        """
        if self._key is None or self._principal is None:
            return view.of(accepted(await self._bus.execute(command)))
        once = Once(
            owner_id=self._principal.user_id,
            key=self._key,
            fingerprint=await self._fingerprint(),
            render=lambda outcome: view.of(accepted(outcome)).model_dump_json(),
        )
        try:
            return view.of(accepted(await self._bus.execute(command, once=once)))
        except Answered as answered:
            self._response.headers["Idempotent-Replayed"] = "true"
            return view.model_validate_json(answered.answer)

    async def _fingerprint(self) -> bytes:
        # What was asked: the target and the bytes of the body, which FastAPI has read and kept. Keyed, because
        # a body may hold a password, which could be guessed back from a plain hash.
        request = self._request
        target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        key: bytes = request.app.state.fingerprint_key
        return hmac.digest(key, target + await request.body(), "sha256")


async def _request_bus(
    request: Request,
    response: Response,
    principal: Annotated[Principal | None, Depends(identified)],
    idempotency_key: Annotated[
        str | None,
        Header(
            alias=KEY_HEADER,
            description=f"Up to {MAX_KEY_LENGTH} characters of your own choice. The same request again under the "
            "same key changes nothing, and is answered like the first.",
        ),
    ] = None,
) -> RequestBus:
    key = idempotency_key
    if key is not None and not (0 < len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise Refused(MalformedIdempotencyKey())
    return RequestBus(request.app.state.bus, request, response, principal, key)


TheBus = Annotated[RequestBus, Depends(_request_bus)]
"""Its `answer` honours an Idempotency-Key; documented for POST only, since to repeat other methods is harmless."""

UnkeyedBus = Annotated[Bus, State("bus")]
"""For a POST of which no answer is kept: whatever key comes along, a repeat is carried out."""
