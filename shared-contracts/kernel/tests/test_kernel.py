from dataclasses import dataclass
from uuid import UUID

import pytest

from babyowl_kernel import (
    AggregateRoot,
    Conflict,
    DomainEvent,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    RefusalKind,
    one_line,
)


@dataclass(frozen=True, slots=True)
class ClassFull(Conflict):
    capacity: int


@dataclass(frozen=True, slots=True)
class NotAStudent(Invalid):
    pass


@dataclass(frozen=True, slots=True)
class Renamed(Invalid):
    code = "old_name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(DomainEvent):
    day: int


def test_a_refusal_derives_its_code_from_its_name() -> None:
    assert ClassFull(6).code == "class_full"
    assert NotAStudent().code == "not_a_student"


def test_a_renamed_refusal_keeps_the_code_it_promised() -> None:
    assert Renamed().code == "old_name"


def test_a_refusal_shows_its_facts_and_can_be_compared() -> None:
    assert ClassFull(6).facts == {"capacity": 6}
    assert ClassFull(6) == ClassFull(6) != ClassFull(7)


@pytest.mark.parametrize(
    ("base", "kind"),
    [
        (NotFound, RefusalKind.NOT_FOUND),
        (Conflict, RefusalKind.CONFLICT),
        (Forbidden, RefusalKind.FORBIDDEN),
        (Invalid, RefusalKind.INVALID),
    ],
)
def test_each_base_says_how_the_refusal_is_meant(base: type[Refusal], kind: RefusalKind) -> None:
    assert base.kind is kind


def test_events_are_handed_over_once_and_in_order() -> None:
    root = AggregateRoot(id=UUID(int=1))
    root.record(Opened(day=1))
    root.record(Opened(day=2))
    assert root.collect_events() == [Opened(day=1), Opened(day=2)]
    assert root.collect_events() == []


def test_recorded_events_are_no_part_of_what_an_aggregate_is() -> None:
    recorded, fresh = AggregateRoot(id=UUID(int=1)), AggregateRoot(id=UUID(int=1))
    recorded.record(Opened(day=1))
    assert recorded == fresh


def test_a_name_is_one_line_and_holds_nothing_that_cannot_be_seen() -> None:
    assert one_line("  Night \n\u2028 owls\t") == "Night owls"
    assert one_line("بوم الليل") == "بوم الليل"
    assert [one_line(bad) for bad in ("", " \n\x1c", "a\x00b", "a\x1b[31mb", "a\u202eb", "a\u2066b", "a\ud800b")] == [
        None
    ] * 7
