"""Databases with the tables of the toys, as many as a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from psycopg.sql import SQL

from chassis.database import Database
from chassis.testing.fixtures import unsynced
from tests import toy, toy_person  # noqa: F401  (its tables belong to the template)
from tests.infra.postgres import DatabaseServer, fresh_name


@pytest.fixture(scope="session")
def template(database_server: DatabaseServer) -> Iterator[str]:
    """A PostgreSQL database with the tables of the toys: copying it is quicker than making them."""
    name = fresh_name("toys")
    database = Database(database_server.create_database(name), pool_size=1)
    toy.prepare(database)
    database.close()
    yield name
    database_server.drop_database(name)


@pytest.fixture
def new_sqlite(tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Ask for as many empty SQLite files with the toys' tables as the test needs."""
    with ExitStack() as opened:

        def make() -> Database:
            database = unsynced(Database(f"sqlite:///{tmp_path}/{fresh_name('toys')}.db"))
            opened.callback(database.close)
            toy.prepare(database)
            return database

        yield make


class Pool:
    """PostgreSQL databases that are emptied and used again: that is ten times quicker than dropping one."""

    def __init__(self, server: DatabaseServer, template: str) -> None:
        self.server, self.template = server, template
        self.names: list[str] = []
        self.free: list[str] = []

    def take(self) -> str:
        """The name of an empty database."""
        if not self.free:
            self.free.append(fresh_name("toys"))
            self.names.append(self.free[-1])
            self.server.create_database(self.free[-1], template=self.template)
        return self.free.pop()

    def give_back(self, name: str) -> None:
        """Whoever is connected is sent away, the rows are gone, and numbers begin at one again."""
        tables = ", ".join(table.name for table in toy.Base.metadata.sorted_tables)
        with self.server.connect(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute(SQL("TRUNCATE {} RESTART IDENTITY").format(SQL(tables)))
            connection.execute(
                "INSERT INTO log_state (only_row, epoch, head_position, published_to) VALUES (1, 1, 0, 0)"
            )
        self.free.append(name)

    def close(self) -> None:
        for name in self.names:
            self.server.drop_database(name)


@pytest.fixture(scope="session")
def pool(database_server: DatabaseServer, template: str) -> Iterator[Pool]:
    shared = Pool(database_server, template)
    yield shared
    shared.close()


@pytest.fixture
def new_postgres(request: pytest.FixtureRequest) -> Iterator[Callable[[], Database]]:
    """The same on PostgreSQL."""
    with ExitStack() as opened:

        def make() -> Database:
            databases: Pool = request.getfixturevalue("pool")
            name = databases.take()
            opened.callback(databases.give_back, name)
            database = Database(databases.server.url_of(name))
            opened.callback(database.close)
            return database

        yield make


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is said to the database meanwhile."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
