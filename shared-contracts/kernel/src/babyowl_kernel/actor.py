"""Who asks for something: the person, and the roles the token says they have."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting through the API. What they own is never in here: the service's own data says it."""

    user_id: UUID
    roles: frozenset[str]

    def has(self, role: str) -> bool:
        """Whether the person has this very role."""
        return role in self.roles

    @property
    def is_super_admin(self) -> bool:
        """Whether the person may do anything, including making staff."""
        return "super_admin" in self.roles

    @property
    def is_staff(self) -> bool:
        """Whether the person works for the academy's office: staff, or super admin."""
        return "staff" in self.roles or self.is_super_admin
