"""Finding the roots that a command changes, by something else than their id."""

from sqlalchemy import ColumnElement, Table, select

from babyowl_chassis.sql import Statement


class Finder:
    """Root rows by a condition, read and locked in the order of their ids, so that no two writers deadlock."""

    def __init__(self, table: Table, *where: ColumnElement[bool]) -> None:
        found = select(table).where(*where).order_by(table.c.id)
        self._reading = Statement(found)
        # Nobody else may change them; rows that only point at them, as a first mark does, may still be written.
        self._locking = Statement(found.with_for_update(key_share=True))

    def statement(self, *, locking: bool) -> Statement:
        """The statement to run: on a second try the one that locks."""
        return self._locking if locking else self._reading
