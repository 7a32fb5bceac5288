"""Settings: read from the environment once, at start; a wrong one stops the start with its name."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self

from pydantic import AnyHttpUrl, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOCAL_PREFIX = "local-"


class Settings(BaseSettings):
    """What every process of the platform is told. Secrets that start with `local-`, also as the password in a URL,
    are refused outside the environments `local` and `test`."""

    # A wrong value may hold a password, so the error names it and does not show it. An empty one counts as not set.
    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True)

    environment: Literal["local", "test", "production"] = "production"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    redis_url: str = "redis://127.0.0.1:6379/0"
    identity_url: str = "http://127.0.0.1:8101"
    jwt_issuer: str = "https://babyowl.academy"
    jwt_audience: str = "babyowl"
    otel_exporter_otlp_endpoint: AnyHttpUrl | None = None
    shutdown_grace_seconds: int = Field(default=20, ge=1, le=600)

    @model_validator(mode="after")
    def _no_local_secrets_in_production(self) -> Self:
        if self.environment == "production":
            known = [
                name
                for name, value in self
                if any(_is_known_to_everybody(secret.get_secret_value()) for secret in _secrets_in(value))
            ]
            if known:
                raise ValueError(f"set these to secrets of your own: {', '.join(name.upper() for name in known)}")
        return self


def _is_known_to_everybody(secret: str) -> bool:
    return secret.startswith(LOCAL_PREFIX) or f":{LOCAL_PREFIX}" in secret  # the password in a URL


def _secrets_in(value: Any) -> Iterator[SecretStr]:
    match value:
        case SecretStr():
            yield value
        case Mapping():
            for member in value.values():
                yield from _secrets_in(member)


class ServiceSettings(Settings):
    """What every service is told."""

    database_url: SecretStr = SecretStr("local-unset")
    replica_url: SecretStr | None = None
    database_pool_size: int = Field(default=10, ge=2, le=200)
    amqp_url: SecretStr = SecretStr("local-unset")
    service_client_secret: SecretStr = SecretStr("local-service-client-secret")
    consumer_prefetch: int = Field(default=16, ge=1, le=1000)
    max_body_bytes: int = Field(default=1_048_576, ge=1024)
