"""What handlers are given: one transaction's view of the store."""

from typing import Protocol

from class_management.domain.repositories import (
    AllOpenLessons,
    Attendances,
    CalendarFeeds,
    Classes,
    Courses,
    CreditAccounts,
    Holidays,
    People,
    Registers,
    Timetables,
    Vouchers,
)


class UnitOfWork(Protocol):
    """The aggregates of one command or reaction; what changed is written when the bus commits."""

    @property
    def classes(self) -> Classes: ...

    @property
    def timetables(self) -> Timetables: ...

    @property
    def holidays(self) -> Holidays: ...

    @property
    def open_lessons(self) -> AllOpenLessons: ...

    @property
    def registers(self) -> Registers: ...

    @property
    def attendances(self) -> Attendances: ...

    @property
    def accounts(self) -> CreditAccounts: ...

    @property
    def vouchers(self) -> Vouchers: ...

    @property
    def courses(self) -> Courses: ...

    @property
    def feeds(self) -> CalendarFeeds: ...

    @property
    def people(self) -> People: ...
