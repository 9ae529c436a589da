"""Tables beside the live ones, folded anew while reports are read and events are heard, then put in their place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from chassis.database import Database
from chassis.problems import Unavailable
from reporting.shelf import Shelf

BESIDE = "rebuild_"
LONGEST_WAIT = "2s"
"""For those who read a live table that is about to be replaced: who comes meanwhile waits behind us."""


class ReadersInTheWay(Unavailable):
    """Somebody reads the live tables for too long to change them; ask again when that is over."""


class Shadow:
    """Empty copies of a shelf's tables.

    PostgreSQL renames their indexes with them. SQLite cannot, so there an index is made when its table takes its place.
    """

    def __init__(self, live: Shelf, *, on_sqlite: bool) -> None:
        self.live, self.on_sqlite = live, on_sqlite
        self.metadata = sa.MetaData()
        self.shelf = Shelf(live.projections, {name: self._copy(table) for name, table in live.tables.items()})

    def _copy(self, live: sa.Table) -> sa.Table:
        key = sa.PrimaryKeyConstraint(*live.primary_key.columns.keys(), name=self._name(live.primary_key.name))
        columns = [sa.Column(one.name, one.type, nullable=one.nullable, autoincrement=False) for one in live.columns]
        return sa.Table(f"{BESIDE}{live.name}", self.metadata, *columns, key)

    def _name(self, name: object) -> str:
        """How the copy's key or index is called: on SQLite its names are its own, and it keeps them."""
        return str(name) if self.on_sqlite else f"{BESIDE}{name}"

    def make_ready(self, connection: Connection) -> None:
        """Make the indexes, now that the tables are full, and let the database count what is in them."""
        if self.on_sqlite:
            return
        for name, live in self.live.tables.items():
            for index in live.indexes:
                columns = [self.shelf.tables[name].c[column.name] for column in index.columns]
                sa.Index(self._name(index.name), *columns).create(connection)
            connection.execute(sa.text(f"ANALYZE {BESIDE}{name}"))

    def keep_readers_out(self, session: Session) -> None:
        """From the live tables, which are locked before the log as by whoever hears. Raises ReadersInTheWay."""
        if self.on_sqlite:
            return
        session.execute(sa.text(f"SET LOCAL lock_timeout = '{LONGEST_WAIT}'"))
        try:
            session.execute(sa.text(f"LOCK TABLE {', '.join(self.live.tables)} IN ACCESS EXCLUSIVE MODE"))
        except sa.exc.OperationalError as error:
            raise ReadersInTheWay() from error

    def take_place(self, connection: Connection) -> None:
        """Replace the live tables: all of them or, when this transaction fails, none."""
        for name, live in self.live.tables.items():
            live.drop(connection)
            connection.execute(sa.text(f"ALTER TABLE {BESIDE}{name} RENAME TO {name}"))
            for index in sorted(live.indexes, key=lambda one: str(one.name)):
                if self.on_sqlite:
                    index.create(connection)
                else:
                    connection.execute(sa.text(f"ALTER INDEX {BESIDE}{index.name} RENAME TO {index.name}"))
            if not self.on_sqlite:
                key = live.primary_key.name
                connection.execute(sa.text(f"ALTER INDEX {BESIDE}{key} RENAME TO {key}"))


@contextmanager
def standing_beside(database: Database, live: Shelf) -> Iterator[Shadow]:
    """A shadow that is gone at the end; what a crash left of an earlier one is swept away first."""
    shadow = Shadow(live, on_sqlite=database.is_sqlite)
    with database.connection() as connection:
        throw_away(connection)
        shadow.metadata.create_all(connection)
    try:
        yield shadow
    finally:
        with database.connection() as connection:
            throw_away(connection)


def throw_away(connection: Connection) -> None:
    """Every table that is called like ours, whichever build made it."""
    for name in sa.inspect(connection).get_table_names():
        if name.startswith(BESIDE):
            connection.execute(sa.text(f'DROP TABLE "{name}"'))
