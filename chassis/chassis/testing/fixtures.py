"""Fixtures for a service's own tests: ``conftest.py`` there says which service is on stage."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.manifest import Service
from chassis.testing.stage import Stage, prepare, some_settings


def stage_fixture(service: Service) -> Callable[..., Iterator[Stage]]:
    """A ``stage`` fixture for this service, on a SQLite file of its own: a copy of one that is made once."""
    templates: list[Path] = []

    @pytest.fixture
    def stage(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
        if not templates:
            templates.append(_template(service, tmp_path_factory.mktemp(service.name)))
        file = tmp_path / f"{service.name}.db"
        shutil.copyfile(templates[0], file)
        database = unsynced(Database(f"sqlite:///{file}"))
        yield Stage(service, database, some_settings(service.name, f"sqlite:///{file}"))
        database.close()

    return stage


def _template(service: Service, folder: Path) -> Path:
    """A file with the service's tables and seeds."""
    file = folder / "template.db"
    database = unsynced(Database(f"sqlite:///{file}"))
    prepare(service, database, some_settings(service.name, f"sqlite:///{file}"))
    database.close()
    return file


def unsynced(database: Database) -> Database:
    """The same, without waiting for the disk at each commit: data that nobody will miss after a power cut."""
    if database.is_sqlite:
        sa.event.listen(database.engine, "connect", lambda opened, _: opened.execute("PRAGMA synchronous=OFF"))
    return database
