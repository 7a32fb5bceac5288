"""What the gateway is told by its environment."""

from ipaddress import IPv4Network, IPv6Network

from pydantic import Field, field_validator

from babyowl_chassis.settings import Settings
from gateway.routes import Service


class GatewaySettings(Settings):
    """Addresses of the services, limits, and whom to trust. Times are in seconds, sizes in bytes."""

    port: int = Field(default=8080, ge=0, le=65535)

    learning_url: str = "http://127.0.0.1:8102"
    class_url: str = "http://127.0.0.1:8103"
    gamification_url: str = "http://127.0.0.1:8104"
    notification_url: str = "http://127.0.0.1:8105"

    cors_origins: frozenset[str] = frozenset()
    # Proxies in front of the gateway; only their X-Forwarded-* headers are believed.
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    rate_limit_per_minute: int = Field(default=100, ge=1, le=1_000_000)
    rate_limit_anonymous_per_minute: int = Field(default=100, ge=1, le=1_000_000)
    # A class of children behind one address signs in at the start of a lesson.
    rate_limit_login_per_minute: int = Field(default=30, ge=1, le=1_000_000)

    max_headers: int = Field(default=100, ge=10, le=1000)
    max_header_bytes: int = Field(default=32_768, ge=1024, le=1_048_576)
    header_timeout: float = Field(default=10, gt=0)
    connect_timeout: float = Field(default=2, gt=0)
    read_timeout: float = Field(default=30, gt=0)
    # Shorter than the services' own 75, so that no request is sent down a connection about to be closed.
    upstream_keep_alive: float = Field(default=60, gt=0)
    breaker_rest: float = Field(default=5, gt=0)
    client_keep_alive: int = Field(default=65, ge=1)
    max_websocket_message_bytes: int = Field(default=1_048_576, ge=1024)
    access_log: bool = True

    @field_validator("cors_origins")
    @classmethod
    def _origins_are_named_one_by_one(cls, origins: frozenset[str]) -> frozenset[str]:
        if "*" in origins or "null" in origins:
            raise ValueError("name each origin; a wildcard would let any page use a visitor's session")
        return frozenset(origin.rstrip("/") for origin in origins)

    def url_of(self, service: Service) -> str:
        """The service's base URL, without a slash at its end."""
        urls = {
            Service.IDENTITY: self.identity_url,
            Service.LEARNING: self.learning_url,
            Service.CLASS: self.class_url,
            Service.GAMIFICATION: self.gamification_url,
            Service.NOTIFICATION: self.notification_url,
        }
        return urls[service].rstrip("/")
