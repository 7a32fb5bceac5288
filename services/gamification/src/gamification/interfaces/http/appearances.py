"""How a learner appears to others, and who goes by which alias."""

from random import SystemRandom
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from babyowl_chassis.http import (
    Body,
    Page,
    PageParams,
    Reader,
    Staff,
    State,
    Student,
    Text,
    TheBus,
    View,
    accepted,
    page,
)
from gamification.application.commands.choose_appearance import KEPT, ChooseAppearance
from gamification.domain.aliases import AliasWords
from gamification.domain.values import Appearance, Visibility
from gamification.queries.appearances import WornAlias, choice_of, free_aliases, worn_aliases

router = APIRouter(prefix="/api/v1", tags=["Appearance"])

MAX_ALIAS_LENGTH = 100
"""Of the input; the rule for aliases is stricter, and says so itself."""
SUGGESTIONS = 10

TheWords = Annotated[AliasWords, State("words")]
"""What aliases are composed of."""


class AppearanceBody(Body):
    """What is left out stays as it is.

    An alias is two words of the academy's and perhaps a number from 2 to 99. With null, those who know the learner
    read the name again, and others an alias that nobody has chosen.
    """

    # Factories, so that the API's document does not promise a default: the route looks at what was given.
    leaderboard: Visibility = Field(default_factory=lambda: Visibility.SHOWN)
    alias: Annotated[str, Field(max_length=MAX_ALIAS_LENGTH)] | None = Field(default_factory=lambda: None)


class AppearanceView(View):
    """How a learner appears to others.

    `alias` is the chosen one, `to_strangers` what those read who do not know the learner: the alias, or one that
    nobody has chosen.
    """

    leaderboard: Visibility
    alias: str | None
    to_strangers: str

    @classmethod
    def of_choice(cls, player_id: UUID, chosen: Appearance, words: AliasWords) -> Self:
        """The view of what this learner has chosen."""
        return cls(
            leaderboard=chosen.leaderboard,
            alias=chosen.alias.text if chosen.alias else None,
            to_strangers=(chosen.alias or words.of_player(player_id)).text,
        )


class AliasSuggestionsView(View):
    """Aliases that are free, and all words to compose others of: one of the first, then one of the second."""

    items: list[str]
    first_words: list[str]
    second_words: list[str]


class WornAliasView(View):
    """An alias, and who goes by it."""

    alias: str
    player_id: UUID
    display_name: str | None
    leaderboard: Visibility

    @classmethod
    def of(cls, value: WornAlias) -> Self:
        """The view of the query's answer."""
        return cls(
            alias=value.alias,
            player_id=value.player_id,
            display_name=value.display_name,
            leaderboard=Visibility(value.leaderboard),
        )


@router.patch("/players/me")
async def choose_my_appearance(body: AppearanceBody, bus: TheBus, user: Student, words: TheWords) -> AppearanceView:
    """Choose whether you stand on leaderboards, and under which name."""
    given = body.model_fields_set
    command = ChooseAppearance(
        player_id=user.user_id,
        leaderboard=body.leaderboard if "leaderboard" in given else KEPT,
        alias=body.alias if "alias" in given else KEPT,
    )
    chosen = accepted(await bus.execute(command)).appearance
    return AppearanceView.of_choice(user.user_id, chosen, words)


@router.get("/players/me/appearance")
async def my_appearance(db: Reader, user: Student, words: TheWords) -> AppearanceView:
    """How you appear to others: to those who know you, and to those who don't."""
    return AppearanceView.of_choice(user.user_id, await choice_of(db, user.user_id), words)


@router.get("/players/me/alias-suggestions")
async def alias_suggestions(db: Reader, _: Student, words: TheWords) -> AliasSuggestionsView:
    """Some aliases that nobody has chosen, others each time, and the words that aliases are composed of."""
    free = await free_aliases(db, words, SystemRandom(), limit=SUGGESTIONS)
    return AliasSuggestionsView(
        items=[alias.text for alias in free], first_words=list(words.first), second_words=list(words.second)
    )


@router.get("/aliases")
async def aliases(
    db: Reader,
    _: Staff,
    params: PageParams,
    contains: Annotated[Text | None, Query(max_length=MAX_ALIAS_LENGTH, description="Part of the alias.")] = None,
) -> Page[WornAliasView]:
    """The aliases learners go by, in the order of the alphabet, and who goes by them."""
    rows = await worn_aliases(db, contains=contains, after=params.after_as(str), limit=params.limit)
    return page(rows, params, key=lambda row: (row.alias,), view=WornAliasView.of)
