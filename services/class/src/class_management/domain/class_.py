"""A class: who teaches whom what, and on which terms."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from class_management.domain import policies
from class_management.domain.errors import (
    AlreadyActivated,
    AlreadyEnrolled,
    CapacityBelowEnrolled,
    ClassFull,
    ClassNotActive,
    EditRefused,
    EnrollmentClosed,
    EnrollmentRefused,
    MeetingsFixed,
    PackageFrozen,
    PlanRefused,
    StaleVersion,
)
from class_management.domain.events import (
    ClassActivated,
    ClassEdited,
    ClassPlanned,
    StudentEnrolled,
)
from class_management.domain.schedule import Schedule
from class_management.domain.timetable import Timetable
from class_management.domain.values import (
    DEFAULT_EXCUSE_DEADLINE,
    DEFAULT_MAKE_UP_DAYS,
    DEFAULT_OFFER_HOURS,
    ClassId,
    ClassStatus,
    ClassType,
    CourseId,
    EnrollmentId,
    UserId,
    ZeroBalance,
)


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A seat. What its student may still spend is kept in the credit account of the same id."""

    id: EnrollmentId
    student_id: UserId
    credits: int
    enrolled_by: UserId
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class PlannedClass:
    """A class with its timetable, two roots that are planned together."""

    class_: "Class"
    timetable: Timetable


@dataclass(kw_only=True)
class Class(AggregateRoot):
    """Students who follow a course together, with one instructor.

    `package` is how many meetings an enrolment pays for. A group class has exactly those; a private one may
    meet more often, paid from what its students have left. `make_up_days` is how long an excused absence can be
    made up for, `credit_days` how long a package can be spent (None: not at all, and for ever).
    """

    name: str
    course_id: CourseId
    instructor_id: UserId
    type: ClassType
    status: ClassStatus = "draft"
    capacity: int
    package: int
    zero_balance: ZeroBalance
    excuse_deadline: timedelta = DEFAULT_EXCUSE_DEADLINE
    make_up_days: int | None = DEFAULT_MAKE_UP_DAYS
    credit_days: int | None = None
    offer_hours: int = DEFAULT_OFFER_HOURS
    created_by: UserId
    created_at: datetime
    activated_at: datetime | None = None
    enrollments: dict[UserId, Enrollment] = field(default_factory=dict)

    @classmethod
    def plan(
        cls,
        *,
        id: ClassId,  # noqa: A002
        name: str,
        course_id: CourseId,
        instructor_id: UserId,
        type: ClassType,  # noqa: A002
        capacity: int,
        package: int,
        zero_balance: ZeroBalance,
        schedule: Schedule,
        by: UserId,
        now: datetime,
        new_id: NewId,
    ) -> Result[PlannedClass, PlanRefused]:
        """Plan a class with the meetings of its package ahead."""
        if refusal := policies.capacity_is_possible(capacity) or policies.package_is_possible(package):
            return Err(refusal)
        class_ = cls(
            id=id,
            name=name,
            course_id=course_id,
            instructor_id=instructor_id,
            type=type,
            capacity=capacity,
            package=package,
            zero_balance=zero_balance,
            created_by=by,
            created_at=now,
        )
        timetable = Timetable(
            id=new_id(), class_id=id, course_id=course_id, instructor_id=instructor_id, schedule=schedule
        )
        timetable.resize(package, now=now, new_id=new_id)
        class_.record(
            ClassPlanned(
                class_id=id,
                course_id=course_id,
                instructor_id=instructor_id,
                type=type,
                capacity=capacity,
                time_zone=schedule.time_zone,
                meetings=timetable.planned,
            )
        )
        return Ok(PlannedClass(class_, timetable))

    @property
    def is_open_for_enrollment(self) -> bool:
        """A group takes students until it starts; a private class until it ends."""
        return self.status == "draft" or (self.type == "private" and self.status == "active")

    @property
    def refusal_of_meetings(self) -> MeetingsFixed | ClassNotActive | None:
        """A private class meets as often as it likes until it ends; a group as often as its package says."""
        if self.type == "group":
            return MeetingsFixed(self.package)
        return None if self.status in ("draft", "active") else ClassNotActive(self.id)

    def edit(
        self,
        timetable: Timetable,
        *,
        name: str | None = None,
        capacity: int | None = None,
        package: int | None = None,
        expected_version: int | None = None,
        now: datetime,
        new_id: NewId,
    ) -> Result["Class", EditRefused]:
        """Change what may still change, and the series with the package; None leaves a thing as it is."""
        name = self.name if name is None else name
        capacity = self.capacity if capacity is None else capacity
        package = self.package if package is None else package
        if expected_version is not None and expected_version != self.version:
            return Err(StaleVersion(self.version))
        if refusal := policies.capacity_is_possible(capacity) or policies.package_is_possible(package):
            return Err(refusal)
        if capacity < len(self.enrollments):
            return Err(CapacityBelowEnrolled(len(self.enrollments)))
        if package != self.package and self.status != "draft":
            return Err(PackageFrozen(self.package))
        if (name, capacity, package) == (self.name, self.capacity, self.package):
            return Ok(self)
        if package != self.package:
            timetable.resize(package, now=now, new_id=new_id)
        self.name, self.capacity, self.package = name, capacity, package
        self.record(
            ClassEdited(
                class_id=self.id,
                course_id=self.course_id,
                capacity=capacity,
                meetings=timetable.planned,
            )
        )
        return Ok(self)

    def enroll(
        self,
        student_id: UserId,
        *,
        by: UserId,
        now: datetime,
        new_id: NewId,
    ) -> Result[Enrollment, EnrollmentRefused]:
        """Give the student a seat and the class's whole package of meetings."""
        if not self.is_open_for_enrollment:
            return Err(EnrollmentClosed(self.id))
        if student_id in self.enrollments:
            return Err(AlreadyEnrolled())
        if len(self.enrollments) >= self.capacity:
            return Err(ClassFull(self.capacity))
        enrollment = Enrollment(new_id(), student_id, credits=self.package, enrolled_by=by, enrolled_at=now)
        self.enrollments[student_id] = enrollment
        self.record(
            StudentEnrolled(
                class_id=self.id,
                course_id=self.course_id,
                student_id=student_id,
                enrollment_id=enrollment.id,
                credits=enrollment.credits,
            )
        )
        return Ok(enrollment)

    def activate(self, *, now: datetime) -> Result["Class", AlreadyActivated]:
        """Let the class begin: its package is frozen, and a group takes no further students."""
        if self.status != "draft":
            return Err(AlreadyActivated(self.id))
        self.status, self.activated_at = "active", now
        self.record(ClassActivated(class_id=self.id, course_id=self.course_id))
        return Ok(self)
