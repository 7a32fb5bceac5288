"""One's own profile."""

from typing import Self

from fastapi import APIRouter, Response
from pydantic import model_validator

from babyowl_chassis.http import Body, CurrentUser, IfMatch, Reader, TheBus, accepted, etag, refused
from identity.application.commands.update_profile import UpdateProfile
from identity.domain.errors import UserNotFound
from identity.interfaces.http.fields import AvatarField, LocaleField, NameField, TimeZoneField
from identity.interfaces.http.views import UserView
from identity.queries.users import user_details

router = APIRouter(prefix="/api/v1/me", tags=["My profile"])


class ProfileBody(Body):
    """Only what is named changes; `avatar_url: null` takes the picture away."""

    display_name: NameField = ""
    avatar_url: AvatarField | None = None
    time_zone: TimeZoneField = ""
    locale: LocaleField = ""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name at least one field")
        return self


@router.get("")
async def my_profile(user: CurrentUser, db: Reader, response: Response) -> UserView:
    """Who I am here."""
    details = await user_details(db, user.user_id)
    if details is None:
        raise refused(UserNotFound(user.user_id))
    response.headers["ETag"] = etag(details.version)
    return UserView.of(details)


@router.patch("")
async def update_my_profile(
    body: ProfileBody, user: CurrentUser, bus: TheBus, expected: IfMatch, response: Response
) -> UserView:
    """Change how I am shown, and the zone and language I live in."""
    changes = body.model_dump(exclude_unset=True)
    updated = accepted(await bus.execute(UpdateProfile(user.user_id, **changes, expected_version=expected)))
    response.headers["ETag"] = etag(updated.version)
    return UserView.of(updated)
