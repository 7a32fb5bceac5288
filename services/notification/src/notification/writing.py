"""Letters: a template in the person's language, made into a message that nobody's name can bend."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from importlib.resources import files
from typing import Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notification.identity import Contact

Kind: TypeAlias = Literal["verify_email", "reset_password", "password_changed", "seat_offered", "make_up_cancelled"]
"""What a letter is about."""

Template: TypeAlias = Kind | Literal["invitation"]
"""How it is put."""

FALLBACK_LOCALE = "en"
LONGEST_NAME = 100

_templates = Environment(
    loader=PackageLoader("notification"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_locales = frozenset(
    folder.name for folder in files("notification").joinpath("templates").iterdir() if folder.is_dir()
)
_invisible = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_link_like = re.compile(r"[/@:\\]|www\.|\w{2,}\.\w{2,}", re.IGNORECASE)


class UnusableAddress(ValueError):
    """Nothing can be sent to this address, now or later."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter about an event, to one person. `facts` are what its template shows."""

    template: Template
    to: Contact
    facts: Mapping[str, str | int]


def compose(
    letter: Letter, *, sender: Address, event_id: UUID, recipient_id: UUID, written_at: datetime
) -> EmailMessage:
    """The message. Its Message-ID follows from event and recipient, so that a second copy is seen as one.

    Raises UnusableAddress.
    """
    locale = locale_for(letter.to.locale)
    facts = {
        **letter.facts,
        "name": greeting_name(letter.to.display_name),
        "academy": sender.display_name or sender.domain,
        "locale": locale,
    }
    subject, text, html = (
        _templates.get_template(f"{locale}/{letter.template}.{part}").render(facts)
        for part in ("subject", "txt", "html")
    )
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = _recipient(letter.to)
    message["Subject"] = one_line(subject)
    message["Date"] = format_datetime(written_at)
    message["Message-ID"] = f"<{event_id}.{recipient_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    # Last, since making alternatives moves every Content- header into the first of them.
    message["Content-Language"] = locale
    return message


def mailbox(text: str) -> Address:
    """A mailbox such as `Baby Owl <no-reply@babyowl.academy>`. Raises UnusableAddress."""
    name, address = parseaddr(text)
    return _address(one_line(name), address)


def locale_for(tag: str) -> str:
    """The locale there are templates for that comes closest to a language tag: itself, its language, English."""
    language = tag.partition("-")[0]
    return next((locale for locale in (tag, language) if locale in _locales), FALLBACK_LOCALE)


def local_time(moment: datetime, time_zone: str) -> str:
    """The moment as the person's clock shows it, with the name of their zone; in UTC if nobody knows that zone."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"


def one_line(text: str) -> str:
    """Text for a header: no line breaks, nothing invisible, no turned direction of writing."""
    visible = "".join(" " if unicodedata.category(sign) in _invisible else sign for sign in text)
    return " ".join(visible.split())


def greeting_name(display_name: str) -> str | None:
    """The name to greet by; None if it could pass for a link, which strangers might register to have sent."""
    name = one_line(display_name)[:LONGEST_NAME].strip()
    return None if not name or _link_like.search(name) else name


def _recipient(contact: Contact) -> Address:
    return _address(greeting_name(contact.display_name) or "", contact.email)


def _address(display_name: str, address: str) -> Address:
    try:
        parsed = Address(display_name=display_name, addr_spec=address)
    except (ValueError, MessageError, IndexError) as error:
        raise UnusableAddress("not an address") from error
    if not parsed.domain or not address.isascii() or not address.isprintable():
        raise UnusableAddress("not an address in plain ASCII")
    return parsed
