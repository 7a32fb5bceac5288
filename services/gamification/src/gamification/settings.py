"""What Gamification is told by its environment, besides what every service is."""

from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

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
    leaderboard_grace_minutes: Annotated[int, Field(ge=0, le=7 * 24 * 60)] = 60
    """How long a week or month stays open after its end, for reports that are on their way."""

    class_url: str = "http://127.0.0.1:8103"
    learning_url: str = "http://127.0.0.1:8102"
    """Whose event logs a rebuild reads, beside Identity's."""

    @property
    def academy_zone(self) -> ZoneInfo:
        """The academy's zone."""
        return ZoneInfo(self.academy_time_zone)

    @property
    def leaderboard_grace(self) -> timedelta:
        """The same as a length of time."""
        return timedelta(minutes=self.leaderboard_grace_minutes)
