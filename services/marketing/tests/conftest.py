"""Marketing on stage, on a SQLite file and on PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.database import Database
from chassis.testing.fixtures import stage_fixture
from chassis.testing.stage import Stage, prepare, some_settings
from marketing.service import service

stage = stage_fixture(service)


@pytest.fixture(scope="session")
def pg_template(database_server: Any) -> Iterator[str]:
    """A PostgreSQL database with the tables of marketing: copying it is quicker than making them."""
    name = fresh_name("template")
    url = database_server.create_database(name)
    database = Database(url, pool_size=1)
    prepare(service, database, some_settings(service.name, url))
    database.close()
    yield name
    database_server.drop_database(name)


@pytest.fixture
def pg_stage(database_server: Any, pg_template: str) -> Iterator[Stage]:
    """The same as ``stage`` where transactions overlap."""
    name = fresh_name("stage")
    url = database_server.create_database(name, template=pg_template)
    database = Database(url)
    yield Stage(service, database, some_settings(service.name, url))
    database.close()
    database_server.drop_database(name)


def fresh_name(what: str) -> str:
    """A name that no other test uses: all share one server."""
    return f"marketing_{what}_{secrets.token_hex(4)}"
