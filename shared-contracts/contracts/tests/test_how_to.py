"""What the how-to tells integrators to write does what it says."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from babyowl_contracts import Envelope, Event
from babyowl_contracts.gamification import BadgeRevoked, BadgeUnlocked

HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "react-to-the-game.md"
STUDENT = UUID("0192f0c8-7c3a-7a51-9c0e-1f6f6a2b3c4d")
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """The names that the how-to's code defines."""
    [code] = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "written"}
    exec(compile(code, str(HOW_TO), "exec"), names)
    return names


def told() -> Iterator[Envelope]:
    """A badge that is earned, taken back, and earned on another day; and one that staff took away."""
    happened: list[Event] = [
        BadgeUnlocked(student_id=STUDENT, badge="first_quiz", earned_on=MONDAY),
        BadgeRevoked(student_id=STUDENT, badge="first_quiz", reason="corrected"),
        BadgeUnlocked(student_id=STUDENT, badge="first_quiz", earned_on=TUESDAY),
        BadgeUnlocked(student_id=STUDENT, badge="first_meeting", earned_on=MONDAY),
        BadgeRevoked(student_id=STUDENT, badge="first_meeting", reason="revoked"),
    ]
    for sequence, event in enumerate(happened, start=1):
        yield Envelope(
            id=uuid4(), subject=STUDENT, time=datetime(2026, 3, 3, tzinfo=UTC), aggregateseq=sequence, data=event
        )


@pytest.mark.parametrize("order", list(permutations(range(5))), ids=str)
def test_the_shelf_holds_what_is_so_whatever_the_order(written: dict[str, Any], order: tuple[int, ...]) -> None:
    shelf, envelopes = written["Shelf"](), list(told())
    for index in (*order, order[0]):
        shelf.note(envelopes[index])
    assert shelf.badges_of(STUDENT) == {"first_quiz": TUESDAY}
