"""The words about people: addresses, roles, states, profiles, and the challenges sent by mail."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import NewType, TypeAlias
from uuid import UUID
from zoneinfo import available_timezones

from babyowl_kernel import Err, Ok, Result, one_line
from identity.domain.errors import (
    AvatarUrlInvalid,
    DisplayNameInvalid,
    EmailInvalid,
    LocaleInvalid,
    TimeZoneUnknown,
)

PasswordHash = NewType("PasswordHash", str)
"""What is kept of a password; who reads it learns nothing without the pepper, and little with it."""

TokenHash = NewType("TokenHash", bytes)
"""SHA-256 of a token that only its bearer holds."""

LONGEST_NAME = 100
LONGEST_URL = 2_000
LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64

_LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")


class UserRole(StrEnum):
    """What a person is at the academy; everybody has exactly one role."""

    SUPER_ADMIN = "super_admin"
    STAFF = "staff"
    INSTRUCTOR = "instructor"
    STUDENT = "student"


class UserStatus(StrEnum):
    """Pending until the address is verified; only the active sign in."""

    PENDING = "pending"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True)
class Email:
    """An address in the one spelling we keep: lower case throughout, the domain in its ASCII form.

    Upper and lower case mean the same mailbox everywhere in practice, so `Ana@x.org` is `ana@x.org`.
    """

    address: str

    @classmethod
    def parse(cls, text: str) -> Result["Email", EmailInvalid]:
        """Read an address as people type it; the part before the @ has to be ASCII."""
        local, at, domain = text.strip().lower().rpartition("@")
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return Err(EmailInvalid())
        address = f"{local}@{domain}"
        fits = len(address) <= LONGEST_ADDRESS and len(local) <= LONGEST_LOCAL_PART
        if not (at and fits and _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain)):
            return Err(EmailInvalid())
        return Ok(cls(address))

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True)
class Profile:
    """How a person is shown to others, and the zone and language they live in."""

    display_name: str
    avatar_url: str | None = None
    time_zone: str = "UTC"
    locale: str = "en"


def display_name(text: str) -> Result[str, DisplayNameInvalid]:
    """A name on one line, as people write it."""
    name = one_line(text)
    if name is None or len(name) > LONGEST_NAME:
        return Err(DisplayNameInvalid())
    return Ok(name)


def avatar_url(text: str) -> Result[str, AvatarUrlInvalid]:
    """Where the picture is; https only, since browsers show it inside our pages."""
    url = text.strip()
    fits = len(url) <= LONGEST_URL and url.isascii() and url.isprintable() and " " not in url
    if not fits or not re.match(r"https://[a-zA-Z0-9.-]+(:\d+)?(/|\?|$)", url):
        return Err(AvatarUrlInvalid())
    return Ok(url)


def time_zone(text: str) -> Result[str, TimeZoneUnknown]:
    """An IANA zone by its exact name."""
    return Ok(text) if text in _zones() else Err(TimeZoneUnknown())


def locale(text: str) -> Result[str, LocaleInvalid]:
    """A language tag such as `en` or `pt-BR`."""
    return Ok(text) if _LOCALE.fullmatch(text) else Err(LocaleInvalid())


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


class ChallengePurpose(StrEnum):
    """What the link in a message is good for."""

    VERIFY_EMAIL = "verify_email"
    INVITATION = "invitation"
    RESET_PASSWORD = "reset_password"  # noqa: S105


Seal: TypeAlias = Callable[[UUID, ChallengePurpose], TokenHash]
"""Tells the hash of the token that goes with a challenge; the token itself is kept nowhere."""

CHALLENGE_LIFE: dict[ChallengePurpose, timedelta] = {
    ChallengePurpose.VERIFY_EMAIL: timedelta(days=2),
    ChallengePurpose.INVITATION: timedelta(days=14),
    ChallengePurpose.RESET_PASSWORD: timedelta(hours=1),
}


@dataclass(frozen=True, slots=True)
class Challenge:
    """Sent to an address; who answers with the right token has read the mail there."""

    id: UUID
    purpose: ChallengePurpose
    token_hash: TokenHash
    expires_at: datetime

    @classmethod
    def issue(cls, id: UUID, purpose: ChallengePurpose, seal: Seal, now: datetime) -> "Challenge":  # noqa: A002
        """A new one; its term depends on what it is good for."""
        return cls(id, purpose, seal(id, purpose), now + CHALLENGE_LIFE[purpose])

    def is_over(self, now: datetime) -> bool:
        """Whether it is too late to answer."""
        return now >= self.expires_at
