"""Who writes a letter, and what became of it: a claim in Postgres, so that one event is one letter."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from sqlalchemy import Interval, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from babyowl_chassis.database import AWAY, DatabaseAway, Pool
from babyowl_chassis.ids import new_id
from babyowl_chassis.sql import Statement
from notification.tables import DeliveryRow

LEASE = timedelta(seconds=90)
"""How long a claim holds if its holder dies. Sending gives up earlier; the retry ladder lasts longer."""

KEEP = timedelta(days=90)
"""Longer than any redrive of a dead-lettered event."""

LONGEST_PAUSE_SECONDS = 2.0
_AWAY: tuple[type[Exception], ...] = (*AWAY, OSError)

Final: TypeAlias = Literal["sent", "failed", "skipped"]


class BeingSent(Exception):
    """Another worker holds the claim: come back later and see whether it sent the letter, or died."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one letter. `attempt` tells this claim from an earlier one that has run out."""

    delivery_id: UUID
    attempt: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter, for good; `reason` is for operators, without personal data."""

    state: Final
    reason: str | None = None


_deliveries = DeliveryRow.__table__  # type: ignore[attr-defined]
_row = _deliveries.c
_lease = func.now() + bindparam("lease", LEASE, type_=Interval)
_inserted = insert(_deliveries).values(
    id=bindparam("id"),
    event_id=bindparam("event_id"),
    recipient_id=bindparam("recipient_id"),
    channel=bindparam("channel"),
    kind=bindparam("kind"),
    state="sending",
    attempts=1,
    claimed_until=_lease,
)
_CLAIM = Statement(
    _inserted.on_conflict_do_update(
        constraint="uq_deliveries_event_recipient_channel",
        set_={"state": "sending", "attempts": _row.attempts + 1, "claimed_until": _lease, "reason": None},
        where=or_(
            _row.state == "waiting",
            and_(_row.state == "sending", _row.claimed_until < func.now()),
        ),
    ).returning(_row.id, _row.attempts)
)
_STATE = Statement(
    select(_row.state).where(
        _row.event_id == bindparam("event_id"),
        _row.recipient_id == bindparam("recipient_id"),
        _row.channel == bindparam("channel"),
    )
)
_held = and_(
    _row.id == bindparam("delivery_id"),
    _row.attempts == bindparam("attempt"),
    _row.state == "sending",
)
_SETTLE = Statement(
    update(_deliveries)
    .where(_held)
    .values(state=bindparam("state"), reason=bindparam("reason"), claimed_until=None, settled_at=func.now())
)
_PUT_BACK = Statement(
    update(_deliveries).where(_held).values(state="waiting", reason=bindparam("reason"), claimed_until=None)
)
_FORGET = Statement(delete(_deliveries).where(_row.created_at < func.now() - bindparam("keep", KEEP, type_=Interval)))


class Deliveries:
    """The letters in the database."""

    def __init__(self, database: Pool) -> None:
        self._database = database

    async def claim(self, event_id: UUID, recipient_id: UUID, kind: str, *, channel: str = "email") -> Claim | None:
        """The right to send this letter; None if its fate is settled.

        Raises BeingSent while another holds it, and DatabaseAway.
        """
        key = {"event_id": event_id, "recipient_id": recipient_id, "channel": channel}
        with _knowing_when_away():
            row = await _CLAIM.fetchrow(self._database, **key, id=new_id(), kind=kind)
            if row is not None:
                return Claim(row["id"], row["attempts"])
            state = await _STATE.fetchval(self._database, **key)
        if state in ("sending", "waiting"):
            raise BeingSent(f"{kind} about {event_id}")
        return None

    async def settle(self, claim: Claim, outcome: Outcome) -> bool:
        """Note the letter's fate; False if the claim had run out and another took it.

        While the database is away it keeps trying, for what is not noted is sent again; TimeoutError when the
        claim has run out.
        """
        pause = 0.1
        async with asyncio.timeout(LEASE.total_seconds()):
            while True:
                try:
                    return await self._end(_SETTLE, claim, state=outcome.state, reason=outcome.reason)
                except DatabaseAway:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def put_back(self, claim: Claim, reason: str) -> bool:
        """Give the claim up after a failure that may pass, so that the retry need not wait for it to run out."""
        return await self._end(_PUT_BACK, claim, reason=reason)

    async def forget_old(self) -> int:
        """Delete what is older than 90 days; the number of rows."""
        return await _FORGET.execute(self._database)

    async def _end(self, statement: Statement, claim: Claim, **values: object) -> bool:
        with _knowing_when_away():
            touched = await statement.execute(
                self._database, delivery_id=claim.delivery_id, attempt=claim.attempt, **values
            )
        return touched == 1


@contextmanager
def _knowing_when_away() -> Iterator[None]:
    try:
        yield
    except _AWAY as away:
        raise DatabaseAway(repr(away)) from away
