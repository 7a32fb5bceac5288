"""How often something may be tried, and by whom."""

from identity.application.ports import Limit
from identity.domain.values import Email

FAMILIAR_SECONDS = 30 * 24 * 3600


def password_here(account: str, address: str) -> Limit:
    """Guesses at one account from one address: 8, then one a minute."""
    return Limit(f"password:{account}:{address}", burst=8, every=60)


def password_anywhere(account: str) -> Limit:
    """Guesses at one account from all unfamiliar addresses together: 60, then one in 30 seconds."""
    return Limit(f"password:{account}", burst=60, every=30)


def password_from(address: str) -> Limit:
    """Guesses from one address, which may be a whole school's: 100, then one every two seconds."""
    return Limit(f"password-from:{address}", burst=100, every=2)


def familiar(account: str, address: str) -> str:
    """Noted when somebody signed in to this account from this address."""
    return f"familiar:{account}:{address}"


def registrations_from(address: str) -> Limit:
    """A class may register in one lesson: 60, then one in 10 seconds."""
    return Limit(f"register-from:{address}", burst=60, every=10)


def messages_from(address: str) -> Limit:
    """Messages asked for from one address: 60, then one in 10 seconds."""
    return Limit(f"messages-from:{address}", burst=60, every=10)


def messages_to(email: Email) -> Limit:
    """Messages that strangers can cause in one mailbox: 5, then one in 10 minutes."""
    return Limit(f"messages-to:{email}", burst=5, every=600)
