"""Handing letters in at an SMTP server, and telling what will never arrive from what may arrive later."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Self
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

PERMANENT = 500
GOODBYE_SECONDS = 5.0
_SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Refused(Exception):
    """The server will not take this letter, now or later. The reason is its code, never its text."""


class Unavailable(Exception):
    """The server cannot take the letter now; trying again may help."""


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP server: `smtp://` takes TLS where offered, `smtp+starttls://` insists, `smtps://` begins with it."""

    host: str
    port: int
    scheme: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """A server by its URL, `smtp://user:password@host:port`. Raises ValueError, without the password."""
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES or not parts.hostname:
            raise ValueError(f"an SMTP URL begins with {', '.join(f'{name}://' for name in _SCHEMES)} and a host")
        return cls(
            host=parts.hostname,
            port=parts.port or _SCHEMES[parts.scheme],
            scheme=parts.scheme,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


class Postbox:
    """Hands letters in, one connection each; gives up after `patience` seconds in all."""

    def __init__(self, server: Server, sender: Address, *, patience: float = 45.0) -> None:
        self._server = server
        self._sender = sender
        self._patience = patience

    async def hand_in(self, message: EmailMessage) -> None:
        """Return when the server has taken the letter. Raises Refused or Unavailable."""
        connection = self._connection()
        try:
            async with asyncio.timeout(self._patience):
                await connection.connect()
                await connection.send_message(message, sender=self._sender.addr_spec)
        except SMTPRecipientsRefused as error:
            raise _judged(error.recipients[0]) from None
        except SMTPDataError as error:
            raise _judged(error) from None
        except SMTPResponseException as error:
            raise Unavailable(f"SMTP {error.code}") from None
        except SMTPNotSupported as error:
            raise Refused("the server does not support such an address") from error
        except (SMTPException, OSError) as error:
            raise Unavailable(type(error).__name__) from error
        else:
            # The letter is theirs by now: a server that is rude at goodbye must not make us send it again.
            with suppress(SMTPException, OSError):
                await connection.quit(timeout=GOODBYE_SECONDS)
        finally:
            connection.close()

    def _connection(self) -> SMTP:
        starttls = {"smtp": None, "smtp+starttls": True, "smtps": False}[self._server.scheme]
        return SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.username,
            password=self._server.password,
            use_tls=self._server.scheme == "smtps",
            start_tls=starttls,
            local_hostname=self._sender.domain,
            timeout=self._patience,
        )


def _judged(error: SMTPResponseException) -> Refused | Unavailable:
    # The text of an answer often quotes the address, and must not reach a log; the code says enough.
    reason = f"SMTP {error.code}"
    return Refused(reason) if error.code >= PERMANENT else Unavailable(reason)
