"""What Class is told by its environment, besides what every service is."""

from babyowl_chassis.settings import ServiceSettings


class ClassSettings(ServiceSettings):
    """Where Learning's internal API is."""

    learning_url: str = "http://127.0.0.1:8102"
