"""The SMTP server of the settings, and what its answers mean."""

import asyncio
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

import pytest
from pydantic import ValidationError

from notification.settings import NotificationSettings
from notification.smtp import Postbox, Refused, Server, Unavailable

from .stand_ins import PostOffice

SENDER = Address("Baby Owl", addr_spec="no-reply@babyowl.academy")


def letter(to: str = "ana@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, to, "Hello"
    message.set_content("Hello")
    return message


def postbox(port: int, **options: Any) -> Postbox:
    return Postbox(Server("127.0.0.1", port, "smtp"), SENDER, **options)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail", Server("mail", 25, "smtp")),
        ("smtps://mail", Server("mail", 465, "smtps")),
        ("smtp+starttls://mail:2525", Server("mail", 2525, "smtp+starttls")),
        ("smtp://owl:p%40ss@mail:587", Server("mail", 587, "smtp", "owl", "p@ss")),
    ],
)
def test_a_server_is_named_by_its_url(url: str, server: Server) -> None:
    assert Server.parse(url) == server


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_url": "http://owl:secret@mail"},
        {"smtp_url": "mail:25"},
        {"mail_from": "nobody"},
        {"public_url": "ftp://x"},
    ],
)
def test_a_setting_nothing_can_be_sent_with_stops_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        NotificationSettings(environment="test", **wrong)  # type: ignore[arg-type]
    assert next(iter(wrong)) in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_server_does_not_show_its_password() -> None:
    assert "p@ss" not in repr(Server.parse("smtp://owl:p%40ss@mail"))


@pytest.mark.parametrize(
    ("command", "answer", "meaning"),
    [
        ("RCPT", "550 5.1.1 no such person ana@example.org", Refused),
        ("RCPT", "450 4.2.1 come back later", Unavailable),
        ("DATA", "554 5.7.1 looks like spam", Refused),
        ("DATA", "452 4.3.1 disk full", Unavailable),
        ("MAIL", "553 5.7.1 you may not send", Unavailable),
    ],
)
async def test_only_what_concerns_this_letter_for_good_is_a_refusal(
    post_office: PostOffice, command: str, answer: str, meaning: type[Exception]
) -> None:
    post_office.answers[command] = answer
    with pytest.raises(meaning) as raised:
        await postbox(post_office.port).hand_in(letter())
    assert str(raised.value) == f"SMTP {answer[:3]}"
    assert post_office.letters == []


async def test_a_server_that_is_down_is_unavailable(unused_tcp_port_factory: Callable[[], int]) -> None:
    with pytest.raises(Unavailable):
        await postbox(unused_tcp_port_factory()).hand_in(letter())


async def test_a_server_that_says_nothing_is_given_up() -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    async with server:
        with pytest.raises(Unavailable, match="Timeout"):
            await postbox(server.sockets[0].getsockname()[1], patience=0.2).hand_in(letter())


async def test_a_server_that_is_rude_at_goodbye_has_the_letter_all_the_same(post_office: PostOffice) -> None:
    post_office.answers["QUIT"] = "421 go away"
    await postbox(post_office.port).hand_in(letter())
    assert len(post_office.letters) == 1
