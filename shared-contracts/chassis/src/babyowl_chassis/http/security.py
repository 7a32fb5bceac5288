"""Who may call a route, as a type in its signature."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from babyowl_chassis.auth import InvalidToken, Principal, Revocations, TokenVerifier
from babyowl_chassis.refused import Refused
from babyowl_kernel import Forbidden, Unauthenticated

log = structlog.get_logger(__name__)

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="An access token from Identity.")


@dataclass(frozen=True, slots=True)
class AuthenticationRequired(Unauthenticated):
    """No access token came with the request."""

    @property
    def reason(self) -> str:
        """One sentence for the person who asked."""
        return "Sign in first: this needs an access token."


@dataclass(frozen=True, slots=True)
class InvalidAccessToken(Unauthenticated):
    """The access token is expired, revoked or not ours."""

    code = "invalid_token"

    @property
    def reason(self) -> str:
        """One sentence for the person who asked."""
        return "The access token is not valid any more; sign in or refresh."


@dataclass(frozen=True, slots=True)
class RoleRequired(Forbidden):
    """The person has none of the roles this needs."""

    roles: tuple[str, ...]

    @property
    def reason(self) -> str:
        """One sentence for the person who asked."""
        return f"This is for: {', '.join(self.roles)}."


@dataclass(frozen=True, slots=True)
class ScopeRequired(Forbidden):
    """The calling service's account lacks the scope."""

    scope: str


async def identified(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal | None:
    """Who sends the request; None without a token. Refuses a token that proves nothing."""
    if credentials is None:
        if "authorization" in request.headers:
            raise Refused(InvalidAccessToken())
        return None
    tokens: TokenVerifier = request.app.state.tokens
    revocations: Revocations = request.app.state.revocations
    try:
        principal = await tokens.verify(credentials.credentials)
    except InvalidToken as invalid:
        log.info("token_refused", reason=str(invalid))
        raise Refused(InvalidAccessToken()) from invalid
    if await revocations.is_revoked(principal):
        raise Refused(InvalidAccessToken())
    return principal


async def _authenticated(principal: Annotated[Principal | None, Depends(identified)]) -> Principal:
    if principal is None:
        raise Refused(AuthenticationRequired())
    return principal


async def _person(principal: Annotated[Principal, Depends(_authenticated)]) -> Principal:
    if principal.is_service:
        raise Refused(RoleRequired(roles=("a person",)))
    return principal


def _one_of(*roles: str) -> Callable[..., Any]:
    async def with_role(principal: Annotated[Principal, Depends(_person)]) -> Principal:
        if principal.roles.isdisjoint(roles):
            raise Refused(RoleRequired(roles))
        return principal

    return with_role


def service_account(scope: str) -> Any:
    """For internal routes: another service's own account, with this scope."""

    async def with_scope(principal: Annotated[Principal, Depends(_authenticated)]) -> Principal:
        if not principal.is_service or scope not in principal.scopes:
            raise Refused(ScopeRequired(scope))
        return principal

    return Depends(with_scope)


CurrentUser = Annotated[Principal, Depends(_person)]
Student = Annotated[Principal, Depends(_one_of("student"))]
Instructor = Annotated[Principal, Depends(_one_of("instructor"))]
Staff = Annotated[Principal, Depends(_one_of("staff", "super_admin"))]
SuperAdmin = Annotated[Principal, Depends(_one_of("super_admin"))]
InstructorOrStaff = Annotated[Principal, Depends(_one_of("instructor", "staff", "super_admin"))]
