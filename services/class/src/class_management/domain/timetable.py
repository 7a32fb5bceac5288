"""The timetable of a class: its rhythm, and the whole series of its meetings."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from class_management.domain import policies
from class_management.domain.errors import DateOutOfReach, DurationOutOfRange, TooManyMeetings
from class_management.domain.events import MeetingAdded
from class_management.domain.schedule import Meeting, Schedule, Slot
from class_management.domain.values import MAX_MEETINGS, ClassId, CourseId, UserId


@dataclass(kw_only=True)
class Timetable(AggregateRoot):
    """When a class meets; a root of its own, so that a long series costs nothing to whoever takes a seat.

    `instructor_id` is the class's instructor, who teaches where no substitute does.
    """

    class_id: ClassId
    course_id: CourseId
    instructor_id: UserId
    schedule: Schedule
    meetings: list[Meeting] = field(default_factory=list)

    @property
    def planned(self) -> tuple[Meeting, ...]:
        """The meetings that take place, or did, by number."""
        return tuple(meeting for meeting in self.meetings if meeting.status == "planned")

    @property
    def total_meetings(self) -> int:
        """How many meetings the class has; lessons beyond that number stay locked."""
        return len(self.planned)

    def resize(self, number: int, *, now: datetime, new_id: NewId) -> None:
        """Plan so many meetings; those that stay in the series keep their ids."""
        slots = self.schedule.first_slots(number)
        self.meetings = self.meetings[:number]
        for slot in slots[len(self.meetings) :]:
            self._plan(slot, now=now, new_id=new_id)

    def add_meeting(
        self,
        day: date,
        *,
        local_time: time | None = None,
        duration: timedelta | None = None,
        now: datetime,
        new_id: NewId,
    ) -> Result[Meeting, TooManyMeetings | DateOutOfReach | DurationOutOfRange]:
        """Meet once more, at the usual time and length unless told otherwise; it brings no credit along."""
        if len(self.meetings) >= MAX_MEETINGS:
            return Err(TooManyMeetings(MAX_MEETINGS))
        today = now.astimezone(self.schedule.zone).date()
        if out_of_reach := policies.date_is_within_reach(day, today=today):
            return Err(out_of_reach)
        if impossible := policies.duration_is_possible(duration or self.schedule.duration):
            return Err(impossible)
        slot = self.schedule.slot_on(day, local_time=local_time, duration=duration)
        meeting = self._plan(slot, now=now, new_id=new_id)
        self.record(
            MeetingAdded(
                class_id=self.class_id,
                course_id=self.course_id,
                meeting=meeting,
                total_meetings=self.total_meetings,
            )
        )
        return Ok(meeting)

    def _plan(self, slot: Slot, *, now: datetime, new_id: NewId) -> Meeting:
        number = len(self.meetings) + 1
        meeting = Meeting.at(slot, number=number, instructor_id=self.instructor_id, now=now, new_id=new_id)
        self.meetings.append(meeting)
        return meeting
