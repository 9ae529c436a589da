"""Databases for the tests of the chassis: the same test on a SQLite file and on PostgreSQL, where it matters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.database import Database
from chassis.manifest import Service
from chassis.parking import SCHEDULE
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage, some_settings
from tests import toy, toy_person
from tests.toy_shelf import life_of, try_again

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.infra)]


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
def stuck(shelf: Stage) -> Stage:
    """The third event of toy 1 has jammed the printer until it was dead; two wait behind it."""
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*life_of(shelf))
    for _ in SCHEDULE:
        try_again(shelf)
    return shelf


@pytest.fixture
def workshop(database: Database) -> Stage:
    """The workshop on stage."""
    return on_stage(toy.workshop, database)


@pytest.fixture
def diary(database: Database, tmp_path: Path) -> Stage:
    """The diary on stage, with the nursery and identity elsewhere."""
    return on_stage(toy_person.with_marks(toy_person.diary, tmp_path), database)


@pytest.fixture
def nursery(database: Database, tmp_path: Path) -> Stage:
    """The nursery on stage."""
    return on_stage(toy_person.with_marks(toy_person.nursery, tmp_path), database)


@pytest.fixture
def busy_nursery(new_postgres: Callable[[], Database], tmp_path: Path) -> Stage:
    """The nursery where transactions overlap."""
    return on_stage(toy_person.with_marks(toy_person.nursery, tmp_path), new_postgres())


@pytest.fixture
def client(workshop: Stage) -> Client:
    """Somebody with every right in the workshop."""
    return workshop.client(Principal(user_id=7, name="Ada", role="maker", kind="user"))


def on_stage(service: Service, database: Database) -> Stage:
    return Stage(service, database, some_settings(service.name, str(database.url)))
