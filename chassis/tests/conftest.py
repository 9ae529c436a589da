"""Databases for the tests of the chassis: the same test on a SQLite file and on PostgreSQL, where it matters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chassis.database import Database
from chassis.manifest import Service
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage, some_settings
from tests import toy
from tests.infra.postgres import DatabaseServer, fresh_name

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.infra)]


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


@pytest.fixture(params=BOTH)
def new_database(
    request: pytest.FixtureRequest, new_sqlite: Callable[[], Database], new_postgres: Callable[[], Database]
) -> Callable[[], Database]:
    """Databases of one kind, then of the other."""
    return new_sqlite if request.param == "sqlite" else new_postgres


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Database:
    """One empty database with the toys' tables."""
    return new_database()


@pytest.fixture
def any_database(new_sqlite: Callable[[], Database]) -> Database:
    """A database for what is the same on both: the quicker one."""
    return new_sqlite()


@pytest.fixture
def shelf(database: Database) -> Stage:
    """The shelf on stage, with the workshop elsewhere."""
    return on_stage(toy.shelf, database)


@pytest.fixture
def workshop(database: Database) -> Stage:
    """The workshop on stage."""
    return on_stage(toy.workshop, database)


@pytest.fixture
def client(workshop: Stage) -> Client:
    """Somebody with every right in the workshop."""
    return workshop.client(Principal(user_id=7, name="Ada", role="maker", kind="user"))


def on_stage(service: Service, database: Database) -> Stage:
    return Stage(service, database, some_settings(service.name, str(database.url)))
