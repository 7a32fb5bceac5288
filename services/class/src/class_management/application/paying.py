"""Which account pays for whom: credits are where their student was transferred to."""

from collections.abc import Mapping

from class_management.application.ports import UnitOfWork
from class_management.domain.credits import CreditAccount
from class_management.domain.register import Seated
from class_management.domain.values import UserId


async def seated_with(accounts: Mapping[UserId, CreditAccount], uow: UnitOfWork) -> dict[UserId, Seated]:
    """Those with these accounts, each with the one that pays.

    The way ends: an account is only gone from to one that is open, and has gone nowhere.
    """
    payers = dict(accounts)
    while moved := {who: payer.gone_to for who, payer in payers.items() if payer.gone_to is not None}:
        there = await uow.accounts.of_enrollments(list(moved.values()))
        payers |= {who: there[gone_to] for who, gone_to in moved.items()}
    return {who: Seated(account, payers[who]) for who, account in accounts.items()}
