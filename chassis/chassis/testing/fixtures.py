"""Fixtures for a service's own tests: ``conftest.py`` there says which service is on stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chassis.database import Database
from chassis.manifest import Service
from chassis.testing.stage import Stage, prepare, some_settings


def stage_fixture(service: Service) -> Callable[..., Iterator[Stage]]:
    """A ``stage`` fixture for this service, on a SQLite file of its own."""

    @pytest.fixture
    def stage(tmp_path: Path) -> Iterator[Stage]:
        url = f"sqlite:///{tmp_path}/{service.name}.db"
        database = Database(url)
        settings = some_settings(service.name, url)
        prepare(service, database, settings)
        yield Stage(service, database, settings)
        database.close()

    return stage
