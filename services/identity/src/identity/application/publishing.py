"""What of Identity's own events the other contexts get to hear."""

from babyowl_contracts import Event
from babyowl_contracts import identity as contract
from babyowl_kernel import DomainEvent
from identity.domain import events


def published(event: DomainEvent) -> Event | None:
    """The contract of a domain event, or None if it stays here."""
    match event:
        case events.UserRegistered():
            return contract.UserRegistered(user_id=event.user_id, role=event.role.value, time_zone=event.time_zone)
        case events.VerificationRequested():
            return contract.EmailVerificationRequested(user_id=event.user_id, challenge_id=event.challenge_id)
        case events.UserVerified():
            return contract.UserVerified(user_id=event.user_id)
        case events.PasswordResetRequested():
            return contract.PasswordResetRequested(user_id=event.user_id, challenge_id=event.challenge_id)
        case events.PasswordChanged():
            return contract.PasswordChanged(user_id=event.user_id)
        case events.ProfileUpdated():
            return contract.ProfileUpdated(user_id=event.user_id, time_zone=event.time_zone)
        case events.RoleChanged():
            return contract.RoleChanged(
                user_id=event.user_id,
                role=event.role.value,
                previous_role=event.previous_role.value,
            )
        case events.UserDeactivated():
            return contract.UserDeactivated(user_id=event.user_id)
        case events.UserReactivated():
            return contract.UserReactivated(user_id=event.user_id)
        case events.AllSessionsEnded():
            return None
        case _:
            raise TypeError(f"nobody has decided whether {type(event).__name__} is published")
