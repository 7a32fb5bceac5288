"""Letters: what people read, and what no name or address can do to the message around it."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification.identity import Contact
from notification.writing import (
    Kind,
    Letter,
    Template,
    UnusableAddress,
    compose,
    greeting_name,
    local_time,
    locale_for,
    mailbox,
    one_line,
)

SENDER = Address("Baby Owl", addr_spec="no-reply@babyowl.academy")
EVENT, PERSON = UUID(int=1), UUID(int=2)
WRITTEN = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
LINK = "https://learn.example.org/verify-email?token=abc"
FACTS: dict[str, str | int] = {
    "link": LINK,
    "token": "abc",
    "minutes": 1439,
    "changed_at": "2026-03-02 15:00 UTC",
    "until": "2026-03-04 22:00 (Asia/Jakarta)",
}
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Content-Language", "Auto-Submitted"),
    *("MIME-Version", "Content-Type"),
}


def write(
    template: Template = "verify_email",
    *,
    email: str = "ana@example.org",
    display_name: str = "Ana",
    locale: str = "en",
    minutes: int = 1439,
    sender: Address = SENDER,
) -> EmailMessage:
    """The message as a mail client receives it."""
    letter = Letter(
        template, Contact(email=email, display_name=display_name, locale=locale), {**FACTS, "minutes": minutes}
    )
    message = compose(letter, sender=sender, event_id=EVENT, recipient_id=PERSON, written_at=WRITTEN)
    received = message_from_bytes(message.as_bytes(policy=policy.SMTP), policy=policy.default)
    assert isinstance(received, EmailMessage)
    return received


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content


@pytest.mark.parametrize("template", [*get_args(Kind), "invitation"])
def test_every_letter_greets_and_links_in_both_parts(template: Template) -> None:
    message = write(template)
    for form in ("plain", "html"):
        assert "Hello Ana," in part(message, form)
        assert LINK in part(message, form)
        assert "{" not in part(message, form)
    assert message["Subject"]
    assert message["From"] == "Baby Owl <no-reply@babyowl.academy>"
    assert message["To"] == "Ana <ana@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("template", ["verify_email", "reset_password"])
def test_the_token_stands_on_a_line_of_its_own(template: Template) -> None:
    assert "abc" in part(write(template), "plain").splitlines()


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (20160, "for 14 days."),
        (2880, "for 2 days."),
        (2879, "for 48 hours."),
        (1440, "for 24 hours."),
        (1439, "for 24 hours."),
        (90, "for 2 hours."),
        (89, "for 89 minutes."),
        (1, "for 1 minute."),
    ],
)
def test_a_letter_says_how_long_its_link_works(minutes: int, words: str) -> None:
    for form in ("plain", "html"):
        assert words in part(write(minutes=minutes), form)


def test_a_second_copy_has_the_same_message_id() -> None:
    assert write()["Message-ID"] == write()["Message-ID"] == f"<{EVENT}.{PERSON}@babyowl.academy>"


def test_markup_in_a_name_stays_text() -> None:
    message = write(display_name="<b>Ana & Co</b>"[:9])
    assert "Hello &lt;b&gt;Ana &amp;," in part(message, "html")
    assert "Hello <b>Ana &," in part(message, "plain")


@pytest.mark.parametrize(
    "name", ["http://evil.example", "evil.example", "www.evil", "mail me@evil", "", " ", "\u202e\n"]
)
def test_a_name_that_could_pass_for_a_link_is_not_greeted(name: str) -> None:
    message = write(display_name=name)
    assert "Hello," in part(message, "plain")
    assert message["To"] == "ana@example.org"


@pytest.mark.parametrize("name", ["Ana", "J. R. R. Tolkien", "Zoë", "李小龙", "O'Neil-Smith", "Ana, the 2nd"])
def test_ordinary_names_are_greeted(name: str) -> None:
    assert greeting_name(name) == name
    assert write(display_name=name)["To"].addresses[0].display_name == name


@given(name=st.text(max_size=200))
def test_no_name_adds_a_header_or_a_recipient(name: str) -> None:
    message = write(display_name=name)
    assert set(message.keys()) == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert [address.addr_spec for address in message["To"].addresses] == ["ana@example.org"]
    assert not message.defects


@pytest.mark.parametrize(
    "name",
    ["Ana\r\nBcc: eve@evil.example", "Ana\nSubject: x", "Ana\u2028Bcc: x", 'Ana" <eve@evil.example>, "', "a" * 99],
)
def test_known_injections_come_to_nothing(name: str) -> None:
    message = write(display_name=name)
    assert set(message.keys()) == HEADERS
    assert [address.addr_spec for address in message["To"].addresses] == ["ana@example.org"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "@example.org",
        "ana@",
        "ana@example.org, eve@evil.example",
        "ana@example.org\r\nBcc: eve@evil.example",
        "Ana <ana@example.org>",
        "ana@exämple.org",
        "ana@example.org\0",
    ],
)
def test_what_is_no_single_plain_address_is_not_written_to(address: str) -> None:
    with pytest.raises(UnusableAddress):
        write(email=address)


@pytest.mark.parametrize("tag", ["en", "en-GB", "id", "id-ID", "", "../../etc", "EN", "x" * 1000])
def test_a_language_without_templates_falls_back_to_english(tag: str) -> None:
    assert locale_for(tag) == "en"
    assert write(locale=tag)["Content-Language"] == "en"


def test_a_sender_is_a_mailbox_with_or_without_a_name() -> None:
    assert mailbox("Baby Owl <no-reply@babyowl.academy>") == SENDER
    assert mailbox("no-reply@babyowl.academy").display_name == ""
    with pytest.raises(UnusableAddress):
        mailbox("Baby Owl")


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Jakarta", "2026-03-02 22:00 (Asia/Jakarta)"),
        ("America/New_York", "2026-03-02 10:00 (America/New_York)"),
        ("UTC", "2026-03-02 15:00 (UTC)"),
        ("Mars/Olympus_Mons", "2026-03-02 15:00 (UTC)"),
        ("../../etc/passwd", "2026-03-02 15:00 (UTC)"),
        ("", "2026-03-02 15:00 (UTC)"),
    ],
)
def test_a_moment_is_told_by_the_readers_clock(zone: str, shown: str) -> None:
    assert local_time(WRITTEN, zone) == shown


def test_header_text_is_one_visible_line() -> None:
    assert one_line(" a\r\n\tb\u200b\u202ec\u2028d\x00 ") == "a b c d"


@pytest.mark.parametrize("template", [*get_args(Kind), "invitation"])
def test_a_nameless_sender_signs_with_its_domain(template: Template) -> None:
    nameless = mailbox("no-reply@babyowl.academy")
    message = write(template, sender=nameless)
    for form in ("plain", "html"):
        assert "babyowl.academy" in part(message, form).replace(LINK, "")
