"""Every line of the ledger says in words why it is there."""

from datetime import UTC, date, datetime
from typing import Any, get_args
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from class_management.domain.values import CreditCause
from class_management.queries.credits import CreditLine

LOT = UUID(int=1)
UNTIL = datetime(2027, 6, 30, 22, tzinfo=UTC)
AT_MEETING_3 = {"meeting_id": new_id(), "meeting_number": 3, "meeting_date": date(2027, 3, 15), "status": "late"}


def line(cause: str, amount: int, **more: Any) -> CreditLine:
    facts: dict[str, Any] = dict.fromkeys(CreditLine.__dataclass_fields__)
    facts |= {"id": new_id(), "number": 2, "balance": 5, "lot_id": LOT, "set_aside": False, "guest": False}
    return CreditLine(**facts | {"cause": cause, "amount": amount, "posted_at": UNTIL} | more)


CASES = [
    (line("package", 8, number=1), "Enrolled with a package of 8 meetings."),
    (
        line("package", 8, number=1, expires_at=UNTIL),
        "Enrolled with a package of 8 meetings. To be spent before 2027-06-30 22:00 UTC.",
    ),
    (line("package", 1, number=1), "Enrolled with a package of 1 meeting."),
    (line("package", -2), "The package of the class changed by -2 meetings."),
    (line("purchase", 1, reference="R-17"), "Bought 1 credit (reference R-17)."),
    (line("manual", -2, reason="Moved house"), "Adjusted by the office: Moved house"),
    (line("attendance", -1, **AT_MEETING_3), "Marked late for meeting 3 on 2027-03-15."),
    (line("attendance", -1, lot_id=None, **AT_MEETING_3), "Marked late for meeting 3 on 2027-03-15. It is owed."),
    (
        line("attendance", -1, guest=True, set_aside=True, other_class_name="Tuesday owls", **AT_MEETING_3),
        "Marked late for meeting 3 of Tuesday owls on 2027-03-15, as a guest.",
    ),
    (
        line("correction", -1, previous_status="absent", other_class_name="Monday owls", **AT_MEETING_3),
        "Corrected from absent to late for meeting 3 of Monday owls on 2027-03-15.",
    ),
    (
        line("correction", 1, previous_status="present", **AT_MEETING_3),
        "Corrected from present to late for meeting 3 on 2027-03-15.",
    ),
    (
        line("correction", 1, lot_id=None, previous_status="present", **AT_MEETING_3),
        "Corrected from present to late for meeting 3 on 2027-03-15.",
    ),
    (line("make_up", -1), "Set aside for a make-up meeting."),
    (line("make_up", 1, set_aside=True), "Kept for a make-up meeting."),
    (line("make_up", -1, set_aside=True), "No longer kept for a make-up meeting."),
    (line("make_up", 1), "Given back: the make-up meeting is no longer booked."),
    (line("settlement", -2), "Spent on what was owed."),
    (line("settlement", 2, lot_id=None), "No longer owed: 2 credits."),
    (line("expiry", -3, expires_at=UNTIL), "Not spent by 2027-06-30: 3 credits expired."),
    (line("transfer", -3, other_class_name="Tuesday owls"), "Taken along to Tuesday owls."),
    (line("transfer", 3, other_class_name="Monday owls"), "Brought along from Monday owls."),
    (line("transfer", 3), "Brought along from another class."),
]


@pytest.mark.parametrize(("told", "words"), CASES, ids=[words for _, words in CASES])
def test_a_line_says_why_it_is_there(told: CreditLine, words: str) -> None:
    assert told.explanation == words


def test_no_cause_is_without_words() -> None:
    assert {told.cause for told, _ in CASES} == set(get_args(CreditCause))
