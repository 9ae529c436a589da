"""A shop for each test: real processes on real PostgreSQL and RabbitMQ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis.database import Database
from tests.faults.shop import Shop


@pytest.fixture
def shop(new_postgres: Callable[[], Database], vhost: str, tmp_path: Path) -> Iterator[Shop]:
    """Databases and a virtual host; the test starts the processes."""
    opened = Shop(new_postgres, vhost, tmp_path)
    yield opened
    opened.close()


@pytest.fixture(params=["read", "pushed"])
def either_shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """The same shop twice: with SQLite files that the listener reads by itself, and with PostgreSQL and RabbitMQ."""
    is_pushed = request.param == "pushed"
    new_database = request.getfixturevalue("new_postgres" if is_pushed else "new_sqlite")
    opened = Shop(new_database, request.getfixturevalue("vhost") if is_pushed else "", tmp_path)
    if is_pushed:
        opened.shelf().until_ready().stop()  # its queue is there, so nothing has to be fetched from the log
        opened.workshop()
    yield opened
    opened.close()
