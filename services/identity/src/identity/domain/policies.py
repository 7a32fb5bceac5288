"""Who may do what to whom, and which passwords will do."""

import unicodedata
from uuid import UUID

from babyowl_kernel import Actor
from identity.domain.errors import OwnAccount, PasswordTooCommon, PasswordTooShort, RoleOutOfReach
from identity.domain.values import Email, UserRole

LOOKED_AFTER_BY_STAFF = frozenset({UserRole.STUDENT, UserRole.INSTRUCTOR})

SHORTEST_PASSWORD = 8

# The head of every published list of leaked passwords, as far as it has eight characters and more.
_COMMON_TEXT = """
    12345678 123456789 1234567890 0123456789 987654321 11111111 00000000 12341234 12121212 11223344
    88888888 123123123 147258369 qwertyui qwertyuiop qwerty123 qwerty12 1q2w3e4r 1q2w3e4r5t 1qaz2wsx
    zaq12wsx asdfghjk asdfghjkl zxcvbnm1 password password1 password12 password123 passw0rd p@ssw0rd
    p@ssword abcd1234 abcdefgh a1b2c3d4 aa123456 abc12345 admin123 administrator welcome1 welcome123
    changeme changeme1 letmein1 letmein123 iloveyou iloveyou1 sunshine princess football baseball
    superman batman123 pokemon1 minecraft minecraft1 dragon123 monkey123 whatever trustno1 starwars
    computer internet student1 student123 teacher1 teacher123 school123 babyowl1 babyowl123
"""
_COMMON = frozenset(_COMMON_TEXT.split())


def role_out_of_reach(by: Actor, role: UserRole) -> RoleOutOfReach | None:
    """Staff look after students and instructors, a super admin after everybody."""
    if by.is_super_admin or (by.is_staff and role in LOOKED_AFTER_BY_STAFF):
        return None
    return RoleOutOfReach(role)


def only_super_admin(by: Actor, role: UserRole) -> RoleOutOfReach | None:
    """Roles are given by super admins alone."""
    return None if by.is_super_admin else RoleOutOfReach(role)


def own_account(by: Actor, user_id: UUID) -> OwnAccount | None:
    """Nobody raises themselves, and nobody locks themselves out by mistake."""
    return OwnAccount() if by.user_id == user_id else None


def password_refused(password: str, email: Email | None) -> PasswordTooShort | PasswordTooCommon | None:
    """Long enough, and not what anybody would try first; no demands on digits and signs."""
    text = normal_form(password)
    if len(text) < SHORTEST_PASSWORD:
        return PasswordTooShort(SHORTEST_PASSWORD)
    guess = text.lower()
    own = {email.address, email.address.partition("@")[0]} if email else set()
    if guess in _COMMON or len(set(guess)) == 1 or guess in own:
        return PasswordTooCommon()
    return None


def normal_form(password: str) -> str:
    """One spelling, whichever keyboard it was typed on: an é is one sign here, however it was composed."""
    return unicodedata.normalize("NFKC", password)
