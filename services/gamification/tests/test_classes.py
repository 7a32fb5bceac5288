from babyowl_chassis.ids import new_id

from .game import Game
from .reports import class_created, enrolled


async def test_a_member_is_noted_whether_the_class_is_known_or_not(game: Game) -> None:
    class_id, ada, ben = new_id(), new_id(), new_id()
    await game.hear(enrolled(class_id, ada), class_created(class_id, new_id()), enrolled(class_id, ben))
    assert await game.store.members(class_id) == {ada, ben}


async def test_news_of_a_class_may_come_again(game: Game) -> None:
    class_id, ada = new_id(), new_id()
    created, joined = class_created(class_id, new_id()), enrolled(class_id, ada)
    await game.hear(created, joined, created, joined)
    assert await game.store.members(class_id) == {ada}
