import itertools
from uuid import UUID

import pytest

from babyowl_chassis.ids import new_id
from babyowl_contracts import Event

from .game import NOON, Game, Standing
from .reports import attendance, class_created, class_edited, enrolled, withdrawn

ORDERS = [order for events in (2, 3) for order in itertools.permutations(range(events))]
"""The orders in which two events of one class may come, or three."""


async def test_a_member_is_noted_whether_the_class_is_known_or_not(game: Game) -> None:
    class_id, ada, ben = new_id(), new_id(), new_id()
    await game.hear(enrolled(class_id, ada), class_created(class_id, new_id()), enrolled(class_id, ben))
    assert await game.store.members(class_id) == {ada, ben}


async def test_news_of_a_class_may_come_again(game: Game) -> None:
    class_id, ada = new_id(), new_id()
    created, joined = class_created(class_id, new_id()), enrolled(class_id, ada)
    await game.hear(created, joined, created, joined)
    assert await game.store.members(class_id) == {ada}


@pytest.mark.parametrize("order", ORDERS)
async def test_who_gives_a_seat_up_leaves_the_class_until_they_take_it_again(
    game: Game, order: tuple[int, ...]
) -> None:
    class_id, ada, ben = new_id(), new_id(), new_id()
    await game.hear(enrolled(class_id, ben))
    both: list[Event] = [enrolled(class_id, ada), withdrawn(class_id, ada)]
    for index in order:
        await game.hear(both[index % 2], sequence=index + 1)
    assert await game.store.members(class_id) == ({ada, ben} if len(order) == 3 else {ben})


@pytest.mark.parametrize("order", ORDERS)
async def test_a_class_belongs_to_the_last_instructor_it_was_given(game: Game, order: tuple[int, ...]) -> None:
    class_id, ines, joan = new_id(), new_id(), new_id()
    told: list[Event] = [class_created(class_id, ines), class_edited(class_id, joan), class_edited(class_id, None)]
    for index in order:
        await game.hear(told[index], sequence=index + 1)
    assert await game.store.instructor(class_id) == joan


def by_rule(standing: Standing) -> dict[str, int]:
    return {rule: amount for (rule, *_), amount in standing.ledger.items()}


async def test_who_leaves_a_class_keeps_what_they_earned_in_it(game: Game) -> None:
    class_id, ada = new_id(), new_id()
    await game.hear(enrolled(class_id, ada), attendance(ada, NOON, "present", meeting_id=new_id(), class_id=class_id))
    await game.hear(withdrawn(class_id, ada), sequence=2)
    assert by_rule(await game.standing(ada))["meeting_present"] == 30


async def test_a_guest_earns_as_everybody_does_and_becomes_no_member(game: Game) -> None:
    class_id, guest, meeting_id = new_id(), UUID(int=7), new_id()
    present = attendance(guest, NOON, "present", meeting_id=meeting_id, class_id=class_id, guest=True)
    await game.hear(class_created(class_id, new_id()), present, present)
    assert by_rule(await game.standing(guest))["meeting_present"] == 30
    assert await game.store.members(class_id) == set()
