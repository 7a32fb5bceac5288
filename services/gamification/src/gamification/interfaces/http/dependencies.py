"""What the routes of this context ask for in their signatures."""

from typing import Annotated

from babyowl_chassis.http import State
from gamification.domain.calendar import Academy

TheAcademy = Annotated[Academy, State("academy")]
"""The academy's time."""
