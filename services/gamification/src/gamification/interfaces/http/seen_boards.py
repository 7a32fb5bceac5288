"""Whose board is asked for, and whether whoever asks may see it: the same for boards that run and that are closed."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from babyowl_chassis.http import CurrentUser, Reader, refused
from babyowl_kernel import Refusal
from gamification.domain.errors import OneBoardOnly
from gamification.domain.policies import (
    seeing_academy_leaderboard,
    seeing_class_leaderboard,
    seeing_course_leaderboard,
)
from gamification.queries.classes import class_standing, course_standing, has_seat
from gamification.queries.faces import Viewer


@dataclass(frozen=True, slots=True)
class Seen:
    """The boards of a class, of a course, or else of the academy; and who looks at them."""

    viewer: Viewer
    class_id: UUID | None = None
    course_id: UUID | None = None


async def _seen_academy(db: Reader, user: CurrentUser) -> Viewer:
    refusal = seeing_academy_leaderboard(user.actor, has_seat=await has_seat(db, user.user_id))
    if refusal is not None:
        raise refused(refusal)
    return Viewer.of(user.actor)


async def _seen(
    *,
    db: Reader,
    user: CurrentUser,
    class_id: Annotated[UUID | None, Query(description="The class whose members are ranked.")] = None,
    course_id: Annotated[UUID | None, Query(description="The course whose points are ranked.")] = None,
) -> Seen:
    refusal: Refusal | None = None
    if class_id is not None and course_id is not None:
        refusal = OneBoardOnly()
    elif class_id is not None:
        refusal = seeing_class_leaderboard(user.actor, class_id, await class_standing(db, class_id, user.user_id))
    elif course_id is not None:
        standing = await course_standing(db, course_id, user.user_id)
        refusal = seeing_course_leaderboard(user.actor, course_id, standing)
    else:
        await _seen_academy(db, user)
    if refusal is not None:
        raise refused(refusal)
    return Seen(Viewer.of(user.actor), class_id, course_id)


SeenBoards = Annotated[Seen, Depends(_seen)]
"""The boards that `class_id` and `course_id` name, if whoever asks may see them."""

AcademyViewer = Annotated[Viewer, Depends(_seen_academy)]
"""Whoever asks, if they may see learners of the whole academy."""
