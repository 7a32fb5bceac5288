from datetime import timedelta
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


def test_a_period_stays_open_for_an_hour_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEADERBOARD_GRACE_MINUTES", raising=False)
    assert GamificationSettings(environment="test").leaderboard_grace == timedelta(hours=1)
    monkeypatch.setenv("LEADERBOARD_GRACE_MINUTES", "0")
    assert GamificationSettings(environment="test").leaderboard_grace == timedelta(0)


@pytest.mark.parametrize("minutes", [-1, 7 * 24 * 60 + 1])
def test_a_period_closes_within_a_week_of_its_end(minutes: int) -> None:
    with pytest.raises(ValidationError, match="leaderboard_grace_minutes"):
        GamificationSettings(environment="test", leaderboard_grace_minutes=minutes)
