"""What Notification is told by its environment, besides what every service is."""

from email.headerregistry import Address

from pydantic import AnyHttpUrl, SecretStr, field_validator

from babyowl_chassis.settings import ServiceSettings
from notification.smtp import Server
from notification.writing import mailbox


class NotificationSettings(ServiceSettings):
    """Where letters are handed in, whom they come from, and where their links lead."""

    smtp_url: SecretStr = SecretStr("smtp://127.0.0.1:1025")
    mail_from: str = "Baby Owl <no-reply@babyowl.academy>"
    public_url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8080")

    @field_validator("smtp_url")
    @classmethod
    def _usable_server(cls, url: SecretStr) -> SecretStr:
        Server.parse(url.get_secret_value())
        return url

    @field_validator("mail_from")
    @classmethod
    def _usable_sender(cls, sender: str) -> str:
        mailbox(sender)
        return sender

    @property
    def server(self) -> Server:
        """The SMTP server."""
        return Server.parse(self.smtp_url.get_secret_value())

    @property
    def sender(self) -> Address:
        """Whom letters come from."""
        return mailbox(self.mail_from)

    @property
    def link_base(self) -> str:
        """What links begin with, without a slash at the end."""
        return str(self.public_url).rstrip("/")
