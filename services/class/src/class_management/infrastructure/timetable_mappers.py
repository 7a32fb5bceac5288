"""From timetables and holidays to rows and back."""

from babyowl_chassis.unit_of_work import AggregateMapping, Rows
from class_management.domain.holidays import Holiday
from class_management.domain.schedule import Meeting, Schedule
from class_management.domain.timetable import Timetable
from class_management.infrastructure.mappers import MINUTE, columns, without
from class_management.infrastructure.tables import HolidayRow, MeetingRow, TimetableRow


def timetable_to_rows(timetable: Timetable) -> Rows:
    schedule, of_class = timetable.schedule, {"timetable_id": timetable.id, "class_id": timetable.class_id}
    return {
        TimetableRow: [
            {
                "id": timetable.id,
                "version": timetable.version,
                "class_id": timetable.class_id,
                "course_id": timetable.course_id,
                "instructor_id": timetable.instructor_id,
                "time_zone": schedule.time_zone,
                "first_date": schedule.first_date,
                "local_time": schedule.local_time,
                "weekdays": list(schedule.weekdays),
                "duration_minutes": schedule.duration // MINUTE,
                "total_meetings": timetable.total_meetings,
                "closed_at": timetable.closed_at,
            }
        ],
        MeetingRow: [of_class | columns(meeting) for meeting in timetable.meetings],
    }


def timetable_from_rows(rows: Rows) -> Timetable:
    [root] = rows[TimetableRow]
    meetings = [Meeting(**without(row, "timetable_id", "class_id")) for row in rows[MeetingRow]]
    return Timetable(
        id=root["id"],
        version=root["version"],
        class_id=root["class_id"],
        course_id=root["course_id"],
        instructor_id=root["instructor_id"],
        schedule=Schedule(
            time_zone=root["time_zone"],
            first_date=root["first_date"],
            local_time=root["local_time"],
            weekdays=tuple(root["weekdays"]),
            duration=root["duration_minutes"] * MINUTE,
        ),
        meetings=sorted(meetings, key=lambda meeting: meeting.number),
        closed_at=root["closed_at"],
    )


def holiday_to_rows(holiday: Holiday) -> Rows:
    return {
        HolidayRow: [
            {
                "id": holiday.id,
                "version": holiday.version,
                "name": holiday.name,
                "first_date": holiday.first_date,
                "last_date": holiday.last_date,
                "declared_by": holiday.declared_by,
                "declared_at": holiday.declared_at,
            }
        ]
    }


def holiday_from_rows(rows: Rows) -> Holiday:
    [root] = rows[HolidayRow]
    return Holiday(**root)


TIMETABLES = AggregateMapping(
    root=TimetableRow,
    children={MeetingRow: "timetable_id"},
    to_rows=timetable_to_rows,
    from_rows=timetable_from_rows,
)
HOLIDAYS = AggregateMapping(root=HolidayRow, to_rows=holiday_to_rows, from_rows=holiday_from_rows)
