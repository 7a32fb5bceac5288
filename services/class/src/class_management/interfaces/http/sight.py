"""What a viewer may see of a class, always from this service's own data.

The office sees everything, an instructor the classes they teach, a student their own share of the classes they
attend. Who stands in at a meeting sees what they need for it, who has left what is their own, a guest that meeting.
What is not theirs answers 404, as if it were not there; acting on it answers 403.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from babyowl_chassis.auth import Principal
from babyowl_chassis.http import CurrentUser, Reader, refused
from babyowl_chassis.sql import Connection
from class_management.domain.errors import ClassNotFound, StudentNotEnrolled
from class_management.queries.classes import Scope
from class_management.queries.reach import Reach, reach_of, reach_of_meeting


@dataclass(frozen=True, slots=True)
class Sight:
    """A class in view.

    `only` is the one student who may be looked at, None for all of them. Who `stands_in` sees no accounts. Who has
    left sees nothing that came after `left_at`.
    """

    class_id: UUID
    only: UUID | None
    stands_in: bool = False
    left_at: datetime | None = None

    def of_everybody(self) -> None:
        """Refuse who may look at themselves only."""
        if self.only is not None:
            raise refused(ClassNotFound(self.class_id))

    def of_student(self, student_id: UUID) -> None:
        """Refuse who may look at somebody else only."""
        if self.only not in (None, student_id):
            raise refused(StudentNotEnrolled(student_id))

    def of_accounts(self) -> None:
        """Refuse who only stands in: what people paid, wait for, and came and went for is not theirs to know."""
        if self.stands_in:
            raise refused(ClassNotFound(self.class_id))


async def _sight(class_id: UUID, db: Reader, user: CurrentUser) -> Sight:
    reach = await _reach(db, class_id, user)
    return _found(class_id, _of_members(class_id, user, reach))


async def _sight_of_own(class_id: UUID, db: Reader, user: CurrentUser) -> Sight:
    reach = await _reach(db, class_id, user)
    return _found(class_id, _of_members(class_id, user, reach) or _of_former(class_id, user, reach))


async def _sight_of_meeting(class_id: UUID, meeting_id: UUID, db: Reader, user: CurrentUser) -> Sight:
    reach = await _reach(db, class_id, user)
    member = _of_members(class_id, user, reach)
    return member or _found(class_id, await _of_guests(db, class_id, meeting_id, user))


async def _sight_of_mark(class_id: UUID, meeting_id: UUID, db: Reader, user: CurrentUser) -> Sight:
    reach = await _reach(db, class_id, user)
    member = _of_members(class_id, user, reach)
    if member is not None and member.stands_in:
        there = await reach_of_meeting(db, class_id, user.user_id, meeting_id)
        return _found(class_id, member if there is not None and there.stands_in else None)
    sight = member or _of_former(class_id, user, reach)
    return sight or _found(class_id, await _of_guests(db, class_id, meeting_id, user))


async def _reach(db: Connection, class_id: UUID, user: Principal) -> Reach:
    reach = await reach_of(db, class_id, user.user_id)
    if reach is None:
        raise refused(ClassNotFound(class_id))
    return reach


def _found(class_id: UUID, sight: Sight | None) -> Sight:
    if sight is None:
        raise refused(ClassNotFound(class_id))
    return sight


def _of_members(class_id: UUID, user: Principal, reach: Reach) -> Sight | None:
    """Of who belongs to the class now, and of the office."""
    # Who was made something else since still stands in the class as its instructor, and sees no children by that.
    is_instructor = user.actor.has("instructor")
    if user.actor.is_staff or (is_instructor and reach.teaches):
        return Sight(class_id, only=None)
    if is_instructor and reach.stands_in:
        return Sight(class_id, only=None, stands_in=True)
    return Sight(class_id, only=user.user_id) if reach.enrolled else None


def _of_former(class_id: UUID, user: Principal, reach: Reach) -> Sight | None:
    """Of who had a seat once."""
    return None if reach.left_at is None else Sight(class_id, only=user.user_id, left_at=reach.left_at)


async def _of_guests(db: Connection, class_id: UUID, meeting_id: UUID, user: Principal) -> Sight | None:
    """Of who makes up for a meeting of their own at this one."""
    there = await reach_of_meeting(db, class_id, user.user_id, meeting_id)
    return Sight(class_id, only=user.user_id) if there is not None and there.guest else None


TheSight = Annotated[Sight, Depends(_sight)]
"""Of the class as it lives on."""

TheSightOfOwn = Annotated[Sight, Depends(_sight_of_own)]
"""Also of who has left, for what is about them alone."""

TheSightOfMeeting = Annotated[Sight, Depends(_sight_of_meeting)]
"""Also of the guests of the meeting."""

TheSightOfMark = Annotated[Sight, Depends(_sight_of_mark)]
"""Also of who has left, and of the guests of the meeting; of who stands in only if it is at this meeting."""


def scope_of(user: Principal) -> Scope:
    """Which classes are this person's."""
    if user.actor.is_staff:
        return "all"
    return "taught" if user.actor.has("instructor") else "attended"
