"""Vouchers whose time has come: expired ones, and guests whom nobody has marked; one voucher, one transaction."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import utc_now
from babyowl_chassis.unit_of_work import VersionConflict
from babyowl_kernel import Clock
from class_management.application.commands.end_voucher import EndVoucher
from class_management.domain.values import UNMARKED_GUEST_MISSED_AFTER

AT_ONCE = 500

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

# Each branch stops by itself, so that a page of a long backlog costs no more than a page.
_DUE = """
SELECT id, due_at FROM (
    (SELECT id, expires_at AS due_at FROM vouchers
    WHERE status = 'open' AND expires_at <= $1 AND (expires_at, id) > ($3, $4)
    ORDER BY expires_at, id LIMIT $5)
    UNION ALL
    (SELECT id, host_ends_at + $2::interval FROM vouchers
    WHERE status = 'booked' AND host_ends_at <= $1 - $2::interval AND (host_ends_at, id) > ($3 - $2::interval, $4)
    ORDER BY host_ends_at, id LIMIT $5)
) AS due ORDER BY due_at, id LIMIT $5
"""


class DueVouchers:
    """Looks for vouchers to end; several at it at once do no harm."""

    def __init__(self, database: Pool, bus: Bus, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock

    async def end(self) -> int:
        """End all whose time has come; how many there were."""
        now, ended, last = self._clock(), 0, (_LONG_AGO, UUID(int=0))
        while due := await self._database.fetch(_DUE, now, UNMARKED_GUEST_MISSED_AFTER, *last, AT_ONCE):
            for row in due:
                # Somebody else is at it: if it is still due, it is found the next time.
                with suppress(VersionConflict):
                    await self._bus.execute(EndVoucher(voucher_id=row["id"]))
                    ended += 1
            last = due[-1]["due_at"], due[-1]["id"]
        return ended
