"""What Class is told by its environment, besides what every service is."""

from pydantic import AnyHttpUrl

from babyowl_chassis.settings import ServiceSettings


class ClassSettings(ServiceSettings):
    """Where Learning's internal API is, and where links to calendars lead."""

    learning_url: str = "http://127.0.0.1:8102"
    public_url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8080")

    @property
    def link_base(self) -> str:
        """What links begin with, without a slash at the end."""
        return str(self.public_url).rstrip("/")
