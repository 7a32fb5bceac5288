"""The fields of Identity's requests, checked by the domain's own rules, and where a request comes from."""

from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from babyowl_kernel import Err, Refusal, Result
from identity.domain import values

T = TypeVar("T")


def _by(rule: Callable[[str], Result[T, Refusal]]) -> Callable[[str], T]:
    """The rule as pydantic wants it: a refusal becomes an entry of `errors[]` with the refusal's code."""

    def checked(text: str) -> T:
        outcome = rule(text)
        if isinstance(outcome, Err):
            raise PydanticCustomError(outcome.refusal.code, "{reason}", {"reason": outcome.refusal.reason})
        return outcome.value

    return checked


def _address(text: str) -> str:
    return _by(values.Email.parse)(text).address


EmailField = Annotated[
    str,
    Field(max_length=values.LONGEST_ADDRESS, json_schema_extra={"format": "email"}),
    AfterValidator(_address),
]
NameField = Annotated[
    str, Field(min_length=1, max_length=values.LONGEST_NAME), AfterValidator(_by(values.display_name))
]
AvatarField = Annotated[
    str,
    Field(
        max_length=values.LONGEST_URL,
        examples=["https://pictures.example/owl.png"],
        json_schema_extra={"pattern": "^https://"},
    ),
    AfterValidator(_by(values.avatar_url)),
]
TimeZoneField = Annotated[str, Field(max_length=64, examples=["Asia/Jakarta"]), AfterValidator(_by(values.time_zone))]
LocaleField = Annotated[
    str,
    Field(max_length=6, examples=["id"], json_schema_extra={"pattern": "^[a-z]{2,3}(-[A-Z]{2})?$"}),
    AfterValidator(_by(values.locale)),
]

PasswordField = Annotated[
    str,
    StringConstraints(min_length=1, max_length=256, strip_whitespace=False),
    Field(json_schema_extra={"format": "password"}),
]
"""As it was typed: blanks at the ends are part of it."""

TokenField = Annotated[str, Field(min_length=1, max_length=200)]


def _client_address(request: Request) -> str:
    """The address the gateway saw, which it puts last into X-Forwarded-For; what stands before is hearsay.

    Of an IPv6 address the network counts: one client has 2^64 of them.
    """
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    seen = forwarded or (request.client.host if request.client else "")
    try:
        address = ip_address(seen)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Network((address, 64), strict=False))
    return str(address)


ClientAddress = Annotated[str, Depends(_client_address)]
