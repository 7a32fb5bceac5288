"""Settings of Learning."""

from pydantic import Field

from babyowl_chassis.settings import ServiceSettings


class LearningSettings(ServiceSettings):
    """A whole course may be written in one request, so bodies are larger than elsewhere."""

    class_url: str = "http://127.0.0.1:8103"
    max_body_bytes: int = Field(default=4_194_304, ge=1024)
