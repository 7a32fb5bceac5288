"""Every command and who carries it out."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from babyowl_kernel import Command
from class_management.application.commands.accept_seat_offer import AcceptSeatOffer, accept_seat_offer
from class_management.application.commands.activate_class import ActivateClass, activate_class
from class_management.application.commands.add_meeting import AddMeeting, add_meeting
from class_management.application.commands.adjust_credits import AdjustCredits, adjust_credits
from class_management.application.commands.assign_substitute import AssignSubstitute, assign_substitute
from class_management.application.commands.book_make_up import BookMakeUp, book_make_up
from class_management.application.commands.cancel_class import CancelClass, cancel_class
from class_management.application.commands.cancel_make_up import CancelMakeUp, cancel_make_up
from class_management.application.commands.cancel_meeting import CancelMeeting, cancel_meeting
from class_management.application.commands.complete_class import CompleteClass, complete_class
from class_management.application.commands.declare_holiday import DeclareHoliday, declare_holiday
from class_management.application.commands.edit_class import EditClass, edit_class
from class_management.application.commands.end_voucher import EndVoucher, end_voucher
from class_management.application.commands.enroll_student import EnrollStudent, enroll_student
from class_management.application.commands.excuse_self import ExcuseSelf, excuse_self
from class_management.application.commands.join_waiting_list import JoinWaitingList, join_waiting_list
from class_management.application.commands.lapse_credits import LapseCredits, lapse_credits
from class_management.application.commands.leave_waiting_list import LeaveWaitingList, leave_waiting_list
from class_management.application.commands.lock_lessons import LockLessons, lock_lessons
from class_management.application.commands.move_meeting import MoveMeeting, move_meeting
from class_management.application.commands.move_up_waiting_list import MoveUpWaitingList, move_up_waiting_list
from class_management.application.commands.note_course import NoteCourse, note_course
from class_management.application.commands.observe_holiday import ObserveHoliday, observe_holiday
from class_management.application.commands.open_calendar_feed import OpenCalendarFeed, open_calendar_feed
from class_management.application.commands.plan_class import PlanClass, plan_class
from class_management.application.commands.record_purchase import RecordPurchase, record_purchase
from class_management.application.commands.replan_class import ReplanClass, replan_class
from class_management.application.commands.revoke_calendar_feed import RevokeCalendarFeed, revoke_calendar_feed
from class_management.application.commands.take_attendance import (
    MarkAttendance,
    TakeAttendance,
    mark_attendance,
    take_attendance,
)
from class_management.application.commands.transfer_student import TransferStudent, transfer_student
from class_management.application.commands.unlock_lessons import (
    UnlockLessons,
    UnlockUpTo,
    unlock_lessons,
    unlock_up_to,
)
from class_management.application.commands.withdraw_holiday import WithdrawHoliday, withdraw_holiday
from class_management.application.commands.withdraw_student import WithdrawStudent, withdraw_student

HANDLERS: Final[Mapping[type[Command[Any]], Callable[..., Awaitable[Any]]]] = {
    PlanClass: plan_class,
    EditClass: edit_class,
    EnrollStudent: enroll_student,
    ActivateClass: activate_class,
    CompleteClass: complete_class,
    CancelClass: cancel_class,
    WithdrawStudent: withdraw_student,
    TransferStudent: transfer_student,
    JoinWaitingList: join_waiting_list,
    LeaveWaitingList: leave_waiting_list,
    AcceptSeatOffer: accept_seat_offer,
    MoveUpWaitingList: move_up_waiting_list,
    AddMeeting: add_meeting,
    MoveMeeting: move_meeting,
    CancelMeeting: cancel_meeting,
    AssignSubstitute: assign_substitute,
    ReplanClass: replan_class,
    DeclareHoliday: declare_holiday,
    ObserveHoliday: observe_holiday,
    WithdrawHoliday: withdraw_holiday,
    TakeAttendance: take_attendance,
    MarkAttendance: mark_attendance,
    ExcuseSelf: excuse_self,
    BookMakeUp: book_make_up,
    CancelMakeUp: cancel_make_up,
    EndVoucher: end_voucher,
    AdjustCredits: adjust_credits,
    RecordPurchase: record_purchase,
    LapseCredits: lapse_credits,
    UnlockLessons: unlock_lessons,
    UnlockUpTo: unlock_up_to,
    LockLessons: lock_lessons,
    NoteCourse: note_course,
    OpenCalendarFeed: open_calendar_feed,
    RevokeCalendarFeed: revoke_calendar_feed,
}
