"""Vouchers whose time has come: expired ones, and guests whom nobody has marked; one voucher, one transaction."""

from uuid import UUID

from babyowl_chassis.bus import Bus
from babyowl_chassis.database import Pool
from babyowl_chassis.ids import utc_now
from babyowl_chassis.unit_of_work import VersionConflict
from babyowl_kernel import Clock
from class_management.application.commands.end_voucher import EndVoucher
from class_management.domain.values import UNMARKED_GUEST_MISSED_AFTER

AT_ONCE = 500

_DUE = """
SELECT id FROM (
    SELECT id FROM vouchers WHERE status = 'open' AND expires_at <= $1
    UNION ALL SELECT id FROM vouchers WHERE status = 'booked' AND host_ends_at <= $2
) AS due WHERE id <> ALL($3::uuid[]) ORDER BY id LIMIT $4
"""


class DueVouchers:
    """Looks for vouchers to end; several at it at once do no harm."""

    def __init__(self, database: Pool, bus: Bus, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock

    async def end(self) -> int:
        """End all whose time has come; how many there were."""
        now = self._clock()
        seen: list[UUID] = []
        ended = 0
        while due := await self._database.fetch(_DUE, now, now - UNMARKED_GUEST_MISSED_AFTER, seen, AT_ONCE):
            for row in due:
                seen.append(row["id"])
                try:
                    await self._bus.execute(EndVoucher(voucher_id=row["id"]))
                    ended += 1
                except VersionConflict:
                    continue  # somebody else is at it; if it is still due, it is found the next time
        return ended
