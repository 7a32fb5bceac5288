"""What the application needs from outside."""

from typing import Protocol

from gamification.domain.repositories import Classes, Learners, Players


class UnitOfWork(Protocol):
    """One transaction's view of what the context keeps."""

    @property
    def players(self) -> Players: ...

    @property
    def learners(self) -> Learners: ...

    @property
    def classes(self) -> Classes: ...
