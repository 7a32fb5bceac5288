"""Registering, signing in, staying signed in, and passwords."""

from fastapi import APIRouter

from babyowl_chassis.http import Body, CurrentUser, View, accepted, refused
from identity.application.commands.end_all_sessions import EndAllSessions
from identity.domain.errors import RefreshTokenInvalid
from identity.domain.values import Email, Profile
from identity.interfaces.http.dependencies import TheAccounts, TheSignIn
from identity.interfaces.http.fields import (
    ClientAddress,
    EmailField,
    LocaleField,
    NameField,
    PasswordField,
    TimeZoneField,
    TokenField,
)

router = APIRouter(prefix="/api/v1/auth", tags=["Sign-in"])


class RegisterBody(Body):
    """Who comes by themselves comes as a student."""

    email: EmailField
    password: PasswordField
    display_name: NameField
    time_zone: TimeZoneField = "UTC"
    locale: LocaleField = "en"


class EmailBody(Body):
    """Whom to write to."""

    email: EmailField


class VerifyEmailBody(Body):
    """`token` is the link's; the invited add the password they choose."""

    token: TokenField
    password: PasswordField | None = None


class LoginBody(Body):
    """Address and password."""

    email: EmailField
    password: PasswordField


class RefreshBody(Body):
    """The newest refresh token of the session."""

    refresh_token: TokenField


class ResetPasswordBody(Body):
    """`token` is the link's."""

    token: TokenField
    password: PasswordField


class ChangePasswordBody(Body):
    """The password until now, and from now on."""

    current_password: PasswordField
    new_password: PasswordField


class MessageDue(View):
    """The same words, whether or not there is such an account: only the mailbox tells."""

    detail: str = "If this address is waiting for a message, one is on its way."


class TokensView(View):
    """`expires_in` is the access token's life in seconds; the refresh token lives 30 days and works once."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105


@router.post("/register", status_code=202)
async def register(body: RegisterBody, accounts: TheAccounts, address: ClientAddress) -> MessageDue:
    """Ask for an account; it works once the e-mail address is verified."""
    profile = Profile(body.display_name, None, body.time_zone, body.locale)
    accepted(await accounts.register(Email(body.email), body.password, profile, address=address))
    return MessageDue()


@router.post("/verify-email", status_code=204)
async def verify_email(body: VerifyEmailBody, accounts: TheAccounts) -> None:
    """Follow the link in the message."""
    accepted(await accounts.verify_email(body.token, body.password))


@router.post("/resend-verification", status_code=202)
async def resend_verification(body: EmailBody, accounts: TheAccounts, address: ClientAddress) -> MessageDue:
    """Have the verification message sent again; the older link works no longer."""
    accepted(await accounts.resend_verification(Email(body.email), address=address))
    return MessageDue()


@router.post("/login")
async def login(body: LoginBody, sign_in: TheSignIn, address: ClientAddress) -> TokensView:
    """Sign in. `email_not_verified` is said only to who knows the password of an account that staff made."""
    tokens = accepted(await sign_in.login(Email(body.email), body.password, address=address))
    return TokensView.of(tokens)


@router.post("/refresh")
async def refresh(body: RefreshBody, sign_in: TheSignIn) -> TokensView:
    """Trade the refresh token for the next one. Within ten seconds a repeat gets the same one again;
    later it is taken for theft, and the session ends."""
    return TokensView.of(accepted(await sign_in.refresh(body.refresh_token)))


@router.post("/logout", status_code=204)
async def logout(user: CurrentUser, sign_in: TheSignIn) -> None:
    """End this session."""
    if user.session_id is None:
        raise refused(RefreshTokenInvalid())
    await sign_in.logout(user.session_id)


@router.post("/logout-everywhere", status_code=204)
async def logout_everywhere(user: CurrentUser, accounts: TheAccounts) -> None:
    """End all sessions of this person, this one too."""
    accepted(await accounts.ending_sessions(EndAllSessions(user.user_id)))


@router.post("/forgot-password", status_code=202)
async def forgot_password(body: EmailBody, accounts: TheAccounts, address: ClientAddress) -> MessageDue:
    """Have a reset link sent, which works for an hour."""
    accepted(await accounts.forgot_password(Email(body.email), address=address))
    return MessageDue()


@router.post("/reset-password", status_code=204)
async def reset_password(body: ResetPasswordBody, accounts: TheAccounts) -> None:
    """Choose a new password by the link in the message; every session ends."""
    accepted(await accounts.reset_password(body.token, body.password))


@router.post("/change-password", status_code=204)
async def change_password(
    body: ChangePasswordBody, user: CurrentUser, accounts: TheAccounts, address: ClientAddress
) -> None:
    """Replace the password; every session ends, this one too."""
    accepted(await accounts.change_password(user.user_id, body.current_password, body.new_password, address=address))
