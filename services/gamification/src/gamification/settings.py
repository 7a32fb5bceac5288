"""What Gamification is told by its environment, besides what every service is."""

from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator

from babyowl_chassis.settings import ServiceSettings


def _known(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError(f"{zone!r} is no IANA time zone")
    return zone


class GamificationSettings(ServiceSettings):
    """The academy's clock, by which weeks begin and end.

    It is also the clock of a learner who is not known yet. What has been counted stays in its week when the
    setting changes.
    """

    academy_time_zone: Annotated[str, AfterValidator(_known)] = "UTC"

    @property
    def academy_zone(self) -> ZoneInfo:
        """The academy's zone."""
        return ZoneInfo(self.academy_time_zone)
