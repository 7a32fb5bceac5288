"""Lots: credits that came together, and expire together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from class_management.domain.values import LotId, LotOrigin, VoucherId

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Lot:
    """Credits granted at once; from `expires_at` on none of them counts, and None lets them last.

    One with a `voucher_id` is a credit set aside for a make-up meeting, `taken_from` another lot.
    """

    id: LotId
    origin: LotOrigin
    granted: int
    remaining: int = 0
    expires_at: datetime | None = None
    granted_at: datetime
    reference: str | None = None
    voucher_id: VoucherId | None = None
    taken_from: LotId | None = None

    @property
    def is_set_aside(self) -> bool:
        """Whether only a make-up meeting is paid with it."""
        return self.voucher_id is not None


def by_expiry(lots: Iterable[Lot]) -> list[Lot]:
    """What expires soonest comes first, what lasts comes last; of two alike, the older one first."""
    return sorted(lots, key=lambda lot: (lot.expires_at or _NEVER, lot.granted_at))
