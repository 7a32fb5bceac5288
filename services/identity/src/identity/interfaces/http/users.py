"""Everybody's accounts, for the staff."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from babyowl_chassis.http import (
    Body,
    Page,
    PageParams,
    Reader,
    Staff,
    SuperAdmin,
    Text,
    TheBus,
    UnkeyedBus,
    accepted,
    etag,
    page,
    refused,
)
from identity.application.commands.change_role import ChangeRole
from identity.application.commands.create_user import CreateUser
from identity.application.commands.deactivate_user import DeactivateUser
from identity.application.commands.reactivate_user import ReactivateUser
from identity.domain.errors import UserNotFound
from identity.domain.values import Email, Profile, UserRole, UserStatus
from identity.interfaces.http.dependencies import TheAccounts
from identity.interfaces.http.fields import (
    EmailField,
    LocaleField,
    NameField,
    PasswordField,
    TimeZoneField,
)
from identity.interfaces.http.views import UserView
from identity.queries.users import search_users, user_details

router = APIRouter(prefix="/api/v1/users", tags=["Users"])


class CreateUserBody(Body):
    """Without a password the message that goes out invites the person to choose one."""

    email: EmailField
    display_name: NameField
    role: UserRole = UserRole.STUDENT
    password: PasswordField | None = None
    time_zone: TimeZoneField = "UTC"
    locale: LocaleField = "en"


class RoleBody(Body):
    """The role from now on."""

    role: UserRole


@router.get("")
async def list_users(
    db: Reader,
    params: PageParams,
    _: Staff,
    role: UserRole | None = None,
    status: UserStatus | None = None,
    q: Annotated[Text | None, Query(max_length=100, description="Part of a name or an address.")] = None,
) -> Page[UserView]:
    """The newest accounts first."""
    rows = await search_users(
        db,
        role=role,
        status=status,
        q=q,
        after=params.after_as(datetime, UUID),
        limit=params.limit,
    )
    return page(rows, params, key=lambda row: (row.created_at, row.id), view=UserView.of)


@router.post("", status_code=201)
async def create_user(body: CreateUserBody, by: Staff, bus: TheBus, accounts: TheAccounts) -> UserView:
    """Make an account for somebody, who gets a message to verify the address."""
    email = Email(body.email)
    password = None if body.password is None else accepted(await accounts.password_for(body.password, email))
    profile = Profile(body.display_name, None, body.time_zone, body.locale)
    return await bus.answer(CreateUser(email, password, body.role, profile, by.actor), UserView)


@router.get("/{user_id}")
async def get_user(user_id: UUID, db: Reader, _: Staff, response: Response) -> UserView:
    """One account."""
    details = await user_details(db, user_id)
    if details is None:
        raise refused(UserNotFound(user_id))
    response.headers["ETag"] = etag(details.version)
    return UserView.of(details)


@router.put("/{user_id}/role")
async def change_role(user_id: UUID, body: RoleBody, by: SuperAdmin, accounts: TheAccounts) -> UserView:
    """Give somebody another role; their sessions end, so that they sign in to it."""
    return UserView.of(accepted(await accounts.ending_sessions(ChangeRole(user_id, body.role, by.actor))))


@router.post("/{user_id}/deactivate")
async def deactivate_user(user_id: UUID, by: Staff, accounts: TheAccounts) -> UserView:
    """Close an account for now; its sessions end."""
    return UserView.of(accepted(await accounts.ending_sessions(DeactivateUser(user_id, by.actor))))


@router.post("/{user_id}/reactivate")
async def reactivate_user(user_id: UUID, by: Staff, bus: UnkeyedBus) -> UserView:
    """Open an account again."""
    return UserView.of(accepted(await bus.execute(ReactivateUser(user_id, by.actor))))
