"""What Identity is told by its environment, besides what every service is."""

from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from babyowl_chassis.settings import LOCAL_PREFIX, ServiceSettings
from identity.domain.values import UserRole

FEWEST_ROUNDS = 12


class SeedUser(BaseModel):
    """An account for demonstrations: active from the start."""

    email: str
    password: SecretStr
    role: UserRole
    display_name: str
    time_zone: str = "UTC"
    locale: str = "en"


def _local_accounts() -> dict[str, SecretStr]:
    clients = ("class", "learning", "gamification", "notification")
    return {client: SecretStr(f"{LOCAL_PREFIX}service-client-secret") for client in clients}


class IdentitySettings(ServiceSettings):
    """Secrets and costs.

    The pepper is in every password's hash: with another one nobody's password is right any more. Another
    challenge secret voids open links and sessions; another encryption secret needs an empty `signing_keys`.
    """

    password_pepper: SecretStr = SecretStr("local-password-pepper")
    key_encryption_secret: SecretStr = SecretStr("local-key-encryption-secret")
    challenge_secret: SecretStr = SecretStr("local-challenge-secret")
    service_accounts: dict[str, SecretStr] = Field(default_factory=_local_accounts)
    seed_users: list[SeedUser] = Field(default_factory=list)
    password_rounds: int = Field(default=FEWEST_ROUNDS, ge=4, le=16)
    password_threads: int = Field(default=2, ge=1, le=64)
    password_queue: int = Field(default=32, ge=1, le=1000)

    @model_validator(mode="after")
    def _nothing_weak_in_production(self) -> Self:
        secrets = [secret.get_secret_value() for secret in self.service_accounts.values()]
        if self.environment == "production" and any(
            secret.startswith(LOCAL_PREFIX) or not secret for secret in secrets
        ):
            raise ValueError("set SERVICE_ACCOUNTS to secrets of your own")
        if self.environment != "test" and self.password_rounds < FEWEST_ROUNDS:
            raise ValueError(f"PASSWORD_ROUNDS below {FEWEST_ROUNDS} is for tests only")
        return self
