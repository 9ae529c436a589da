"""What migrations leave of SQLite's tables keeps the promises of the models."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.database import Database
from chassis.migrations import upgrade
from chassis.remaking import lost
from chassis.testing.stage import some_settings
from guanxi import registry


@pytest.mark.parametrize("name", registry.NAMES)
def test_numbers_are_never_given_twice_and_every_check_is_there(name: str, tmp_path: Path) -> None:
    service, url = registry.load_all()[name], f"sqlite:///{tmp_path / 'new.db'}"
    database = Database(url)

    upgrade(service, database, some_settings(name, url))

    with database.engine.connect() as connection:
        assert [table.name for table in lost(connection, service.metadata)] == []
    database.close()
