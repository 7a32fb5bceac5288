"""A calendar feed: meetings behind a secret link, for calendar programs, which cannot sign in."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from babyowl_kernel import AggregateRoot
from class_management.domain.events import CalendarFeedOpened, CalendarFeedRenewed, CalendarFeedRevoked
from class_management.domain.values import ClassId, FeedId, UserId


def digest_of(token: str) -> bytes:
    """What is kept of a link's token; 256 random bits need neither salt nor a slow hash."""
    return sha256(token.encode("utf-8", "replace")).digest()


@dataclass(kw_only=True)
class CalendarFeed(AggregateRoot):
    """The link to one person's meetings, or with `class_id` to those of one class.

    Whoever has the link reads what its owner may see at that moment; only the digest of its token is kept.
    """

    owner_id: UserId
    class_id: ClassId | None
    token_digest: bytes
    created_at: datetime
    renewed_at: datetime

    @classmethod
    def open(
        cls,
        *,
        id: FeedId,  # noqa: A002
        owner_id: UserId,
        class_id: ClassId | None,
        token_digest: bytes,
        now: datetime,
    ) -> "CalendarFeed":
        """Give the owner a link."""
        feed = cls(
            id=id,
            owner_id=owner_id,
            class_id=class_id,
            token_digest=token_digest,
            created_at=now,
            renewed_at=now,
        )
        feed.record(CalendarFeedOpened(feed_id=id, owner_id=owner_id, class_id=class_id))
        return feed

    def renew(self, token_digest: bytes, *, now: datetime) -> None:
        """Give the owner another link; the one before leads nowhere any more."""
        self.token_digest, self.renewed_at = token_digest, now
        self.record(CalendarFeedRenewed(feed_id=self.id, owner_id=self.owner_id, class_id=self.class_id))

    def revoke(self) -> None:
        """Let the link lead nowhere any more; the feed is to be removed."""
        self.record(CalendarFeedRevoked(feed_id=self.id, owner_id=self.owner_id, class_id=self.class_id))
