"""How a learner appears to others, and the aliases staff take away."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from babyowl_chassis.http import Body, Page, PageParams, Reader, Staff, Student, Text, TheBus, View, accepted, page
from gamification.application.commands.choose_appearance import KEPT, ChooseAppearance
from gamification.application.commands.remove_alias import RemoveAlias
from gamification.domain.appearance import AliasRemoval, PlayerAppearance
from gamification.domain.values import Visibility
from gamification.queries.appearances import Choice, WornAlias, choice_of, worn_aliases

router = APIRouter(prefix="/api/v1", tags=["Appearance"])

MAX_ALIAS_LENGTH = 100
"""Of the input; the rule for aliases is stricter, and says so itself."""

AliasText = Annotated[str, Field(max_length=MAX_ALIAS_LENGTH)]


class AppearanceBody(Body):
    """What is left out stays as it is; an alias of null gives the learner their own name back."""

    # Factories, so that the API's document does not promise a default: the route looks at what was given.
    leaderboard: Visibility = Field(default_factory=lambda: Visibility.SHOWN)
    alias: AliasText | None = Field(default_factory=lambda: None)


class AliasRemovalView(View):
    """An alias that staff took away, and why."""

    alias: str
    reason: str
    removed_at: datetime

    @classmethod
    def of(cls, value: AliasRemoval) -> Self:
        """The view of the domain's value."""
        return cls(alias=value.alias.text, reason=value.reason, removed_at=value.removed_at)


class AppearanceView(View):
    """How a learner appears to others; `removal` says what became of the last alias, if staff took it away."""

    leaderboard: Visibility
    alias: str | None
    removal: AliasRemovalView | None

    @classmethod
    def of(cls, value: PlayerAppearance) -> Self:
        """The view of the aggregate."""
        return cls(
            leaderboard=value.leaderboard,
            alias=value.alias.text if value.alias else None,
            removal=AliasRemovalView.of(value.removal) if value.removal else None,
        )

    @classmethod
    def of_choice(cls, value: Choice) -> Self:
        """The view of the query's answer."""
        removal = None
        if value.removed_alias is not None and value.reason is not None and value.removed_at is not None:
            removal = AliasRemovalView(alias=value.removed_alias, reason=value.reason, removed_at=value.removed_at)
        return cls(leaderboard=Visibility(value.leaderboard), alias=value.alias, removal=removal)


class AliasRemovalBody(Body):
    """The alias that was seen, so that no other is taken away, and why it is unsuitable; the learner reads it."""

    alias: AliasText
    reason: Annotated[str, Field(min_length=3, max_length=300)]


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
async def choose_my_appearance(body: AppearanceBody, bus: TheBus, user: Student) -> AppearanceView:
    """Choose whether you stand on leaderboards, and under which name."""
    given = body.model_fields_set
    command = ChooseAppearance(
        player_id=user.user_id,
        leaderboard=body.leaderboard if "leaderboard" in given else KEPT,
        alias=body.alias if "alias" in given else KEPT,
    )
    return AppearanceView.of(accepted(await bus.execute(command)))


@router.get("/players/me/appearance")
async def my_appearance(db: Reader, user: Student) -> AppearanceView:
    """How you appear to others, and whether staff took your alias away."""
    return AppearanceView.of_choice(await choice_of(db, user.user_id))


@router.get("/aliases")
async def aliases(
    db: Reader,
    _: Staff,
    params: PageParams,
    contains: Annotated[Text | None, Query(max_length=MAX_ALIAS_LENGTH, description="Part of the alias.")] = None,
) -> Page[WornAliasView]:
    """The aliases learners go by, in the order of the alphabet, and who goes by them."""
    rows = await worn_aliases(db, contains=contains, after=params.after_as(str), limit=params.limit)
    return page(rows, params, key=lambda row: (row.alias_key,), view=WornAliasView.of)


@router.post("/players/{player_id}/alias/removal")
async def take_alias_away(player_id: UUID, body: AliasRemovalBody, bus: TheBus, user: Staff) -> AppearanceView:
    """Take an unsuitable alias away from a learner. Nobody gets it again, and the learner is told why."""
    command = RemoveAlias(player_id=player_id, alias=body.alias, reason=body.reason, by=user.actor)
    return await bus.answer(command, AppearanceView)
