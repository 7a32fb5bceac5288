"""Every command and who carries it out."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from babyowl_kernel import Command
from class_management.application.commands.activate_class import ActivateClass, activate_class
from class_management.application.commands.add_meeting import AddMeeting, add_meeting
from class_management.application.commands.adjust_credits import AdjustCredits, adjust_credits
from class_management.application.commands.edit_class import EditClass, edit_class
from class_management.application.commands.enroll_student import EnrollStudent, enroll_student
from class_management.application.commands.lapse_credits import LapseCredits, lapse_credits
from class_management.application.commands.note_course import NoteCourse, note_course
from class_management.application.commands.plan_class import PlanClass, plan_class
from class_management.application.commands.record_purchase import RecordPurchase, record_purchase
from class_management.application.commands.take_attendance import (
    MarkAttendance,
    TakeAttendance,
    mark_attendance,
    take_attendance,
)
from class_management.application.commands.unlock_lessons import UnlockLessons, unlock_lessons

HANDLERS: Final[Mapping[type[Command[Any]], Callable[..., Awaitable[Any]]]] = {
    PlanClass: plan_class,
    EditClass: edit_class,
    EnrollStudent: enroll_student,
    ActivateClass: activate_class,
    AddMeeting: add_meeting,
    TakeAttendance: take_attendance,
    MarkAttendance: mark_attendance,
    AdjustCredits: adjust_credits,
    RecordPurchase: record_purchase,
    LapseCredits: lapse_credits,
    UnlockLessons: unlock_lessons,
    NoteCourse: note_course,
}
