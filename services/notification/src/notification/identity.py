"""What Notification asks Identity, since events carry neither names nor addresses."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from babyowl_chassis.internal import InternalApi, is_gone


class Contact(BaseModel):
    """Where and how to reach a person."""

    # A faulty answer is logged, and must not take address or token along.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    email: str
    display_name: str
    locale: str
    time_zone: str = "UTC"


class Challenge(Contact):
    """A token that the person must bring back, to show that the mailbox is theirs.

    Who is `invited` has an account that others made, and chooses a password with the same token.
    """

    purpose: Literal["verify_email", "reset_password"]
    invited: bool = False
    token: str
    expires_at: AwareDatetime

    def minutes_left(self, now: datetime) -> int:
        """Whole minutes until the token is worth nothing; below 1 when it is."""
        return int((self.expires_at - now).total_seconds() // 60)


class Identity:
    """Identity's internal API."""

    def __init__(self, api: InternalApi) -> None:
        self._api = api

    async def challenge(self, challenge_id: UUID) -> Challenge | None:
        """The message of a challenge; None if it was used, replaced or has expired. Raises httpx.HTTPError."""
        response = await self._api.post(f"/internal/v1/challenges/{challenge_id}/message")
        if is_gone(response):
            return None
        response.raise_for_status()
        return Challenge.model_validate_json(response.content)

    async def contact(self, user_id: UUID) -> Contact | None:
        """Where to reach a person; None if they are gone. Raises httpx.HTTPError."""
        response = await self._api.get(f"/internal/v1/contacts/{user_id}")
        if is_gone(response):
            return None
        response.raise_for_status()
        return Contact.model_validate_json(response.content)
