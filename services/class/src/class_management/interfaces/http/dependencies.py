"""What the routes of this context ask for in their signatures."""

from typing import Annotated

from babyowl_chassis.http import State
from babyowl_chassis.people import People
from class_management.infrastructure.courses import Courses

ThePeople = Annotated[People, State("people")]
TheCourses = Annotated[Courses, State("courses")]
