"""What the application needs from outside."""

from typing import Protocol

from gamification.domain.curriculum import Curriculum
from gamification.domain.repositories import (
    Appearances,
    Classes,
    Closings,
    HolidayCalendar,
    Leagues,
    Players,
    Recounts,
    Zones,
)


class UnitOfWork(Protocol):
    """One transaction's view of what the context keeps."""

    @property
    def players(self) -> Players: ...

    @property
    def appearances(self) -> Appearances: ...

    @property
    def classes(self) -> Classes: ...

    @property
    def zones(self) -> Zones: ...

    @property
    def holidays(self) -> HolidayCalendar: ...

    @property
    def recounts(self) -> Recounts: ...

    @property
    def curriculum(self) -> Curriculum: ...

    @property
    def closings(self) -> Closings: ...

    @property
    def leagues(self) -> Leagues: ...
