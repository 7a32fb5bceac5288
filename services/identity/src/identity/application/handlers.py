"""Every command and who carries it out."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from babyowl_kernel import Command
from identity.application.commands.begin_session import BeginSession, begin_session
from identity.application.commands.change_password import ChangePassword, change_password
from identity.application.commands.change_role import ChangeRole, change_role
from identity.application.commands.create_user import CreateUser, create_user
from identity.application.commands.deactivate_user import DeactivateUser, deactivate_user
from identity.application.commands.end_all_sessions import EndAllSessions, end_all_sessions
from identity.application.commands.end_session import EndSession, end_session
from identity.application.commands.provision_user import ProvisionUser, provision_user
from identity.application.commands.reactivate_user import ReactivateUser, reactivate_user
from identity.application.commands.refresh_session import RefreshSession, refresh_session
from identity.application.commands.register_user import RegisterUser, register_user
from identity.application.commands.request_password_reset import RequestPasswordReset, request_password_reset
from identity.application.commands.resend_verification import ResendVerification, resend_verification
from identity.application.commands.reset_password import ResetPassword, reset_password
from identity.application.commands.update_profile import UpdateProfile, update_profile
from identity.application.commands.verify_email import VerifyEmail, verify_email

HANDLERS: Final[Mapping[type[Command[Any]], Callable[..., Awaitable[Any]]]] = {
    BeginSession: begin_session,
    ChangePassword: change_password,
    ChangeRole: change_role,
    CreateUser: create_user,
    DeactivateUser: deactivate_user,
    EndAllSessions: end_all_sessions,
    EndSession: end_session,
    ProvisionUser: provision_user,
    ReactivateUser: reactivate_user,
    RefreshSession: refresh_session,
    RegisterUser: register_user,
    RequestPasswordReset: request_password_reset,
    ResendVerification: resend_verification,
    ResetPassword: reset_password,
    UpdateProfile: update_profile,
    VerifyEmail: verify_email,
}
