"""The life of a class, from its plan to its end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from babyowl_contracts.class_.meetings import PlannedMeeting
from babyowl_contracts.event import Event

ClassType = Literal["group", "private"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCreated(Event, type="class.ClassCreated.v1"):
    """A class of a course is planned. `time_zone` is the IANA zone its wall times are kept in."""

    class_id: UUID
    course_id: UUID
    instructor_id: UUID
    class_type: ClassType
    capacity: int
    total_meetings: int
    time_zone: str
    meetings: tuple[PlannedMeeting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassEdited(Event, type="class.ClassEdited.v1"):
    """A class has another instructor, other seats or other meetings; all that it has now.

    The latest counts: the one with the greatest `aggregateseq` of its envelope. Without an `instructor_id`
    the instructor is who it was.
    """

    class_id: UUID
    course_id: UUID
    capacity: int
    total_meetings: int
    meetings: tuple[PlannedMeeting, ...]
    instructor_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassActivated(Event, type="class.ClassActivated.v1"):
    """The class runs; a group class takes no further students."""

    class_id: UUID
    course_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsLeft:
    """What a student of a class that ended had not spent; below zero it is owed."""

    student_id: UUID
    enrollment_id: UUID
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCompleted(Event, type="class.ClassCompleted.v1"):
    """The class has come to its end, and this is its summary.

    `students` had a seat when it ended. Of `meetings_planned`, `meetings_held` have taken place; `attended` of
    the `marked` attendances are present or late. `attendance_basis_points` is their share in hundredths of a
    percent (9286 is 92.86 %), None if nobody was ever marked. Marks that are corrected later are not in it.
    """

    class_id: UUID
    course_id: UUID
    instructor_id: UUID
    completed_at: datetime
    meetings_held: int
    meetings_planned: int
    students: int
    attended: int
    marked: int
    attendance_basis_points: int | None
    credits_left: tuple[CreditsLeft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCancelled(Event, type="class.ClassCancelled.v1"):
    """The class does not take place, or not any longer; neither do the meetings it still had ahead."""

    class_id: UUID
    course_id: UUID
