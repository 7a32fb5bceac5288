"""What the game says no to."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Conflict, Forbidden, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class AliasUnsuitable(Invalid):
    """The alias is not composed of the academy's words."""

    @property
    def reason(self) -> str:
        return (
            "An alias is two of the academy's words and, if you like, a number from 2 to 99, like Star Owl 12."
            " The words are at /api/v1/players/me/alias-suggestions."
        )


@dataclass(frozen=True, slots=True)
class AliasTaken(Conflict):
    """Another learner has chosen this alias."""

    @property
    def reason(self) -> str:
        return "Somebody else already goes by this alias."


@dataclass(frozen=True, slots=True)
class PlayerNotFound(NotFound):
    """Nobody of that id plays here."""

    player_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such learner."


@dataclass(frozen=True, slots=True)
class RangeUnsuitable(Invalid):
    """The days asked for end before they begin, or are too many at once."""

    most_days: int

    @property
    def reason(self) -> str:
        return f"Ask for 1 to {self.most_days} days; the last one is not before the first."


@dataclass(frozen=True, slots=True)
class PlayerNotVisible(Forbidden):
    """A learner's progress is seen by the learner, their instructors, and staff."""

    player_id: UUID

    @property
    def reason(self) -> str:
        return "Only the learner, the instructors of their classes, and staff see this."


@dataclass(frozen=True, slots=True)
class ClassNotFound(NotFound):
    """There is no such class, as far as is known here."""

    class_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such class."


@dataclass(frozen=True, slots=True)
class SeatRequired(Forbidden):
    """The academy's leaderboards are seen by those who learn or work here."""

    @property
    def reason(self) -> str:
        return "The academy's leaderboards are for students with a seat in a class, instructors, and staff."


@dataclass(frozen=True, slots=True)
class OneBoardOnly(Invalid):
    """A leaderboard is of a class or of a course, not of both."""

    @property
    def reason(self) -> str:
        return "Give class_id or course_id, not both."


@dataclass(frozen=True, slots=True)
class NotInCourse(Forbidden):
    """A course's leaderboard is seen by its learners, the instructors of its classes, and staff."""

    course_id: UUID

    @property
    def reason(self) -> str:
        return "Only learners of the course, the instructors of its classes, and staff see its leaderboard."


@dataclass(frozen=True, slots=True)
class CourseNotFound(NotFound):
    """Nobody learns such a course, as far as is known here."""

    course_id: UUID

    @property
    def reason(self) -> str:
        return "There is no such course."


@dataclass(frozen=True, slots=True)
class NotInClass(Forbidden):
    """A class's leaderboard is seen by its students, its instructor, and staff."""

    class_id: UUID

    @property
    def reason(self) -> str:
        return "Only the students of the class, its instructor, and staff see its leaderboard."


@dataclass(frozen=True, slots=True)
class BadgeNotFound(NotFound):
    """The catalogue has no such badge."""

    badge: str

    @property
    def reason(self) -> str:
        return "There is no such badge."


@dataclass(frozen=True, slots=True)
class BadgeNotHeld(Conflict):
    """Only a badge that the learner has can be taken away."""

    badge: str

    @property
    def reason(self) -> str:
        return "The learner does not hold this badge."


@dataclass(frozen=True, slots=True)
class BadgeNotRevoked(NotFound):
    """Only a badge that staff took away can be given back."""

    badge: str

    @property
    def reason(self) -> str:
        return "This badge has not been taken away from the learner."


@dataclass(frozen=True, slots=True)
class PeriodNotClosed(NotFound):
    """A leaderboard has final places only once its week or month has closed, and is asked for by its first day."""

    @property
    def reason(self) -> str:
        return "No week or month that began on this day has closed. Weeks are named by their Monday."
