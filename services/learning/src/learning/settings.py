"""What Learning is told by its environment, besides what every service is."""

from pydantic import Field

from babyowl_chassis.settings import ServiceSettings


class LearningSettings(ServiceSettings):
    """Where Class's internal API is, and the longest body: a whole course may be written in one request."""

    class_url: str = "http://127.0.0.1:8103"
    max_body_bytes: int = Field(default=4_194_304, ge=1024)
