"""What a viewer may see of a class, always from this service's own data.

The office sees everything, an instructor the classes they teach, a student their own share of the classes they
attend. What is not theirs answers 404, as if it were not there; acting on it answers 403.
"""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from babyowl_chassis.auth import Principal
from babyowl_chassis.http import CurrentUser, Reader, refused
from class_management.domain.errors import ClassNotFound, StudentNotEnrolled
from class_management.queries.classes import Scope
from class_management.queries.reach import reach_of


@dataclass(frozen=True, slots=True)
class Sight:
    """A class in view. `only` is the one student who may be looked at; None for all of them."""

    class_id: UUID
    only: UUID | None

    def of_everybody(self) -> None:
        """Refuse who may look at themselves only."""
        if self.only is not None:
            raise refused(ClassNotFound(self.class_id))

    def of_student(self, student_id: UUID) -> None:
        """Refuse who may look at somebody else only."""
        if self.only not in (None, student_id):
            raise refused(StudentNotEnrolled(student_id))


async def _sight(class_id: UUID, db: Reader, user: CurrentUser) -> Sight:
    reach = await reach_of(db, class_id, user.user_id)
    # Who was made something else since still stands in the class as its instructor, and sees no children by that.
    teaches = reach is not None and reach.teaches and user.actor.has("instructor")
    if reach is not None and (teaches or user.actor.is_staff):
        return Sight(class_id, only=None)
    if reach is not None and reach.enrolled:
        return Sight(class_id, only=user.user_id)
    raise refused(ClassNotFound(class_id))


TheSight = Annotated[Sight, Depends(_sight)]


def scope_of(user: Principal) -> Scope:
    """Which classes are this person's."""
    if user.actor.is_staff:
        return "all"
    return "taught" if user.actor.has("instructor") else "attended"
