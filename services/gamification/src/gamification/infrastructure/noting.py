"""Facts of other contexts: of two about the same thing the one with the greater sequence stays."""

from typing import Any

from sqlalchemy import Table, bindparam
from sqlalchemy.dialects.postgresql import insert

from babyowl_chassis.sql import Statement


def noting(table: Table, **always: Any) -> Statement:
    """Keep a fact, unless a later one about the same thing is known; `always` is the same for every one."""
    values = {column.name: always.get(column.name, bindparam(column.name)) for column in table.c}
    statement = insert(table).values(values)
    return Statement(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={column.name: statement.excluded[column.name] for column in table.c if not column.primary_key},
            where=table.c.sequence < statement.excluded.sequence,
        )
    )
