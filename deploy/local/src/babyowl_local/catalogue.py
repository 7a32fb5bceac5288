"""What the platform consists of: the one table that supervisor, compose file and checks agree with."""

from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[4]


@dataclass(frozen=True, slots=True)
class Service:
    """One bounded context; its role, schema, queue prefix and container are all called `name`."""

    name: str
    package: str


# In the order in which they are started.
CATALOGUE = (
    Service("identity", "identity"),
    Service("learning", "learning"),
    Service("class", "class_management"),
    Service("gamification", "gamification"),
    Service("notification", "notification"),
)
SERVICES = tuple(service.name for service in CATALOGUE)
