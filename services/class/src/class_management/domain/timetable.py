"""The timetable of a class: its rhythm, and the whole series of its meetings."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from babyowl_kernel import AggregateRoot, Err, NewId, Ok, Result
from class_management.domain import policies
from class_management.domain.errors import ClassOver, MeetingIsOff, MeetingNotFound, TooManyMeetings
from class_management.domain.events import (
    MeetingAdded,
    MeetingCancelled,
    MeetingMoved,
    SeriesEnded,
    SubstituteAssigned,
)
from class_management.domain.schedule import ALWAYS_OPEN, ClosedDays, Meeting, Schedule, Slot
from class_management.domain.schedule_errors import (
    AcademyClosed,
    AddingRefused,
    CancelRefused,
    MeetingAlreadyMarked,
    MeetingFixed,
    MeetingsOverlap,
    MoveRefused,
    NothingToReplan,
    ReplanRefused,
    SlotRefused,
    SubstituteIsTheInstructor,
    SubstituteRefused,
    TimeZoneFixed,
)
from class_management.domain.values import MAX_MEETINGS, PLANNABLE_FUTURE, ClassId, CourseId, MeetingId, UserId


@dataclass(kw_only=True)
class Timetable(AggregateRoot):
    """When a class meets; a root of its own, so that a long series costs nothing to whoever takes a seat.

    `instructor_id` is the class's instructor, who teaches where no substitute does. It is closed with its class.
    Where `marked` is asked for, it is the meetings whose register has been begun: those stay as they are.
    """

    class_id: ClassId
    course_id: CourseId
    instructor_id: UserId
    schedule: Schedule
    meetings: list[Meeting] = field(default_factory=list)
    closed_at: datetime | None = None

    @property
    def planned(self) -> tuple[Meeting, ...]:
        """The meetings that take place, or did, by number."""
        return tuple(meeting for meeting in self.meetings if meeting.status == "planned")

    @property
    def total_meetings(self) -> int:
        """How many meetings the class has; lessons beyond that number stay locked."""
        return len(self.planned)

    def meeting(self, meeting_id: MeetingId) -> Meeting | None:
        """The meeting of this id."""
        return next((meeting for meeting in self.meetings if meeting.id == meeting_id), None)

    def today(self, now: datetime) -> date:
        """The date where the class meets."""
        return now.astimezone(self.schedule.zone).date()

    def horizon(self, now: datetime) -> date:
        """The last date on which a meeting may come instead of another."""
        return max(self._last_date, self.today(now)) + PLANNABLE_FUTURE

    # The series.

    def resize(self, number: int, *, closed: ClosedDays = ALWAYS_OPEN, now: datetime, new_id: NewId) -> None:
        """Plan so many meetings; those that stay in the series keep their ids."""
        dropped = {meeting.id for meeting in self.planned[number:]}
        self.meetings = [meeting for meeting in self.meetings if meeting.id not in dropped]
        last_date = max((meeting.local_date for meeting in self.planned), default=None)
        for slot in islice(self.schedule.slots(after=last_date, closed=closed), number - self.total_meetings):
            self._plan(slot, now=now, new_id=new_id)

    def replan(
        self,
        schedule: Schedule,
        *,
        from_date: date,
        is_draft: bool,
        closed: ClosedDays,
        marked: Collection[MeetingId],
        now: datetime,
    ) -> Result[tuple[Meeting, ...], ReplanRefused]:
        """Let the meetings from a day on follow another rhythm, in the order of their numbers.

        Of a class that runs, only those ahead; a draft has all its meetings ahead. Answers those that moved.
        """
        if self.closed_at is not None:
            return Err(ClassOver(self.class_id))
        due = [meeting for meeting in self.planned if meeting.local_date >= from_date and meeting.id not in marked]
        if not is_draft:
            due = [meeting for meeting in due if meeting.starts_at > now]
        if not due:
            return Err(NothingToReplan(from_date))
        kept = set(self.planned) - set(due)
        if schedule.time_zone != self.schedule.time_zone and kept:
            return Err(TimeZoneFixed(self.schedule.time_zone))
        taken = ClosedDays((*closed.spans, *((meeting.local_date, meeting.local_date) for meeting in kept)))
        ahead = (slot for slot in schedule.slots(closed=taken) if is_draft or slot.starts_at > now)
        free = (slot for slot in ahead if not any(meeting.overlaps(slot) for meeting in kept))
        self.schedule, former = schedule, set(due)
        moved = [self.put(meeting, slot, now=now) for meeting, slot in zip(due, free, strict=False)]
        return Ok(tuple(meeting for meeting in moved if meeting not in former))

    def slots_after_series(self, *, closed: ClosedDays, now: datetime) -> Iterator[Slot]:
        """Where the series would go on: from its end, but not before tomorrow, and not out of reach.

        A meeting that was cancelled counts too, or it would be replaced by itself.
        """
        today = self.today(now)
        for slot in self.schedule.slots(after=max(self._last_date, today), closed=closed):
            if slot.local_date > self.horizon(now):
                return
            if not any(meeting.overlaps(slot) for meeting in self.planned):
                yield slot

    def hit_by(self, first_date: date, last_date: date, *, now: datetime) -> list[Meeting]:
        """Meetings ahead on one of these dates."""
        return [
            meeting
            for meeting in self.planned
            if meeting.starts_at > now and first_date <= meeting.local_date <= last_date
        ]

    def cancel_rest(self, reason: str, *, marked: Collection[MeetingId] = (), now: datetime) -> tuple[Meeting, ...]:
        """End with the class: cancel the meetings that have not begun, and take no others. Answers those cancelled.

        There is no event for each of them; the end of the class tells it all.
        """
        ahead = [m for m in self.planned if m.starts_at > now and m.id not in marked]
        self.closed_at = now
        self.record(SeriesEnded(class_id=self.class_id, cancelled=tuple(m.id for m in ahead)))
        return tuple(self._change(m, status="cancelled", cancel_reason=reason, now=now) for m in ahead)

    def hand_to(self, instructor_id: UserId, *, is_draft: bool, now: datetime) -> tuple[Meeting, ...]:
        """Let the class have another instructor, who teaches the meetings ahead unless a substitute does.

        Answers the meetings they teach.
        """
        self.instructor_id = instructor_id
        due = [
            m for m in self.planned if m.substitute_id in (None, instructor_id) and (is_draft or m.starts_at > now)
        ]
        return tuple(self._change(m, instructor_id=instructor_id, substitute_id=None, now=now) for m in due)

    # One meeting.

    def add_meeting(
        self,
        day: date,
        *,
        local_time: time | None = None,
        duration: timedelta | None = None,
        closed: ClosedDays = ALWAYS_OPEN,
        now: datetime,
        new_id: NewId,
    ) -> Result[Meeting, AddingRefused]:
        """Meet once more, at the usual time and length unless told otherwise; it brings no credit along."""
        slot = self._slot(
            day, local_time or self.schedule.local_time, duration or self.schedule.duration, closed, now
        )
        return slot if isinstance(slot, Err) else self.meet_on(slot.value, now=now, new_id=new_id)

    def meet_on(self, slot: Slot, *, now: datetime, new_id: NewId) -> Result[Meeting, ClassOver | TooManyMeetings]:
        """Meet once more then, instead of a meeting that was cancelled or for its own sake."""
        if self.closed_at is not None:
            return Err(ClassOver(self.class_id))
        if len(self.meetings) >= MAX_MEETINGS:
            return Err(TooManyMeetings(MAX_MEETINGS))
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

    def move(
        self,
        meeting_id: MeetingId,
        *,
        day: date | None = None,
        local_time: time | None = None,
        duration: timedelta | None = None,
        closed: ClosedDays,
        marked: Collection[MeetingId],
        now: datetime,
    ) -> Result[Meeting, MoveRefused]:
        """Meet at another time or for longer; what is left out stays as it is."""
        found = self._changeable(meeting_id)
        if isinstance(found, Err):
            return found
        if meeting_id in marked:
            return Err(MeetingAlreadyMarked(meeting_id))
        meeting = found.value
        slot = self._slot(
            day or meeting.local_date,
            local_time or meeting.local_time,
            duration or meeting.ends_at - meeting.starts_at,
            closed,
            now,
            instead_of=meeting,
        )
        return slot if isinstance(slot, Err) else Ok(self.put(meeting, slot.value, now=now))

    def cancel(
        self, meeting_id: MeetingId, *, reason: str, marked: Collection[MeetingId], now: datetime
    ) -> Result[Meeting, CancelRefused]:
        """Let a meeting not take place; its number is not given again."""
        found = self._changeable(meeting_id)
        if isinstance(found, Err):
            return found
        if meeting_id in marked:
            return Err(MeetingAlreadyMarked(meeting_id))
        cancelled = self._change(found.value, status="cancelled", cancel_reason=reason, now=now)
        self.record(
            MeetingCancelled(
                class_id=self.class_id,
                course_id=self.course_id,
                meeting=cancelled,
                total_meetings=self.total_meetings,
            )
        )
        return Ok(cancelled)

    def substitute(
        self, meeting_id: MeetingId, substitute_id: UserId | None, *, now: datetime
    ) -> Result[Meeting, SubstituteRefused]:
        """Let somebody else teach a meeting; None gives it back to the instructor of the class."""
        found = self._changeable(meeting_id)
        if isinstance(found, Err) or found.value.substitute_id == substitute_id:
            return found
        if substitute_id == self.instructor_id:
            return Err(SubstituteIsTheInstructor(self.instructor_id))
        meeting = self._change(
            found.value, substitute_id=substitute_id, instructor_id=substitute_id or self.instructor_id, now=now
        )
        self.record(
            SubstituteAssigned(
                class_id=self.class_id,
                course_id=self.course_id,
                instructor_id=self.instructor_id,
                meeting=meeting,
            )
        )
        return Ok(meeting)

    @property
    def _last_date(self) -> date:
        """Also of a meeting that is cancelled; a draft whose meetings are not planned yet begins with its rhythm."""
        return max((meeting.local_date for meeting in self.meetings), default=self.schedule.first_date)

    def _changeable(self, meeting_id: MeetingId) -> Result[Meeting, MeetingFixed]:
        meeting = self.meeting(meeting_id)
        if meeting is None:
            return Err(MeetingNotFound(meeting_id))
        if self.closed_at is not None:
            return Err(ClassOver(self.class_id))
        return Err(MeetingIsOff(meeting_id)) if meeting.status == "cancelled" else Ok(meeting)

    def _slot(
        self,
        day: date,
        local_time: time,
        duration: timedelta,
        closed: ClosedDays,
        now: datetime,
        *,
        instead_of: Meeting | None = None,
    ) -> Result[Slot, SlotRefused]:
        today, series_ends = self.today(now), self._last_date
        if out_of_reach := policies.date_is_within_reach(day, today=today, series_ends=series_ends):
            return Err(out_of_reach)
        if impossible := policies.duration_is_possible(duration):
            return Err(impossible)
        if day in closed:
            return Err(AcademyClosed(day))
        slot = self.schedule.slot_on(day, local_time=local_time, duration=duration)
        other = next((m for m in self.planned if m != instead_of and m.overlaps(slot)), None)
        return Err(MeetingsOverlap(other.id, other.number)) if other else Ok(slot)

    def _plan(self, slot: Slot, *, now: datetime, new_id: NewId) -> Meeting:
        number = 1 + max((meeting.number for meeting in self.meetings), default=0)
        meeting = Meeting.at(slot, number=number, instructor_id=self.instructor_id, now=now, new_id=new_id)
        self.meetings.append(meeting)
        return meeting

    def put(self, meeting: Meeting, slot: Slot, *, now: datetime) -> Meeting:
        """Meet then, in a slot that was found free."""
        then = {name: getattr(slot, name) for name in ("local_date", "local_time", "starts_at", "ends_at")}
        moved = self._change(meeting, **then, now=now)
        if moved != meeting:
            self.record(
                MeetingMoved(
                    class_id=self.class_id,
                    course_id=self.course_id,
                    meeting=moved,
                    previous_starts_at=meeting.starts_at,
                )
            )
        return moved

    def _change(self, meeting: Meeting, *, now: datetime, **changes: Any) -> Meeting:
        if replace(meeting, **changes) == meeting:
            return meeting
        changed = replace(meeting, **changes, sequence=meeting.sequence + 1, changed_at=now)
        self.meetings[next(n for n, each in enumerate(self.meetings) if each.id == meeting.id)] = changed
        return changed
