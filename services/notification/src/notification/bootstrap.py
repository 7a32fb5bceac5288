"""Notification, wired by hand, for web and worker alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from babyowl_chassis.bus import Bus, SqlTransactions
from babyowl_chassis.ids import utc_now
from babyowl_chassis.service import Parts, Periodic, Resources, Service
from babyowl_chassis.subscriptions import Subscription
from babyowl_chassis.unit_of_work import SqlUnitOfWork
from babyowl_contracts.class_ import MakeUpCancelled, SeatOffered
from babyowl_contracts.identity import EmailVerificationRequested, PasswordChanged, PasswordResetRequested
from notification.deliveries import Deliveries
from notification.http import router
from notification.identity import Identity
from notification.mailroom import Mailroom
from notification.settings import NotificationSettings
from notification.smtp import Postbox
from notification.tables import metadata


@asynccontextmanager
async def build(resources: Resources) -> AsyncIterator[Parts]:
    """Put the parts together. There are no commands, so the bus carries out none."""
    settings: NotificationSettings = resources.settings
    database = resources.database
    deliveries = Deliveries(database)
    mailroom = Mailroom(
        deliveries,
        Identity(resources.internal(settings.identity_url)),
        Postbox(settings.server, settings.sender),
        sender=settings.sender,
        link_base=settings.link_base,
        clock=utc_now,
    )
    letters = Subscription(
        queue="notification.letters",
        consume={
            EmailVerificationRequested: mailroom.verify_email,
            PasswordResetRequested: mailroom.reset_password,
            PasswordChanged: mailroom.warn_of_changed_password,
            SeatOffered: mailroom.offer_seat,
            MakeUpCancelled: mailroom.call_off_make_up,
        },
    )
    yield Parts(
        bus=Bus(SqlTransactions(database, SqlUnitOfWork), publish=lambda _: None, handlers={}),
        subscriptions=[letters],
        periodic=[Periodic("forget-old-deliveries", every=3600.0, run=deliveries.forget_old)],
    )


service = Service(
    name="notification",
    title="Notification",
    settings=NotificationSettings,
    routers=(router,),
    build=build,
    metadata=metadata,
    migrations=Path(__file__).parents[2] / "migrations",
)
