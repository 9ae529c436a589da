"""Databases with the tables of the toys, as many as a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chassis.database import Database
from tests import toy
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
            database = Database(f"sqlite:///{tmp_path}/{fresh_name('toys')}.db")
            opened.callback(database.close)
            toy.prepare(database)
            return database

        yield make


@pytest.fixture
def new_postgres(request: pytest.FixtureRequest) -> Iterator[Callable[[], Database]]:
    """The same on PostgreSQL."""
    with ExitStack() as opened:

        def make() -> Database:
            server: DatabaseServer = request.getfixturevalue("database_server")
            name = fresh_name("toys")
            url = server.create_database(name, template=request.getfixturevalue("template"))
            opened.callback(server.drop_database, name)
            database = Database(url)
            opened.callback(database.close)
            return database

        yield make
