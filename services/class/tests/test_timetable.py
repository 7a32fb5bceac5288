"""Moving, cancelling, replacing and re-planning meetings, and who teaches them: over both stores."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_contracts import class_ as contracts
from babyowl_kernel import Err
from class_management.application.commands.add_meeting import AddMeeting
from class_management.application.commands.assign_substitute import AssignSubstitute
from class_management.application.commands.cancel_meeting import CancelMeeting
from class_management.application.commands.move_meeting import MoveMeeting
from class_management.application.commands.replan_class import ReplanClass
from class_management.domain.errors import (
    ClassNotFound,
    ClassOver,
    DateOutOfReach,
    DurationOutOfRange,
    FirstDateOffSchedule,
    InstructorDeactivated,
    InstructorUnknown,
    MeetingIsOff,
    MeetingNotFound,
    NotAnInstructor,
    NotYourClass,
)
from class_management.domain.schedule import ClosedDays, Meeting
from class_management.domain.schedule_errors import (
    InstructorDoubleBooked,
    MeetingAlreadyMarked,
    MeetingsOverlap,
    NothingToReplan,
    SubstituteIsTheInstructor,
    TimeZoneFixed,
)

from .school import BERLIN, MONDAY, Planned, School, actor

DAY, WEEK, HOUR = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1)


def move(school: School, class_: Planned, meeting: int, **to: Any) -> MoveMeeting:
    return MoveMeeting(class_id=class_.id, meeting_id=class_.meetings[meeting - 1].id, by=school.staff, **to)


def cancel(school: School, class_: Planned, meeting: int, *, again: bool | None = None) -> CancelMeeting:
    return CancelMeeting(
        class_id=class_.id,
        meeting_id=class_.meetings[meeting - 1].id,
        reason="Ina is ill",
        replace=again,
        by=school.staff,
    )


def replan(school: School, class_: Planned, from_date: date, **rhythm: Any) -> ReplanClass:
    usual: dict[str, Any] = {"local_time": time(16), "duration": HOUR}
    return ReplanClass(class_id=class_.id, from_date=from_date, by=school.staff, **usual | rhythm)


def stand_in(school: School, class_: Planned, meeting: int, substitute_id: UUID | None) -> AssignSubstitute:
    return AssignSubstitute(
        class_id=class_.id,
        meeting_id=class_.meetings[meeting - 1].id,
        substitute_id=substitute_id,
        by=school.staff,
    )


async def dates(school: School, class_: Planned) -> list[date]:
    """When the class meets, in the order of the numbers."""
    return [meeting.local_date for meeting in (await school.store.timetable(class_.id)).planned]


async def told(school: School, kind: type[Any]) -> list[Any]:
    return [event for event in await school.store.events() if isinstance(event, kind)]


class TestMoving:
    async def test_a_moved_meeting_keeps_its_place_in_the_series_and_counts_its_changes(self, school: School) -> None:
        class_ = await school.planned()
        wednesday = MONDAY + 2 * DAY
        moved = granted(await school.execute(move(school, class_, 1, local_date=wednesday, local_time=time(9, 30))))
        assert (moved.id, moved.number, moved.sequence) == (class_.meetings[0].id, 1, 1)
        assert moved.starts_at == datetime(2027, 3, 3, 8, 30, tzinfo=UTC)
        assert moved.ends_at - moved.starts_at == HOUR
        again = granted(await school.execute(move(school, class_, 1, duration=2 * HOUR)))
        assert (again.local_date, again.local_time, again.sequence) == (wednesday, time(9, 30), 2)
        assert again.ends_at - again.starts_at == 2 * HOUR
        timetable = await school.store.timetable(class_.id)
        assert timetable.meetings == [again, *class_.meetings[1:]]

    async def test_what_the_others_are_told_of_a_move(self, school: School) -> None:
        class_ = await school.planned()
        granted(await school.execute(move(school, class_, 2, local_date=MONDAY + 8 * DAY)))
        [event] = await told(school, contracts.MeetingMoved)
        former = class_.meetings[1]
        assert (event.class_id, event.meeting.meeting_id, event.meeting.number) == (class_.id, former.id, 2)
        assert (event.previous_starts_at, event.sequence) == (former.starts_at, 1)
        assert event.meeting.starts_at == former.starts_at + DAY
        assert event.meeting_date == MONDAY + 8 * DAY

    async def test_moving_a_meeting_to_where_it_is_changes_nothing(self, school: School) -> None:
        class_ = await school.planned()
        before = await school.store.timetable(class_.id)
        granted(await school.execute(move(school, class_, 1, local_date=MONDAY)))
        assert await school.store.timetable(class_.id) == before
        assert await told(school, contracts.MeetingMoved) == []

    @pytest.mark.parametrize(
        ("local_time", "overlaps"),
        [(time(15), False), (time(15, 1), True), (time(16, 59), True), (time(17), False)],
    )
    async def test_two_meetings_of_a_class_may_touch_but_not_overlap(
        self, school: School, local_time: time, overlaps: bool
    ) -> None:
        class_ = await school.planned()
        outcome = await school.execute(move(school, class_, 2, local_date=MONDAY, local_time=local_time))
        if overlaps:
            assert refusal(outcome) == MeetingsOverlap(class_.meetings[0].id, 1)
        else:
            granted(outcome)

    @pytest.mark.parametrize(
        ("to", "expected"),
        [
            ({"local_date": date(2026, 11, 30)}, DateOutOfReach),
            ({"local_date": date(2029, 3, 1)}, DateOutOfReach),
            ({"duration": timedelta(minutes=14)}, DurationOutOfRange),
            ({"duration": timedelta(minutes=481)}, DurationOutOfRange),
        ],
    )
    async def test_a_meeting_moves_within_the_bounds_of_a_plan(
        self, school: School, to: dict[str, Any], expected: type[Any]
    ) -> None:
        class_ = await school.planned()
        assert isinstance(refusal(await school.execute(move(school, class_, 1, **to))), expected)

    async def test_a_marked_meeting_stays_where_it_is(self, school: School) -> None:
        class_, [student] = await school.running()
        await school.mark(class_, student, "absent")
        outcome = await school.execute(move(school, class_, 1, local_date=MONDAY + DAY))
        assert refusal(outcome) == MeetingAlreadyMarked(class_.meetings[0].id)

    async def test_a_meeting_that_nobody_has_marked_can_be_moved_even_after_its_time(self, school: School) -> None:
        class_, [student] = await school.running()
        granted(await school.execute(move(school, class_, 1, local_date=MONDAY + DAY)))
        school.clock.now += DAY
        await school.mark(class_, student, "present")

    async def test_a_meeting_moves_to_the_same_wall_time_on_the_other_side_of_a_change_of_the_clocks(
        self, school: School
    ) -> None:
        class_ = await school.planned()
        moved = granted(await school.execute(move(school, class_, 4, local_date=date(2027, 3, 31))))
        assert (moved.local_time, moved.starts_at.hour) == (time(16), 14)

    async def test_a_skipped_hour_moves_on_and_a_doubled_one_is_the_first(self, school: School) -> None:
        class_ = await school.planned()
        to = {"local_date": date(2027, 3, 28), "local_time": time(2, 30)}
        skipped = granted(await school.execute(move(school, class_, 4, **to)))
        assert skipped.starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
        to = {"local_date": date(2027, 10, 31), "local_time": time(2, 30)}
        doubled = granted(await school.execute(move(school, class_, 4, **to)))
        assert doubled.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


class TestCancelling:
    async def test_a_group_meets_once_more_at_the_end_of_its_series_instead(self, school: School) -> None:
        class_ = await school.planned()
        cancelled = granted(await school.execute(cancel(school, class_, 3)))
        assert (cancelled.meeting.status, cancelled.meeting.cancel_reason) == ("cancelled", "Ina is ill")
        assert cancelled.replacement is not None
        assert (cancelled.replacement.number, cancelled.replacement.local_date) == (9, MONDAY + 8 * WEEK)
        timetable = await school.store.timetable(class_.id)
        assert (timetable.total_meetings, len(timetable.meetings)) == (8, 9)
        [off], [more] = await told(school, contracts.MeetingCancelled), await told(school, contracts.MeetingAdded)
        assert (off.meeting_id, off.number, off.total_meetings, off.sequence) == (class_.meetings[2].id, 3, 7, 1)
        assert (more.meeting.meeting_id, more.total_meetings) == (cancelled.replacement.id, 8)

    @pytest.mark.parametrize(
        ("type_", "again", "total"),
        [("group", None, 8), ("group", False, 7), ("private", None, 7), ("private", True, 8)],
    )
    async def test_whether_the_series_goes_on_for_it_is_the_offices_to_say(
        self, school: School, type_: str, again: bool | None, total: int
    ) -> None:
        class_ = await school.planned(type=type_)
        granted(await school.execute(cancel(school, class_, 1, again=again)))
        assert (await school.store.timetable(class_.id)).total_meetings == total

    async def test_a_replacement_waits_for_a_date_on_which_the_instructor_is_free(self, school: School) -> None:
        ina = school.instructor.user_id
        other = await school.planned(first_date=MONDAY + 8 * WEEK, local_time=time(16, 30), package=2)
        class_ = await school.planned(instructor_id=ina, local_time=time(16))
        cancelled = granted(await school.execute(cancel(school, class_, 1)))
        assert cancelled.replacement is not None
        assert cancelled.replacement.local_date == other.meetings[-1].local_date + WEEK

    async def test_a_last_meeting_that_is_cancelled_is_not_replaced_by_itself(self, school: School) -> None:
        """A substitute was to teach it, so that its own instructor would be free just then."""
        class_, _ = await school.running()
        last = class_.meetings[-1]
        substitute = AssignSubstitute(
            class_id=class_.id, meeting_id=last.id, substitute_id=await school.register("instructor"), by=school.staff
        )
        granted(await school.execute(substitute))
        replaced = granted(await school.execute(cancel(school, class_, len(class_.meetings))))
        assert replaced.replacement is not None
        assert replaced.replacement.local_date == last.local_date + WEEK

    async def test_the_last_meeting_that_is_cancelled_late_is_replaced_in_the_future(self, school: School) -> None:
        class_, _ = await school.running(package=1)
        school.clock.now += 10 * WEEK
        cancelled = granted(await school.execute(cancel(school, class_, 1)))
        assert cancelled.replacement is not None
        assert cancelled.replacement.local_date == MONDAY + 11 * WEEK

    async def test_what_is_cancelled_is_not_touched_again(self, school: School) -> None:
        class_, [student] = await school.running()
        granted(await school.execute(cancel(school, class_, 1)))
        off = MeetingIsOff(class_.meetings[0].id)
        for command in (
            cancel(school, class_, 1),
            move(school, class_, 1, local_date=MONDAY + DAY),
            stand_in(school, class_, 1, await school.register("instructor")),
            school.marking(class_, student, "present"),
        ):
            assert refusal(await school.execute(command)) == off

    async def test_a_marked_meeting_took_place_and_cannot_be_cancelled(self, school: School) -> None:
        class_, [student] = await school.running()
        await school.mark(class_, student, "excused")
        outcome = await school.execute(cancel(school, class_, 1))
        assert refusal(outcome) == MeetingAlreadyMarked(class_.meetings[0].id)

    async def test_a_cancelled_meeting_frees_its_time(self, school: School) -> None:
        class_ = await school.planned(type="private")
        granted(await school.execute(cancel(school, class_, 1)))
        added = await school.execute(AddMeeting(class_id=class_.id, local_date=MONDAY, by=school.staff))
        assert granted(added).starts_at == class_.meetings[0].starts_at

    async def test_meetings_of_a_class_that_is_over_stay_as_they_are(self, school: School) -> None:
        class_ = await school.planned(type="private")
        timetable = await school.store.timetable(class_.id)
        marked = timetable.meetings[1].id
        cancelled = timetable.cancel_rest("It is over", marked=[marked], now=school.clock())
        assert [meeting.number for meeting in cancelled] == [1, 3, 4, 5, 6, 7, 8]
        assert [meeting.number for meeting in timetable.planned] == [2]
        at: dict[str, Any] = {"closed": ClosedDays(), "now": school.clock()}
        over = ClassOver(class_.id)
        assert refusal(timetable.move(marked, day=MONDAY, marked=(), **at)) == over
        assert refusal(timetable.cancel(marked, reason="", marked=(), now=school.clock())) == over
        assert refusal(timetable.add_meeting(MONDAY + DAY, new_id=new_id, **at)) == over


class TestReplanning:
    async def test_a_draft_is_planned_anew_from_its_first_day_and_its_meetings_keep_their_ids(
        self, school: School
    ) -> None:
        class_ = await school.planned()
        wednesday = MONDAY + 2 * DAY
        replanned = granted(
            await school.execute(replan(school, class_, MONDAY, first_date=wednesday, weekdays=(3, 5)))
        )
        assert len(replanned.moved) == 8
        timetable = await school.store.timetable(class_.id)
        assert [meeting.id for meeting in timetable.meetings] == [meeting.id for meeting in class_.meetings]
        assert {meeting.local_date.isoweekday() for meeting in timetable.meetings} == {3, 5}
        assert timetable.meetings[0].local_date == wednesday == timetable.schedule.first_date
        assert {meeting.sequence for meeting in timetable.meetings} == {1}
        assert len(await told(school, contracts.MeetingMoved)) == 8

    async def test_of_a_class_that_runs_only_meetings_ahead_move_and_those_before_the_day_stay(
        self, school: School
    ) -> None:
        class_, _ = await school.running()
        tuesday = MONDAY + 3 * WEEK + DAY
        granted(await school.execute(replan(school, class_, MONDAY + 2 * WEEK, first_date=tuesday, weekdays=(2,))))
        assert await dates(school, class_) == [MONDAY, MONDAY + WEEK, *(tuesday + n * WEEK for n in range(6))]

    async def test_the_rhythm_begins_with_the_first_of_its_weekdays(self, school: School) -> None:
        class_ = await school.planned(package=2)
        granted(await school.execute(replan(school, class_, MONDAY, weekdays=(5,))))
        assert await dates(school, class_) == [MONDAY + 4 * DAY, MONDAY + 4 * DAY + WEEK]

    async def test_a_marked_meeting_stays_and_its_day_is_not_used_twice(self, school: School) -> None:
        class_, [student] = await school.running(package=3, local_time=time(8))
        school.clock.now += WEEK - timedelta(hours=10)
        await school.mark(class_, student, "late", meeting=2)
        granted(await school.execute(replan(school, class_, MONDAY + WEEK, local_time=time(18), weekdays=(1, 2))))
        timetable = await school.store.timetable(class_.id)
        assert timetable.meetings[:2] == class_.meetings[:2]
        assert timetable.meetings[2].local_date == MONDAY + WEEK + DAY

    async def test_a_night_that_reaches_into_the_next_day_is_in_its_way(self, school: School) -> None:
        class_ = await school.planned(package=2, local_time=time(22))
        granted(await school.execute(move(school, class_, 1, duration=timedelta(hours=8))))
        granted(await school.execute(stand_in(school, class_, 1, await school.register("instructor"))))
        granted(await school.execute(replan(school, class_, MONDAY + DAY, local_time=time(5), weekdays=(2, 3))))
        assert await dates(school, class_) == [MONDAY, MONDAY + 2 * DAY]

    async def test_a_series_that_moves_onto_its_own_former_dates_is_in_nobodys_way(self, school: School) -> None:
        class_ = await school.planned()
        granted(await school.execute(replan(school, class_, MONDAY, first_date=MONDAY + WEEK, weekdays=(1,))))
        assert await dates(school, class_) == [MONDAY + n * WEEK for n in range(1, 9)]

    async def test_a_class_that_runs_is_not_planned_anew_in_the_past(self, school: School) -> None:
        class_, _ = await school.running()
        outcome = await school.execute(replan(school, class_, MONDAY - DAY))
        assert refusal(outcome) == DateOutOfReach(MONDAY, MONDAY + timedelta(days=730))

    async def test_a_rhythm_that_no_meeting_is_left_to_follow_is_refused(self, school: School) -> None:
        class_, _ = await school.running()
        after = class_.meetings[-1].local_date + DAY
        outcome = await school.execute(replan(school, class_, after))
        assert refusal(outcome) == NothingToReplan(after)
        assert (await school.store.timetable(class_.id)).schedule == class_.timetable.schedule

    async def test_a_series_longer_than_the_reach_is_changed_to_its_end(self, school: School) -> None:
        class_ = await school.planned(package=200)
        last = class_.meetings[-1]
        assert last.local_date > MONDAY + timedelta(days=730)
        moved = granted(await school.execute(move(school, class_, 200, local_time=time(18))))
        assert (moved.local_date, moved.local_time) == (last.local_date, time(18))
        replaced = granted(await school.execute(cancel(school, class_, 199)))
        assert replaced.replacement is not None
        assert replaced.replacement.local_date == last.local_date + WEEK

    async def test_the_zone_changes_only_where_no_meeting_stays_behind(self, school: School) -> None:
        draft = await school.planned()
        granted(await school.execute(replan(school, draft, MONDAY, time_zone="America/New_York")))
        timetable = await school.store.timetable(draft.id)
        assert timetable.meetings[0].starts_at.astimezone(ZoneInfo("America/New_York")).time() == time(16)
        running, _ = await school.running()
        outcome = await school.execute(replan(school, running, MONDAY + WEEK, time_zone="America/New_York"))
        assert refusal(outcome) == TimeZoneFixed(BERLIN)

    async def test_the_first_date_falls_on_one_of_the_weekdays_and_not_before_the_day(self, school: School) -> None:
        class_ = await school.planned()
        off = replan(school, class_, MONDAY, first_date=MONDAY + DAY, weekdays=(1,))
        assert refusal(await school.execute(off)) == FirstDateOffSchedule(MONDAY + DAY)
        before = replan(school, class_, MONDAY + WEEK, first_date=MONDAY)
        assert isinstance(refusal(await school.execute(before)), DateOutOfReach)

    async def test_a_longer_package_goes_on_in_the_new_rhythm(self, school: School) -> None:
        class_ = await school.planned(package=2)
        granted(await school.execute(replan(school, class_, MONDAY, weekdays=(4,))))
        granted(await school.execute(school.edit(class_.id, package=3)))
        thursday = MONDAY + 3 * DAY
        assert await dates(school, class_) == [thursday, thursday + WEEK, thursday + 2 * WEEK]


class TestSubstitutes:
    async def test_a_substitute_teaches_one_meeting_and_keeps_its_register(self, school: School) -> None:
        class_, [student] = await school.running()
        otto = actor("instructor", await school.register("instructor"))
        meeting = granted(await school.execute(stand_in(school, class_, 1, otto.user_id)))
        assert (meeting.instructor_id, meeting.substitute_id, meeting.sequence) == (otto.user_id, otto.user_id, 1)
        granted(await school.execute(school.marking(class_, student, "present", by=otto)))
        school.clock.now += WEEK
        elsewhere = await school.execute(school.marking(class_, student, "present", meeting=2, by=otto))
        assert refusal(elsewhere) == NotYourClass(class_.id)
        [event] = await told(school, contracts.SubstituteAssigned)
        assert (event.meeting_id, event.meeting_date) == (meeting.id, MONDAY)
        assert (event.instructor_id, event.substitute_id) == (school.instructor.user_id, otto.user_id)

    async def test_a_meeting_goes_back_to_its_instructor(self, school: School) -> None:
        class_ = await school.planned()
        granted(await school.execute(stand_in(school, class_, 1, await school.register("instructor"))))
        back = granted(await school.execute(stand_in(school, class_, 1, None)))
        assert (back.instructor_id, back.substitute_id, back.sequence) == (school.instructor.user_id, None, 2)
        assert [event.substitute_id is None for event in await told(school, contracts.SubstituteAssigned)] == [
            False,
            True,
        ]

    async def test_the_same_substitute_again_changes_nothing(self, school: School) -> None:
        class_, otto = await school.planned(), await school.register("instructor")
        first = granted(await school.execute(stand_in(school, class_, 1, otto)))
        assert granted(await school.execute(stand_in(school, class_, 1, otto))) == first
        assert len(await told(school, contracts.SubstituteAssigned)) == 1

    @pytest.mark.parametrize(
        ("role", "status", "expected"),
        [
            (None, "", InstructorUnknown),
            ("student", "active", NotAnInstructor),
            ("instructor", "deactivated", InstructorDeactivated),
        ],
    )
    async def test_a_substitute_is_an_instructor_with_an_account(
        self, school: School, role: str | None, status: str, expected: type[Any]
    ) -> None:
        class_, person = await school.planned(), new_id()
        if role is not None:
            await school.register(role, person, status)
        assert refusal(await school.execute(stand_in(school, class_, 1, person))) == expected(person)

    async def test_nobody_stands_in_for_themselves(self, school: School) -> None:
        class_, ina = await school.planned(), school.instructor.user_id
        assert refusal(await school.execute(stand_in(school, class_, 1, ina))) == SubstituteIsTheInstructor(ina)

    async def test_another_instructor_takes_over_the_meetings_ahead_that_have_no_substitute(
        self, school: School
    ) -> None:
        class_, _ = await school.running(package=4)
        otto, uma = await school.register("instructor"), await school.register("instructor")
        granted(await school.execute(stand_in(school, class_, 2, uma)))
        granted(await school.execute(stand_in(school, class_, 3, otto)))
        granted(await school.execute(school.edit(class_.id, instructor_id=otto)))
        timetable = await school.store.timetable(class_.id)
        assert [(m.instructor_id, m.substitute_id) for m in timetable.meetings] == [
            (school.instructor.user_id, None),
            (uma, uma),
            (otto, None),
            (otto, None),
        ]


class TestDoubleBooking:
    async def booked(self, school: School, meeting: Meeting, class_id: UUID) -> InstructorDoubleBooked:
        return InstructorDoubleBooked(meeting.instructor_id, class_id, meeting.id, meeting.starts_at)

    @pytest.mark.parametrize(
        ("local_time", "free"), [(time(15), True), (time(15, 1), False), (time(16, 59), False), (time(17), True)]
    )
    async def test_an_instructor_teaches_one_meeting_after_the_other(
        self, school: School, local_time: time, free: bool
    ) -> None:
        first = await school.planned()
        outcome = await school.execute(school.plan(local_time=local_time))
        if free:
            granted(outcome)
        else:
            assert refusal(outcome) == await self.booked(school, first.meetings[0], first.id)

    async def test_the_clash_is_named_by_class_and_meeting_whatever_brings_it_about(self, school: School) -> None:
        first = await school.planned()
        ina = school.instructor.user_id
        second = await school.planned(instructor_id=ina, type="private", first_date=MONDAY + DAY, local_time=time(16))
        third = await school.planned(instructor_id=await school.register("instructor"))
        in_the_way = [await self.booked(school, meeting, first.id) for meeting in first.meetings]
        for command, clash in (
            (move(school, second, 1, local_date=MONDAY), in_the_way[0]),
            (AddMeeting(class_id=second.id, local_date=MONDAY + WEEK, by=school.staff), in_the_way[1]),
            (replan(school, second, MONDAY, weekdays=(1,)), in_the_way[0]),
            (stand_in(school, third, 3, ina), in_the_way[2]),
            (school.edit(third.id, instructor_id=ina), in_the_way[0]),
        ):
            assert refusal(await school.execute(command)) == clash

    async def test_a_package_that_grows_into_another_class_is_refused(self, school: School) -> None:
        first = await school.planned(package=2)
        ina, then = school.instructor.user_id, MONDAY + 2 * WEEK
        second = await school.planned(instructor_id=ina, first_date=then, local_time=time(16, 15))
        grown = await school.execute(school.edit(first.id, package=3))
        assert refusal(grown) == await self.booked(school, second.meetings[0], second.id)

    async def test_a_substitute_has_no_time_for_their_own_class_then_and_the_instructor_has(
        self, school: School
    ) -> None:
        first, otto = await school.planned(package=1), await school.register("instructor")
        granted(await school.execute(stand_in(school, first, 1, otto)))
        taught = granted(await school.execute(school.plan(local_time=time(16), package=1)))
        assert taught.timetable.meetings[0].starts_at == first.meetings[0].starts_at
        outcome = await school.execute(school.plan(local_time=time(16), package=1, instructor_id=otto))
        substituted = replace(first.meetings[0], instructor_id=otto)
        assert refusal(outcome) == await self.booked(school, substituted, first.id)

    async def test_a_class_that_is_called_off_gives_its_instructor_the_time_back(self, school: School) -> None:
        first = await school.planned()
        granted(await school.execute(school.cancelling(first.id)))
        again = granted(await school.execute(school.plan(local_time=time(16))))
        assert again.timetable.meetings[0].starts_at == first.meetings[0].starts_at


async def test_what_is_not_there_is_not_found(school: School) -> None:
    class_, other = await school.planned(), await school.planned()
    for command in (
        move(school, class_, 1, local_date=MONDAY),
        cancel(school, class_, 1),
        stand_in(school, class_, 1, None),
    ):
        unknown = new_id()
        assert await school.execute(replace(command, class_id=unknown)) == Err(ClassNotFound(unknown))
        for elsewhere in (new_id(), other.meetings[0].id):
            outcome = await school.execute(replace(command, meeting_id=elsewhere))
            assert outcome == Err(MeetingNotFound(elsewhere))
    assert await school.execute(replace(replan(school, class_, MONDAY), class_id=unknown)) == Err(
        ClassNotFound(unknown)
    )
