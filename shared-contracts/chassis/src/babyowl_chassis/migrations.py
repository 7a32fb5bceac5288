"""Schema migrations: Alembic, with one environment for all services.

A service's own revisions are at home with it. The chassis brings those of its tables along, as branches of their own,
so that a newer chassis changes them in every service at its next `migrate`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import asyncpg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from babyowl_chassis.service import Service
from babyowl_chassis.tables import PEOPLE_TABLES

T = TypeVar("T")

_HOME = Path(__file__).parent / "alembic"
_LOCK = 7_023_114


def _config(service: Service, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HOME))
    config.set_main_option("path_separator", "newline")
    locations = [service.migrations, _HOME / "messaging"]
    if all(table.name in service.metadata.tables for table in PEOPLE_TABLES):
        locations.append(_HOME / "people")
    config.set_main_option("version_locations", "\n".join(map(str, locations)))
    config.attributes.update(connection=connection, metadata=service.metadata)
    return config


async def _on(url: str, work: Callable[[Connection], T]) -> T:
    # asyncpg reads the URL, here as elsewhere: it may name a search path other than the role's, say.
    engine = create_async_engine(
        "postgresql+asyncpg://", poolclass=NullPool, async_creator=lambda: asyncpg.connect(url)
    )
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


async def migrate(service: Service, database_url: str, *, to: str = "heads") -> None:
    """Bring the service's schema to a revision, the newest; replicas that start together wait for each other."""

    def upgrade(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK}, hashtext(current_schema()))")
        command.upgrade(_config(service, connection), to)

    await _on(database_url, upgrade)


async def differences(service: Service, database_url: str) -> list[object]:
    """What the migrated schema and the declared tables disagree about; empty is right."""

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection)
        return [d for d in compare_metadata(context, service.metadata) if not _is_alembics_own(d)]

    return await _on(database_url, compare)


def _is_alembics_own(difference: object) -> bool:
    return isinstance(difference, tuple) and getattr(difference[1], "name", None) == "alembic_version"


async def write_revision(service: Service, database_url: str, message: str) -> None:
    """Migrate, and write a revision file with what the declared tables have and the database does not."""

    def write(connection: Connection) -> None:
        last = len(list(service.migrations.glob("[0-9]*.py")))
        config = _config(service, connection)
        command.upgrade(config, "heads")
        command.revision(
            config,
            message,
            autogenerate=True,
            head=f"{last:04}" if last else "base",
            rev_id=f"{last + 1:04}",
            version_path=str(service.migrations),
        )

    await _on(database_url, write)
