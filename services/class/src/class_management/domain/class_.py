"""A class: its seats, its meetings, and the lessons it has opened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from class_management.domain import policies
from class_management.domain.courses import CourseOutline
from class_management.domain.errors import (
    AlreadyActivated,
    AlreadyEnrolled,
    CapacityBelowEnrolled,
    ClassFull,
    ClassNotActive,
    EditRefused,
    EnrollmentClosed,
    EnrollmentRefused,
    LessonBeyondMeetings,
    LessonNotInCourse,
    MeetingsFixed,
    NewMeetingRefused,
    OnlyTheInstructorUnlocks,
    PackageFrozen,
    PlanRefused,
    StaleVersion,
    StudentNotEnrolled,
    TooManyMeetings,
    UnlockRefused,
)
from class_management.domain.events import (
    ClassActivated,
    ClassEdited,
    ClassPlanned,
    LessonsUnlocked,
    MeetingAdded,
    StudentEnrolled,
)
from class_management.domain.schedule import Meeting, Schedule
from class_management.domain.values import (
    MAX_MEETINGS,
    ClassId,
    ClassStatus,
    ClassType,
    CourseId,
    EnrollmentId,
    LessonId,
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
class LessonUnlock:
    """A lesson that is open to the whole class, or to one student of it."""

    id: UUID
    lesson_id: LessonId
    student_id: UserId | None
    unlocked_by: UserId
    unlocked_at: datetime


@dataclass(kw_only=True)
class Class(AggregateRoot):
    """Students who follow a course together, with one instructor.

    `package` is how many meetings an enrolment pays for. A group class has exactly those; a private one may
    meet more often, paid from what its students have left.
    """

    name: str
    course_id: CourseId
    instructor_id: UserId
    type: ClassType
    status: ClassStatus = "draft"
    capacity: int
    package: int
    zero_balance: ZeroBalance
    schedule: Schedule
    created_by: UserId
    created_at: datetime
    activated_at: datetime | None = None
    meetings: list[Meeting] = field(default_factory=list)
    enrollments: dict[UserId, Enrollment] = field(default_factory=dict)
    unlocks: list[LessonUnlock] = field(default_factory=list)

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
    ) -> Result["Class", PlanRefused]:
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
            schedule=schedule,
            created_by=by,
            created_at=now,
            meetings=schedule.first_meetings(package, new_id),
        )
        class_.record(
            ClassPlanned(
                class_id=id,
                course_id=course_id,
                instructor_id=instructor_id,
                type=type,
                capacity=capacity,
                time_zone=schedule.time_zone,
                meetings=tuple(class_.meetings),
            )
        )
        return Ok(class_)

    @property
    def total_meetings(self) -> int:
        """How many meetings the class has; lessons beyond that number stay locked."""
        return len(self.meetings)

    @property
    def is_open_for_enrollment(self) -> bool:
        """A group takes students until it starts; a private class until it ends."""
        return self.status == "draft" or (self.type == "private" and self.status == "active")

    def edit(
        self,
        *,
        name: str | None = None,
        capacity: int | None = None,
        package: int | None = None,
        expected_version: int | None = None,
        new_id: NewId,
    ) -> Result["Class", EditRefused]:
        """Change what may still change; None leaves a thing as it is.

        Meetings that stay in the series keep their ids.
        """
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
            planned = self.schedule.first_meetings(package, new_id)
            self.meetings = [*self.meetings[:package], *planned[len(self.meetings) :]]
        self.name, self.capacity, self.package = name, capacity, package
        self.record(
            ClassEdited(
                class_id=self.id,
                course_id=self.course_id,
                capacity=capacity,
                meetings=tuple(self.meetings),
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

    def add_meeting(
        self,
        day: date,
        *,
        local_time: time | None = None,
        duration: timedelta | None = None,
        now: datetime,
        new_id: NewId,
    ) -> Result[Meeting, NewMeetingRefused]:
        """Meet once more, at the usual time and length unless told otherwise; it brings no credit along."""
        if self.type == "group":
            return Err(MeetingsFixed(self.package))
        if self.status == "completed":
            return Err(ClassNotActive(self.id))
        if self.total_meetings >= MAX_MEETINGS:
            return Err(TooManyMeetings(MAX_MEETINGS))
        today = now.astimezone(self.schedule.zone).date()
        if out_of_reach := policies.date_is_within_reach(day, today=today):
            return Err(out_of_reach)
        if impossible := policies.duration_is_possible(duration or self.schedule.duration):
            return Err(impossible)
        meeting = self.schedule.meeting_on(
            day,
            number=self.total_meetings + 1,
            new_id=new_id,
            local_time=local_time,
            duration=duration,
        )
        self.meetings.append(meeting)
        self.record(
            MeetingAdded(
                class_id=self.id,
                course_id=self.course_id,
                meeting=meeting,
                total_meetings=self.total_meetings,
            )
        )
        return Ok(meeting)

    def unlock(
        self,
        lesson_ids: Sequence[LessonId],
        course: CourseOutline,
        *,
        student_id: UserId | None = None,
        by: UserId,
        now: datetime,
        new_id: NewId,
    ) -> Result[tuple[LessonUnlock, ...], UnlockRefused]:
        """Open lessons with all their exercises, to everybody or to one student; what is open stays open.

        Answers the unlocks that came about.
        """
        if by != self.instructor_id:
            return Err(OnlyTheInstructorUnlocks(self.id))
        if student_id is not None and student_id not in self.enrollments:
            return Err(StudentNotEnrolled(student_id))
        for lesson_id in lesson_ids:
            position = course.lessons.get(lesson_id)
            if position is None:
                return Err(LessonNotInCourse(lesson_id))
            if position > self.total_meetings:
                return Err(LessonBeyondMeetings(lesson_id, position, self.total_meetings))
        opened = tuple(
            LessonUnlock(new_id(), lesson_id, student_id, unlocked_by=by, unlocked_at=now)
            for lesson_id in dict.fromkeys(lesson_ids)
            if not self.is_unlocked(lesson_id, student_id)
        )
        if opened:
            self.unlocks += opened
            self.record(
                LessonsUnlocked(
                    class_id=self.id,
                    course_id=self.course_id,
                    lesson_ids=tuple(unlock.lesson_id for unlock in opened),
                    student_id=student_id,
                    unlocked_by=by,
                )
            )
        return Ok(opened)

    def is_unlocked(self, lesson_id: LessonId, student_id: UserId | None) -> bool:
        """Whether the lesson is open to this student; None asks for the class as a whole."""
        return any(
            unlock.lesson_id == lesson_id and unlock.student_id in (None, student_id) for unlock in self.unlocks
        )
