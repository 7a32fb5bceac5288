"""The days on which nobody meets: planning around them, and moving what was planned before."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_chassis.testing import granted, refusal
from babyowl_contracts import class_ as contracts
from class_management.application.commands.add_meeting import AddMeeting
from class_management.application.commands.cancel_meeting import CancelMeeting
from class_management.application.commands.declare_holiday import DeclaredHoliday, DeclareHoliday
from class_management.application.commands.move_meeting import MoveMeeting
from class_management.application.commands.observe_holiday import ObserveHoliday
from class_management.application.commands.replan_class import ReplanClass
from class_management.application.commands.withdraw_holiday import WithdrawHoliday
from class_management.domain.errors import ClassNotFound, ClassOver, DateOutOfReach
from class_management.domain.schedule_errors import AcademyClosed, HolidayNotFound, HolidayOutOfRange

from .school import MONDAY, Planned, School

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
THIRD_MONDAY = MONDAY + 2 * WEEK


def holiday(school: School, first_date: date, last_date: date | None = None) -> DeclareHoliday:
    return DeclareHoliday(
        name="Spring break", first_date=first_date, last_date=last_date or first_date, by=school.staff
    )


async def declared(school: School, first_date: date, last_date: date | None = None) -> DeclaredHoliday:
    return granted(await school.execute(holiday(school, first_date, last_date)))


def observance(school: School, holiday_id: UUID, class_id: UUID) -> ObserveHoliday:
    return ObserveHoliday(holiday_id=holiday_id, class_id=class_id, by=school.staff)


async def dates(school: School, class_: Planned) -> list[date]:
    return [meeting.local_date for meeting in (await school.store.timetable(class_.id)).planned]


class TestPlanning:
    async def test_a_series_leaves_the_holidays_out_and_goes_on_for_longer(self, school: School) -> None:
        await declared(school, MONDAY + WEEK, THIRD_MONDAY)
        class_ = await school.planned(package=3)
        assert await dates(school, class_) == [MONDAY, MONDAY + 3 * WEEK, MONDAY + 4 * WEEK]

    @pytest.mark.parametrize(
        ("first", "last", "skipped"),
        [(0, 0, True), (-1, 1, True), (1, 6, False), (-6, -1, False), (-6, 0, True), (0, 6, True)],
    )
    async def test_first_and_last_day_are_part_of_a_holiday(
        self, school: School, first: int, last: int, skipped: bool
    ) -> None:
        await declared(school, THIRD_MONDAY + first * DAY, THIRD_MONDAY + last * DAY)
        class_ = await school.planned(package=4)
        assert (THIRD_MONDAY not in await dates(school, class_)) == skipped

    async def test_a_class_that_would_begin_on_a_holiday_begins_after_it(self, school: School) -> None:
        await declared(school, MONDAY)
        assert await dates(school, await school.planned(package=2)) == [MONDAY + WEEK, THIRD_MONDAY]

    async def test_nobody_is_asked_to_meet_on_a_holiday(self, school: School) -> None:
        class_ = await school.planned(type="private")
        sunday = MONDAY + 6 * DAY
        await declared(school, sunday)
        add = AddMeeting(class_id=class_.id, local_date=sunday, by=school.staff)
        move = MoveMeeting(class_id=class_.id, meeting_id=class_.meetings[0].id, local_date=sunday, by=school.staff)
        for command in (add, move):
            assert refusal(await school.execute(command)) == AcademyClosed(sunday)

    async def test_a_replacement_and_a_new_rhythm_leave_the_holidays_out_too(self, school: School) -> None:
        class_ = await school.planned(package=3)
        await declared(school, MONDAY + 3 * WEEK)
        cancel = CancelMeeting(class_id=class_.id, meeting_id=class_.meetings[0].id, reason="Snow", by=school.staff)
        replacement = granted(await school.execute(cancel)).replacement
        assert replacement is not None
        assert replacement.local_date == MONDAY + 4 * WEEK
        tuesday = MONDAY + WEEK + DAY
        await declared(school, tuesday + WEEK)
        replan = ReplanClass(
            class_id=class_.id,
            from_date=tuesday - DAY,
            local_time=replacement.local_time,
            weekdays=(2,),
            duration=replacement.ends_at - replacement.starts_at,
            by=school.staff,
        )
        granted(await school.execute(replan))
        assert await dates(school, class_) == [tuesday, tuesday + 2 * WEEK, tuesday + 3 * WEEK]

    async def test_a_longer_package_of_a_draft_leaves_the_holidays_out(self, school: School) -> None:
        class_ = await school.planned(package=2)
        await declared(school, THIRD_MONDAY)
        granted(await school.execute(school.edit(class_.id, package=3)))
        assert (await dates(school, class_))[-1] == MONDAY + 3 * WEEK


class TestDeclaring:
    @pytest.mark.parametrize(
        ("first", "last", "expected"),
        [
            (date(2027, 3, 2), date(2027, 3, 1), HolidayOutOfRange(92)),
            (date(2027, 3, 1), date(2027, 6, 1), HolidayOutOfRange(92)),
            (date(2026, 11, 30), date(2026, 12, 2), DateOutOfReach(date(2026, 12, 1), date(2029, 2, 28))),
            (date(2029, 2, 28), date(2029, 3, 1), DateOutOfReach(date(2026, 12, 1), date(2029, 2, 28))),
        ],
    )
    async def test_a_holiday_lasts_a_season_at_most_and_lies_within_reach(
        self, school: School, first: date, last: date, expected: object
    ) -> None:
        assert refusal(await school.execute(holiday(school, first, last))) == expected

    @pytest.mark.parametrize("last", [date(2027, 3, 1), date(2027, 5, 31)])
    async def test_the_bounds_themselves_are_allowed(self, school: School, last: date) -> None:
        granted(await school.execute(holiday(school, date(2027, 3, 1), last)))

    async def test_whoever_declares_one_learns_how_many_meetings_it_hits(self, school: School) -> None:
        for _ in range(2):
            await school.planned()
        hit = await declared(school, MONDAY + WEEK, THIRD_MONDAY)
        assert hit.meetings_hit == 4
        [event] = [e for e in await school.store.events() if isinstance(e, contracts.HolidayDeclared)]
        assert (event.holiday_id, event.first_date, event.last_date) == (
            hit.holiday.id,
            MONDAY + WEEK,
            THIRD_MONDAY,
        )

    async def test_meetings_that_have_begun_are_not_hit(self, school: School) -> None:
        await school.running()
        assert (await declared(school, MONDAY, MONDAY + WEEK)).meetings_hit == 1

    async def test_a_holiday_that_is_withdrawn_closes_nothing_any_more(self, school: School) -> None:
        gone = (await declared(school, MONDAY)).holiday.id
        granted(await school.execute(WithdrawHoliday(holiday_id=gone, by=school.staff)))
        assert (await dates(school, await school.planned()))[0] == MONDAY
        again = await school.execute(WithdrawHoliday(holiday_id=gone, by=school.staff))
        assert refusal(again) == HolidayNotFound(gone)
        [event] = [e for e in await school.store.events() if isinstance(e, contracts.HolidayWithdrawn)]
        assert (event.holiday_id, event.first_date, event.last_date) == (gone, MONDAY, MONDAY)


class TestObserving:
    async def test_meetings_on_a_holiday_move_to_the_end_of_their_series(self, school: School) -> None:
        class_ = await school.planned(package=4)
        closed = await declared(school, MONDAY + WEEK, THIRD_MONDAY)
        moved = granted(await school.execute(observance(school, closed.holiday.id, class_.id)))
        assert [(meeting.number, meeting.local_date) for meeting in moved] == [
            (2, MONDAY + 4 * WEEK),
            (3, MONDAY + 5 * WEEK),
        ]
        assert [meeting.id for meeting in moved] == [meeting.id for meeting in class_.meetings[1:3]]
        assert (await school.store.timetable(class_.id)).total_meetings == 4
        told = [e for e in await school.store.events() if isinstance(e, contracts.MeetingMoved)]
        assert [event.meeting.number for event in told] == [2, 3]

    async def test_observing_a_holiday_twice_is_observing_it_once(self, school: School) -> None:
        class_ = await school.planned()
        closed = await declared(school, THIRD_MONDAY)
        granted(await school.execute(observance(school, closed.holiday.id, class_.id)))
        before = await school.store.timetable(class_.id)
        assert granted(await school.execute(observance(school, closed.holiday.id, class_.id))) == ()
        assert await school.store.timetable(class_.id) == before

    async def test_a_meeting_makes_way_to_a_date_on_which_its_teacher_is_free(self, school: School) -> None:
        class_ = await school.planned(package=2)
        after_the_series = {"first_date": THIRD_MONDAY, "package": 1, "local_time": class_.meetings[0].local_time}
        await school.planned(instructor_id=school.instructor.user_id, **after_the_series)
        closed = await declared(school, MONDAY)
        [moved] = granted(await school.execute(observance(school, closed.holiday.id, class_.id)))
        assert moved.local_date == MONDAY + 3 * WEEK

    async def test_a_marked_meeting_and_one_that_has_begun_stay_where_they_are(self, school: School) -> None:
        class_, [student] = await school.running(package=3)
        school.clock.now = class_.meetings[1].starts_at - timedelta(minutes=5)
        await school.mark(class_, student, "present", meeting=2)
        closed = await declared(school, MONDAY, THIRD_MONDAY)
        [moved] = granted(await school.execute(observance(school, closed.holiday.id, class_.id)))
        assert moved.number == 3

    async def test_what_is_not_there_is_not_found(self, school: School) -> None:
        class_, closed, unknown = await school.planned(), await declared(school, MONDAY), new_id()
        assert refusal(await school.execute(observance(school, unknown, class_.id))) == HolidayNotFound(unknown)
        nowhere = await school.execute(observance(school, closed.holiday.id, unknown))
        assert refusal(nowhere) == ClassNotFound(unknown)

    async def test_a_class_that_is_over_has_nothing_to_move(self, school: School) -> None:
        class_, _ = await school.running()
        closed = await declared(school, THIRD_MONDAY)
        granted(await school.execute(school.cancelling(class_.id)))
        outcome = await school.execute(observance(school, closed.holiday.id, class_.id))
        assert refusal(outcome) == ClassOver(class_.id)


@pytest.mark.parametrize(("zone", "hit"), [("Pacific/Kiritimati", 1), ("Pacific/Pago_Pago", 1)])
async def test_each_class_reads_a_holiday_in_its_own_zone(school: School, zone: str, hit: int) -> None:
    """Twenty-five hours lie between the two, and both have their Monday off."""
    class_ = await school.planned(time_zone=zone, package=2)
    closed = await declared(school, MONDAY + WEEK)
    assert closed.meetings_hit == hit
    granted(await school.execute(observance(school, closed.holiday.id, class_.id)))
    assert await dates(school, class_) == [MONDAY, THIRD_MONDAY]
