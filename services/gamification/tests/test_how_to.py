"""What the how-to shows of the catalogue is a catalogue."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from tomllib import loads

import pytest

from babyowl_chassis.ids import new_id
from gamification.domain.rules import Outcome, Rulebook, SourceKind
from gamification.domain.values import Deed, Source
from gamification.infrastructure.rules import read_rules

HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "change-a-rule.md"


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    [shown] = re.findall(r"```toml\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    return read_rules(loads(shown))


@pytest.mark.parametrize(("day", "xp"), [(date(2027, 1, 3), 15), (date(2027, 1, 4), 10)])
def test_a_rule_that_was_changed_holds_from_its_day_on(rulebook: Rulebook, day: date, xp: int) -> None:
    late = Deed(
        source=Source(SourceKind.MEETING, new_id()),
        outcome=Outcome.LATE,
        revision=1,
        happened_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        zone="UTC",
        day=day,
        counts_on=day,
    )
    assert [rule.xp for rule in rulebook.rules_for(late)] == [xp]
