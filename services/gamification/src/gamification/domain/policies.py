"""Who may see what; each policy yields the refusal, or None."""

from dataclasses import dataclass
from uuid import UUID

from babyowl_kernel import Actor
from gamification.domain.errors import (
    ClassNotFound,
    CourseNotFound,
    NotInClass,
    NotInCourse,
    PlayerNotVisible,
    SeatRequired,
)


@dataclass(frozen=True, slots=True)
class ClassStanding:
    """What somebody is to a class, or to the classes of a course."""

    known: bool
    teaches: bool
    attends: bool


def seeing_player(actor: Actor, player_id: UUID, *, teaches: bool) -> PlayerNotVisible | None:
    """Learners see themselves, instructors the students of their classes, staff everybody.

    Others learn nothing, not even whether there is such a learner.
    """
    if actor.is_staff or actor.user_id == player_id or (actor.has("instructor") and teaches):
        return None
    return PlayerNotVisible(player_id)


def seeing_academy_leaderboard(actor: Actor, *, has_seat: bool) -> SeatRequired | None:
    """Whoever learns or works here sees it: anybody may make an account, and children are named on it."""
    return None if has_seat or actor.has("instructor") or actor.is_staff else SeatRequired()


def seeing_class_leaderboard(
    actor: Actor, class_id: UUID, standing: ClassStanding
) -> NotInClass | ClassNotFound | None:
    """The students of a class and its instructor see its leaderboard, staff those of all classes."""
    if actor.is_staff:
        return None if standing.known else ClassNotFound(class_id)
    if standing.attends or (actor.has("instructor") and standing.teaches):
        return None
    return NotInClass(class_id)


def seeing_course_leaderboard(
    actor: Actor, course_id: UUID, standing: ClassStanding
) -> NotInCourse | CourseNotFound | None:
    """Whoever learns the course, or teaches it to a class, sees its leaderboard; staff those of all courses."""
    if actor.is_staff:
        return None if standing.known else CourseNotFound(course_id)
    if standing.attends or (actor.has("instructor") and standing.teaches):
        return None
    return NotInCourse(course_id)
