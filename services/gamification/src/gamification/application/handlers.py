"""Every command and who carries it out."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from babyowl_kernel import Command
from gamification.application.commands.choose_appearance import ChooseAppearance, choose_appearance
from gamification.application.commands.close_period import ClosePeriod, close_period
from gamification.application.commands.recount_player import RecountPlayer, recount_player
from gamification.application.commands.reinstate_badge import ReinstateBadge, reinstate_badge
from gamification.application.commands.revoke_badge import RevokeBadge, revoke_badge
from gamification.application.commands.roll_over import RollOver, roll_over
from gamification.application.commands.seat_newcomers import SeatNewcomers, seat_newcomers

HANDLERS: Final[Mapping[type[Command[Any]], Callable[..., Awaitable[Any]]]] = {
    ChooseAppearance: choose_appearance,
    RecountPlayer: recount_player,
    RollOver: roll_over,
    ClosePeriod: close_period,
    SeatNewcomers: seat_newcomers,
    RevokeBadge: revoke_badge,
    ReinstateBadge: reinstate_badge,
}
