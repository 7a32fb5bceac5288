"""What a service's routes are written with."""

from babyowl_chassis.http.bodies import Body, OneLine, Text, View
from babyowl_chassis.http.conditional import IfMatch, etag
from babyowl_chassis.http.dependencies import ReaderPool, RequestBus, State, TheBus, UnkeyedBus
from babyowl_chassis.http.pages import Page, PageParams, page
from babyowl_chassis.http.security import (
    CurrentUser,
    Instructor,
    InstructorOrStaff,
    Staff,
    Student,
    SuperAdmin,
    service_account,
)
from babyowl_chassis.http.streams import StreamParams, stream, streamed
from babyowl_chassis.refused import accepted, refused

Reader = ReaderPool

__all__ = [
    "Body",
    "CurrentUser",
    "IfMatch",
    "Instructor",
    "InstructorOrStaff",
    "OneLine",
    "Page",
    "PageParams",
    "Reader",
    "RequestBus",
    "Staff",
    "State",
    "StreamParams",
    "Student",
    "SuperAdmin",
    "Text",
    "TheBus",
    "UnkeyedBus",
    "View",
    "accepted",
    "etag",
    "page",
    "refused",
    "service_account",
    "stream",
    "streamed",
]
