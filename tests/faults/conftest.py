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
