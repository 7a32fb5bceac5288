"""The table of routes: which path goes to which service, who may pass, and within which limits.

A path that is not in here does not exist outside. `/internal`, `/metrics` and `/healthz` of the services are not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Service(StrEnum):
    """The services behind the gateway."""

    IDENTITY = "identity"
    LEARNING = "learning"
    CLASS = "class"
    GAMIFICATION = "gamification"
    NOTIFICATION = "notification"


class Access(StrEnum):
    """Who may pass. A token that is sent must be good on every kind of route but a public one."""

    PUBLIC = "public"
    OPTIONAL = "optional"
    TOKEN = "token"  # noqa: S105


class Rate(StrEnum):
    """Which allowance a request is charged to."""

    GENERAL = "general"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one exchange may take: the request's body in bytes, the whole exchange in seconds."""

    body_bytes: int = 1_048_576
    total_seconds: float = 60.0


USUAL = Limits()
COURSE = Limits(body_bytes=4 * 1_048_576)
"""A whole course in one piece."""
REPORT = Limits(total_seconds=300.0)
"""All rows, streamed for as long as the service itself lets a stream last."""


@dataclass(frozen=True, slots=True)
class Route:
    """A prefix of whole segments, or with `method` one exact operation that differs from its prefix.

    Only a `live` route may be held open: by a WebSocket or an event stream. The paths of a `secret` one let in
    whoever knows them; no log names them.
    """

    path: str
    service: Service
    access: Access = Access.TOKEN
    limits: Limits = USUAL
    rate: Rate = Rate.GENERAL
    method: str | None = None
    live: bool = False
    secret: bool = False

    @property
    def label(self) -> str:
        """Its name in metrics; never a path that a client made up."""
        return self.path


def _public(method: str, path: str, service: Service, rate: Rate = Rate.GENERAL) -> Route:
    return Route(path, service, Access.PUBLIC, method=method, rate=rate)


PREFIXES = (
    Route("/api/v1/auth", Service.IDENTITY),
    Route("/api/v1/me", Service.IDENTITY),
    Route("/api/v1/users", Service.IDENTITY),
    Route("/api/v1/courses", Service.LEARNING, limits=COURSE),
    Route("/api/v1/lessons", Service.LEARNING),
    Route("/api/v1/exercises", Service.LEARNING),
    Route("/api/v1/progress", Service.LEARNING),
    Route("/api/v1/classes", Service.CLASS),
    Route("/api/v1/meetings", Service.CLASS),
    Route("/api/v1/holidays", Service.CLASS),
    Route("/api/v1/reports", Service.CLASS, limits=REPORT),
    Route("/api/v1/seat-offers", Service.CLASS),
    Route("/api/v1/vouchers", Service.CLASS),
    Route("/api/v1/calendar-link", Service.CLASS),
    Route("/api/v1/calendars", Service.CLASS, Access.PUBLIC, secret=True),
    Route("/api/v1/players", Service.GAMIFICATION),
    Route("/api/v1/leaderboards", Service.GAMIFICATION),
    Route("/api/v1/aliases", Service.GAMIFICATION),
    Route("/api/v1/leagues", Service.GAMIFICATION),
    Route("/api/v1/rulebook", Service.GAMIFICATION),
    Route("/api/v1/badges", Service.GAMIFICATION, Access.PUBLIC),
    Route("/api/v1/notifications", Service.NOTIFICATION, live=True),
    *(Route(f"/api/v1/operations/{service}", service) for service in Service),
)

# Named one by one: what is not here needs a token, but for calendars, whose links are the secret, and for badges,
# which say nothing about anybody.
OPERATIONS = (
    _public("POST", "/api/v1/auth/register", Service.IDENTITY, Rate.LOGIN),
    _public("POST", "/api/v1/auth/verify-email", Service.IDENTITY, Rate.LOGIN),
    _public("POST", "/api/v1/auth/resend-verification", Service.IDENTITY, Rate.LOGIN),
    _public("POST", "/api/v1/auth/login", Service.IDENTITY, Rate.LOGIN),
    _public("POST", "/api/v1/auth/forgot-password", Service.IDENTITY, Rate.LOGIN),
    _public("POST", "/api/v1/auth/reset-password", Service.IDENTITY, Rate.LOGIN),
    _public("POST", "/api/v1/auth/refresh", Service.IDENTITY),
    _public("GET", "/.well-known/jwks.json", Service.IDENTITY),
)


class RouteTable:
    """Finds the route of a request by its exact operation, else by its longest prefix."""

    def __init__(self, prefixes: Iterable[Route] = PREFIXES, operations: Iterable[Route] = OPERATIONS) -> None:
        self._prefixes = {route.path: route for route in prefixes}
        self._operations = {(route.method, route.path): route for route in operations}

    def find(self, method: str, path: str) -> Route | None:
        """The route of a normalised path, or None if nothing outside goes there."""
        exact = self._operations.get(("GET" if method == "HEAD" else method, path))
        if exact is not None:
            return exact
        prefix = path
        while prefix:
            route = self._prefixes.get(prefix)
            if route is not None:
                return route
            prefix = prefix.rpartition("/")[0]
        return None
