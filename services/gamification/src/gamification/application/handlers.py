"""Every command and who carries it out."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from babyowl_kernel import Command
from gamification.application.commands.choose_appearance import ChooseAppearance, choose_appearance
from gamification.application.commands.recount_player import RecountPlayer, recount_player
from gamification.application.commands.remove_alias import RemoveAlias, remove_alias

HANDLERS: Final[Mapping[type[Command[Any]], Callable[..., Awaitable[Any]]]] = {
    ChooseAppearance: choose_appearance,
    RecountPlayer: recount_player,
    RemoveAlias: remove_alias,
}
