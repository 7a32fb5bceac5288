"""The keys that sign access tokens, and when they replace each other.

A key is published before it signs, so that everybody has fetched it by then, and stays published after it has
signed, until the last token it signed has expired.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SIGNS_FOR = timedelta(days=30)
ANNOUNCED_FOR = timedelta(minutes=10)
SHOWN_AFTERWARDS = timedelta(hours=1)


class KeyState(StrEnum):
    """Published, not yet used; active, the one that signs; retired, only good for checking."""

    PUBLISHED = "published"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What of a key its rotation depends on."""

    kid: str
    state: KeyState
    published_at: datetime
    activated_at: datetime | None = None
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Publish:
    """Make a new key and show it."""


@dataclass(frozen=True, slots=True)
class Activate:
    """Sign with the published key from now on, and retire the one before it."""

    kid: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Forget a retired key: nothing it signed is alive."""

    kid: str


Step = Publish | Activate | Drop


def next_step(keys: Iterable[SigningKey], *, now: datetime, forced: bool = False) -> Step | None:
    """What is due, one step at a time; None if nothing is.

    `forced` has a successor published before the active key's time is over; it still is announced first.
    """
    by_state: dict[KeyState, list[SigningKey]] = {state: [] for state in KeyState}
    for key in keys:
        by_state[key.state].append(key)
    published = next(iter(by_state[KeyState.PUBLISHED]), None)
    active = next(iter(by_state[KeyState.ACTIVE]), None)
    for key in by_state[KeyState.RETIRED]:
        if key.retired_at is not None and now - key.retired_at >= SHOWN_AFTERWARDS:
            return Drop(key.kid)
    if published is not None:
        # The very first key has nobody to be announced to: without it nobody can sign in at all.
        announced = active is None or now - published.published_at >= ANNOUNCED_FOR
        return Activate(published.kid) if announced else None
    if active is None or active.activated_at is None:
        return Publish()
    return Publish() if forced or now - active.activated_at >= SIGNS_FOR else None
