"""For the other services alone; the gateway never routes here."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from babyowl_chassis.http import Body, Text, View, accepted, refused, service_account
from babyowl_chassis.ids import utc_now
from identity.domain.errors import ChallengeNotOpen, PeopleIdsInvalid, UserNotFound
from identity.domain.values import ChallengePurpose, UserRole, UserStatus
from identity.infrastructure.access_tokens import SERVICE_TOKEN_SECONDS
from identity.interfaces.http.dependencies import Primary, TheAccessTokens, TheChallengeTokens, TheServiceAccounts
from identity.queries.challenges import open_challenge
from identity.queries.people import contact, people

MOST_PEOPLE = 100
_UUID_TEXT = 36

router = APIRouter(prefix="/internal/v1", tags=["Internal"])


class ServiceTokenBody(Body):
    """A service's own account."""

    client_id: Annotated[str, Field(min_length=1, max_length=64)]
    client_secret: Annotated[str, Field(min_length=1, max_length=256)]


class ServiceTokenView(View):
    """A short-lived access token; `expires_in` in seconds."""

    access_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105


class PersonView(View):
    """How somebody is shown; of two copies the one with the greater revision is newer."""

    id: UUID
    display_name: str
    avatar_url: str | None
    role: UserRole
    status: UserStatus
    time_zone: str
    locale: str
    revision: int


class PeopleView(View):
    """Those who are known."""

    items: list[PersonView]


class ContactView(View):
    """How somebody is written to."""

    id: UUID
    email: str
    display_name: str
    status: UserStatus
    time_zone: str
    locale: str


class ChallengeMessageView(View):
    """What the message says. Who is `invited` chooses a password together with the verification."""

    purpose: Literal["verify_email", "reset_password"]
    invited: bool
    email: str
    display_name: str
    locale: str
    token: str
    expires_at: datetime


@router.post("/service-tokens")
async def issue_service_token(
    body: ServiceTokenBody, accounts: TheServiceAccounts, tokens: TheAccessTokens
) -> ServiceTokenView:
    """Sign a service in."""
    scopes = accepted(accounts.scopes_of(body.client_id, body.client_secret))
    token = await tokens.mint_for_service(body.client_id, scopes)
    return ServiceTokenView(access_token=token, expires_in=SERVICE_TOKEN_SECONDS)


@router.get("/people", dependencies=[service_account("people:read")])
async def find_people(
    db: Primary, ids: Annotated[Text, Query(max_length=MOST_PEOPLE * (_UUID_TEXT + 1))]
) -> PeopleView:
    """Up to a hundred people by their ids, separated by commas; unknown ones are left out."""
    found = await people(db, _uuids(ids))
    return PeopleView(items=[PersonView.of(person) for person in found])


@router.get("/contacts/{user_id}", dependencies=[service_account("contacts:read")])
async def find_contact(user_id: UUID, db: Primary) -> ContactView:
    """Where mail for this person goes."""
    found = await contact(db, user_id)
    if found is None:
        raise refused(UserNotFound(user_id))
    return ContactView.of(found)


@router.post("/challenges/{challenge_id}/message", dependencies=[service_account("challenges:read")])
async def challenge_message(challenge_id: UUID, db: Primary, tokens: TheChallengeTokens) -> ChallengeMessageView:
    """What to write; 404 if the challenge was answered, voided by a newer one, or has expired."""
    challenge = await open_challenge(db, challenge_id, utc_now())
    if challenge is None:
        raise refused(ChallengeNotOpen())
    purpose = ChallengePurpose(challenge.purpose)
    resets = purpose is ChallengePurpose.RESET_PASSWORD
    return ChallengeMessageView(
        **{
            **asdict(challenge),
            "purpose": "reset_password" if resets else "verify_email",
            "invited": purpose is ChallengePurpose.INVITATION,
            "token": tokens.token(challenge_id, purpose),
        }
    )


def _uuids(text: str) -> list[UUID]:
    parts = text.split(",")
    try:
        ids = [UUID(part.strip()) for part in parts]
    except ValueError as error:
        raise refused(PeopleIdsInvalid(MOST_PEOPLE)) from error
    if len(ids) > MOST_PEOPLE:
        raise refused(PeopleIdsInvalid(MOST_PEOPLE))
    return ids
