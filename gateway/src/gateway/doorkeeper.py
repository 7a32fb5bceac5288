"""Who a request speaks for, and whether they may make another one now."""

from dataclasses import dataclass
from http import HTTPStatus

import structlog

from babyowl_chassis.auth import InvalidToken, KeysUnavailable, Principal, TokenVerifier
from gateway.clients import household
from gateway.problems import Refused
from gateway.quota import Allowance, Quota, Verdict
from gateway.routes import Access, Rate, Route
from gateway.settings import GatewaySettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that may pass: whose it is (None: nobody's), and what is left of the allowance."""

    principal: Principal | None
    verdict: Verdict


class Doorkeeper:
    """Verifies tokens and charges allowances: a person's by their id, everybody else's by address."""

    def __init__(self, tokens: TokenVerifier, quota: Quota, settings: GatewaySettings) -> None:
        self._tokens = tokens
        self._quota = quota
        self._person = Allowance("user", settings.rate_limit_per_minute)
        self._by_rate = {
            Rate.GENERAL: Allowance("address", settings.rate_limit_anonymous_per_minute),
            Rate.LOGIN: Allowance("login", settings.rate_limit_login_per_minute),
        }

    async def admit(self, route: Route, authorization: bytes | None, address: str) -> Visit:
        """Let the request pass, or raise Refused: 401, 429, or 503 while nobody can verify tokens."""
        principal, complaint = None, None
        if route.access is not Access.PUBLIC:
            try:
                principal = await self._identify(authorization)
            except Refused as refused:
                complaint = refused
        if principal is not None:
            verdict = await self._quota.charge(self._person, str(principal.user_id), principal)
        else:
            verdict = await self._quota.charge(self._by_rate[route.rate], household(address))
        if verdict.revoked:
            raise _invalid_token()
        if not verdict.passed:
            raise _too_many(verdict)
        if complaint is None and principal is None and route.access is Access.TOKEN:
            complaint = _authentication_required()
        if complaint is not None:
            complaint.headers += verdict.headers()
            raise complaint
        return Visit(principal, verdict)

    async def _identify(self, authorization: bytes | None) -> Principal | None:
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            raise _invalid_token()
        try:
            principal = await self._tokens.verify(token.strip().decode("ascii"))
        except (InvalidToken, UnicodeDecodeError) as invalid:
            log.info("token_refused", reason=str(invalid))
            raise _invalid_token() from invalid
        except KeysUnavailable as unavailable:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "unavailable",
                "Nobody's identity can be checked at the moment; try again.",
                headers=[(b"retry-after", b"2")],
            ) from unavailable
        if principal.is_service:
            # Services talk to each other behind the gateway; their accounts have no business outside.
            raise _invalid_token()
        return principal


def _authentication_required() -> Refused:
    return Refused(
        HTTPStatus.UNAUTHORIZED,
        "authentication_required",
        "Sign in first: this needs an access token.",
        headers=[(b"www-authenticate", b"Bearer")],
    )


def _invalid_token() -> Refused:
    return Refused(
        HTTPStatus.UNAUTHORIZED,
        "invalid_token",
        "The access token is not valid any more; sign in or refresh.",
        headers=[(b"www-authenticate", b'Bearer error="invalid_token"')],
    )


def _too_many(verdict: Verdict) -> Refused:
    seconds = verdict.retry_after_seconds
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate_limited",
        f"{verdict.allowance.per_minute} requests a minute are allowed; the next in {seconds} seconds.",
        headers=[(b"retry-after", str(seconds).encode()), *verdict.headers()],
    )
