"""What the routes of this context ask for in their signatures."""

import re
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BeforeValidator

from babyowl_chassis.http import CurrentUser, Reader, State, refused
from gamification.domain.calendar import Academy
from gamification.domain.catalogue import Catalogue
from gamification.domain.errors import PlayerNotFound
from gamification.domain.policies import seeing_player
from gamification.infrastructure.pictures import Artwork
from gamification.queries.sight import sight_of

TheAcademy = Annotated[Academy, State("academy")]
"""The academy's time."""

TheCatalogue = Annotated[Catalogue, State("catalogue")]
"""The rules, badges and quests of the game."""

TheArtwork = Annotated[Artwork, State("artwork")]
"""What the pictures of badges are drawn from."""


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _as_a_day(value: object) -> object:
    # Pydantic takes a midnight for its day, and a number for the seconds since 1970.
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("must be a date, such as 2026-11-16")
    return value


Day = Annotated[date, BeforeValidator(_as_a_day)]
"""A date in a path or a query, and nothing that only comes to one."""


async def _seen_player(player_id: UUID, db: Reader, user: CurrentUser) -> UUID:
    sight = await sight_of(db, user.user_id, player_id)
    if (refusal := seeing_player(user.actor, player_id, teaches=sight.teaches)) is not None:
        raise refused(refusal)
    if not sight.plays:
        raise refused(PlayerNotFound(player_id))
    return player_id


SeenPlayer = Annotated[UUID, Depends(_seen_player)]
"""The learner of the path `…/{player_id}/…`, if whoever asks may see them: else `player_not_visible` (403)."""
