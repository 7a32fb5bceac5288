from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from gamification.domain.aliases import Alias
from gamification.domain.errors import AliasTaken, AliasUnsuitable
from gamification.domain.values import Appearance, Visibility

from .game import NOON, Game
from .reports import exercise


@pytest.fixture
def ada() -> UUID:
    return new_id()


async def test_who_has_chosen_nothing_is_shown_without_an_alias(game: Game, ada: UUID) -> None:
    await game.hear(exercise(ada, NOON))
    assert (await game.appearance(ada)).appearance == Appearance(Visibility.SHOWN, None)


async def test_who_has_not_done_anything_yet_can_choose_too(game: Game, ada: UUID) -> None:
    chosen = await game.choose(ada, leaderboard=Visibility.HIDDEN, alias="Night Owl")
    assert chosen == Appearance(Visibility.HIDDEN, Alias("Night Owl"))
    await game.hear(exercise(ada, NOON))
    assert (await game.appearance(ada)).appearance == chosen
    assert (await game.player(ada)).total_xp > 0


async def test_what_is_not_chosen_stays_as_it_is(game: Game, ada: UUID) -> None:
    await game.hear(exercise(ada, NOON))
    await game.choose(ada, alias="Night Owl")
    await game.choose(ada, leaderboard=Visibility.HIDDEN)
    assert (await game.appearance(ada)).appearance == Appearance(Visibility.HIDDEN, Alias("Night Owl"))
    assert await game.choose(ada, alias=None) == Appearance(Visibility.HIDDEN, None)
    assert (await game.player(ada)).total_xp > 0


async def test_two_learners_cannot_go_by_the_same_alias(game: Game, ada: UUID) -> None:
    await game.choose(ada, alias="Night Owl")
    assert await game.choose(new_id(), alias="NIGHT  owl") == AliasTaken()
    assert await game.choose(ada, alias="night OWL") == Appearance(Visibility.SHOWN, Alias("Night Owl"))
    assert await game.choose(new_id(), alias="Night Owl 2") == Appearance(Visibility.SHOWN, Alias("Night Owl 2"))


async def test_an_unsuitable_alias_changes_nothing_at_all(game: Game, ada: UUID) -> None:
    await game.choose(ada, alias="Night Owl")
    assert await game.choose(ada, leaderboard=Visibility.HIDDEN, alias="Rude Owl") == AliasUnsuitable()
    assert (await game.appearance(ada)).appearance == Appearance(Visibility.SHOWN, Alias("Night Owl"))


async def test_how_a_learner_appears_stays_in_the_house(game: Game, ada: UUID) -> None:
    await game.choose(ada, alias="Night Owl")
    assert await game.store.events(ada) == []
