from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_kernel import Err, Ok
from gamification.domain.errors import AliasBarred, AliasNotWorn, AliasTaken, AliasUnsuitable
from gamification.domain.values import Alias, Appearance, Visibility

from .game import NOON, Game
from .reports import exercise


@pytest.fixture
def ada() -> UUID:
    return new_id()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Owl", "Owl"),
        ("Ço", "Ço"),
        ("  night   owl ", "night owl"),
        ("R2-D2", "R2-D2"),
        ("O'Neil_jr.", "O'Neil_jr."),
        ("小猫头鹰", "小猫头鹰"),
        ("x" * 30, "x" * 30),
    ],
)
def test_an_alias_is_made_of_letters_digits_and_a_few_signs(given: str, kept: str) -> None:
    assert Alias.of(given) == Ok(Alias(kept))


@pytest.mark.parametrize("given", ["", "O", "x" * 31, "007", "<b>owl</b>", "o\u202ewl", "owl@home", "__", " o "])
def test_other_aliases_are_refused(given: str) -> None:
    assert Alias.of(given) == Err(AliasUnsuitable())


async def test_a_learner_appears_under_their_own_name_until_they_choose(game: Game, ada: UUID) -> None:
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


async def test_two_learners_cannot_go_by_aliases_that_look_alike(game: Game, ada: UUID) -> None:
    await game.choose(ada, alias="Night Owl")
    assert await game.choose(new_id(), alias="NIGHT owl") == AliasTaken()
    assert await game.choose(ada, alias="night OWL") == Appearance(Visibility.SHOWN, Alias("night OWL"))


async def test_an_unsuitable_alias_changes_nothing_at_all(game: Game, ada: UUID) -> None:
    await game.choose(ada, alias="Night Owl")
    assert await game.choose(ada, leaderboard=Visibility.HIDDEN, alias="<script>") == AliasUnsuitable()
    assert (await game.appearance(ada)).appearance == Appearance(Visibility.SHOWN, Alias("Night Owl"))


async def test_how_a_learner_appears_stays_in_the_house(game: Game, ada: UUID) -> None:
    await game.choose(ada, alias="Night Owl")
    assert await game.store.events(ada) == []


async def test_nobody_goes_by_what_strangers_see_of_somebody_else(game: Game, ada: UUID) -> None:
    await game.store.is_named(ada, "Ada Lovelace")
    await game.store.is_named(new_id(), "Ben Maria Strasse")
    assert await game.choose(ada, alias="BEN s.") == AliasTaken()
    assert await game.choose(ada, alias="Ada L.") == Appearance(Visibility.SHOWN, Alias("Ada L."))


@pytest.mark.parametrize("name", ["Ben Straße", "BEN STRASSE", "Ｂｅｎ　Ｓｔｒａｓｓｅ"])
async def test_nobody_goes_by_what_reads_like_the_name_of_somebody_else(game: Game, ada: UUID, name: str) -> None:
    await game.store.is_named(ada, "Ada Strasse")
    await game.store.is_named(new_id(), name)
    assert await game.choose(ada, alias="ben strasse") == AliasTaken()
    assert await game.choose(ada, alias="ada strasse") == Appearance(Visibility.SHOWN, Alias("ada strasse"))


async def test_an_alias_that_staff_took_away_is_gone_for_everybody(game: Game, ada: UUID) -> None:
    await game.choose(ada, alias="Rude Owl", leaderboard=Visibility.HIDDEN)
    assert await game.remove_alias(ada, "rude owl") == Appearance(Visibility.HIDDEN, None)
    assert await game.choose(ada, alias="RUDE Owl") == AliasBarred()
    assert await game.choose(new_id(), alias="Rude Owl") == AliasBarred()
    assert await game.store.events(ada) == []


async def test_the_learner_is_told_why_until_they_go_by_another_alias(game: Game, ada: UUID) -> None:
    await game.choose(ada, alias="Rude Owl")
    await game.remove_alias(ada, "Rude Owl")
    removal = (await game.appearance(ada)).removal
    assert removal is not None
    assert (removal.alias, removal.reason) == (Alias("Rude Owl"), "It insults somebody.")
    await game.choose(ada, alias="Kind Owl")
    assert (await game.appearance(ada)).removal is None


async def test_only_the_alias_that_was_seen_is_taken_away(game: Game, ada: UUID) -> None:
    assert await game.remove_alias(ada, "Rude Owl") == AliasNotWorn()
    await game.choose(ada, alias="Rude Owl")
    await game.choose(ada, alias="Kind Owl")
    assert await game.remove_alias(ada, "Rude Owl") == AliasNotWorn()
    assert (await game.appearance(ada)).alias == Alias("Kind Owl")
