from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from gamification.settings import GamificationSettings


def test_the_academys_zone_is_greenwich_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACADEMY_TIME_ZONE", raising=False)
    assert GamificationSettings(environment="test").academy_zone == ZoneInfo("UTC")
    monkeypatch.setenv("ACADEMY_TIME_ZONE", "Asia/Jakarta")
    assert GamificationSettings(environment="test").academy_zone == ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "jakarta"])
def test_a_zone_that_does_not_exist_stops_the_start(zone: str) -> None:
    with pytest.raises(ValidationError, match="IANA time zone"):
        GamificationSettings(environment="test", academy_time_zone=zone)
