"""What of the programs' output reaches the terminal."""

import pytest

from babyowl_local.logs import worth_telling


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"event": "request", "level": "info", "status": 200}', None),
        ('{"event": "detail", "level": "debug"}', None),
        (
            '{"event": "broker lost", "level": "warning", "service": "class", "tries": 3}',
            "WARNING broker lost  tries=3",
        ),
        ('{"event": "boom", "level": "error", "timestamp": "2026-01-01T00:00:00Z"}', "ERROR boom"),
        ("Traceback (most recent call last):", "Traceback (most recent call last):"),
        ("", None),
        ("17", "17"),
        ('{"no": "log line"}', '{"no": "log line"}'),
    ],
)
def test_only_what_matters_is_told(line: str, told: str | None) -> None:
    assert worth_telling(line) == told
