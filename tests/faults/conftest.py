"""A shop for each test: real processes on real PostgreSQL and RabbitMQ, or on SQLite files without a broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.database import Database
from tests.faults.shop import Shop
from tests.infra.postgres import fresh_name
from tests.infra.rabbit import Broker


@pytest.fixture
def shop(
    new_postgres: Callable[[], Database], vhost: str, tmp_path: Path, record_property: Callable[[str, Any], None]
) -> Iterator[Shop]:
    """Databases and a virtual host; the test starts the processes."""
    opened = Shop(new_postgres, vhost, tmp_path, record_property)
    yield opened
    opened.close()


@pytest.fixture
def own_shop(
    new_postgres: Callable[[], Database],
    own_broker: Broker,
    tmp_path: Path,
    record_property: Callable[[str, Any], None],
) -> Iterator[Shop]:
    """The same on a broker that the test may kill, fill and worry."""
    opened = Shop(new_postgres, own_broker.create_vhost(fresh_name("own")), tmp_path, record_property)
    yield opened
    opened.close()


@pytest.fixture
def embedded_shop(
    new_sqlite: Callable[[], Database], tmp_path: Path, record_property: Callable[[str, Any], None]
) -> Iterator[Shop]:
    """SQLite files, and a listener that reads the log."""
    opened = Shop(new_sqlite, "", tmp_path, record_property)
    yield opened
    opened.close()


@pytest.fixture(params=["read", "pushed"])
def either_shop(
    request: pytest.FixtureRequest, tmp_path: Path, record_property: Callable[[str, Any], None]
) -> Iterator[Shop]:
    """The same shop twice: with SQLite files that the listener reads by itself, and with PostgreSQL and RabbitMQ."""
    is_pushed = request.param == "pushed"
    new_database = request.getfixturevalue("new_postgres" if is_pushed else "new_sqlite")
    opened = Shop(new_database, request.getfixturevalue("vhost") if is_pushed else "", tmp_path, record_property)
    if is_pushed:
        opened.shelf().until_ready().stop()  # its queue is there, so nothing has to be fetched from the log
        opened.workshop()
    yield opened
    opened.close()
