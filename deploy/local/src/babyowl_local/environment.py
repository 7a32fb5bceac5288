"""What each process of the platform is told, for a platform that runs on this machine."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from babyowl_local.catalogue import SERVICES

LOCAL_PASSWORD = "night-owls-learn-more"  # noqa: S105 (known to everybody, for this machine only)
MAIL_FROM = "Baby Owl <owl@example.org>"

# A developer may set these for the whole platform; nothing else of the shell's environment gets in.
_PASSED_ON = (
    "PATH", "HOME", "TZ", "LANG", "LC_ALL", "LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT",
    "RATE_LIMIT_PER_MINUTE", "RATE_LIMIT_ANONYMOUS_PER_MINUTE", "RATE_LIMIT_LOGIN_PER_MINUTE", "CORS_ORIGINS",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Login:
    """An account that every local platform has."""

    role: str
    email: str
    display_name: str
    password: str = LOCAL_PASSWORD


LOGINS = (
    Login("super_admin", "admin@example.org", "Ada Admin"),
    Login("staff", "staff@example.org", "Stella Staff"),
    Login("instructor", "instructor@example.org", "Ines Instructor"),
    Login("student", "student@example.org", "Sam Student"),
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything listens; ports of this machine, except for servers of the user's own."""

    gateway: str
    mailbox: str
    smtp: str
    services: Mapping[str, str]
    databases: Mapping[str, str]
    redis: str
    amqp: str


def kept_secrets(path: Path) -> dict[str, str]:
    """The platform's secrets, made at the first start and kept, readable to their owner only."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    names = ["PASSWORD_PEPPER", "KEY_ENCRYPTION_SECRET", "CHALLENGE_SECRET", *map(account_of, SERVICES)]
    missing = [name for name in names if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(32) for name in missing}
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(known, file, indent=2)
    return known


def account_of(service: str) -> str:
    """The name under which the secret of a service's own account is kept."""
    return f"SERVICE_CLIENT_SECRET_{service.upper()}"


def common_environment(addresses: Addresses) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return passed_on | {
        "ENVIRONMENT": "local",
        "HOST": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
        "REDIS_URL": addresses.redis,
        "PUBLIC_URL": addresses.gateway,
        **{f"{name.upper()}_URL": url for name, url in addresses.services.items()},
    }


def service_environment(service: str, addresses: Addresses, known: Mapping[str, str]) -> dict[str, str]:
    """All services are told the same kind of thing; only Identity and Notification have more to know."""
    environment = common_environment(addresses) | {
        "PORT": addresses.services[service].rsplit(":", 1)[1],
        "DATABASE_URL": addresses.databases[service],
        "AMQP_URL": addresses.amqp,
        "SERVICE_CLIENT_SECRET": known[account_of(service)],
    }
    if service == "identity":
        environment |= {
            name: known[name] for name in ("PASSWORD_PEPPER", "KEY_ENCRYPTION_SECRET", "CHALLENGE_SECRET")
        }
        environment["SERVICE_ACCOUNTS"] = json.dumps({name: known[account_of(name)] for name in SERVICES})
    if service == "notification":
        environment |= {"SMTP_URL": addresses.smtp, "MAIL_FROM": MAIL_FROM}
    return environment


def seed_environment(addresses: Addresses, known: Mapping[str, str]) -> dict[str, str]:
    """Identity's, with the demo logins to be created."""
    users = [
        {"email": login.email, "password": login.password, "role": login.role, "display_name": login.display_name}
        for login in LOGINS
    ]
    return service_environment("identity", addresses, known) | {"SEED_USERS": json.dumps(users)}


def gateway_environment(addresses: Addresses) -> dict[str, str]:
    return common_environment(addresses) | {"PORT": addresses.gateway.rsplit(":", 1)[1]}
