"""What every test of the repository may ask for, in whichever folder it lives."""

from __future__ import annotations

import pytest

# Imported before pytest meets the tests below chassis/ and gateway/, or it takes those folders for the packages.
import chassis  # noqa: F401
import gateway  # noqa: F401

pytest_plugins = ["tests.infra.fixtures", "tests.toy_databases", "tests.faults.plugin"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no worker has them alone at the end; the browser's last.

    What a session starts runs until its end, and a system that waits costs a tenth of a core.
    """
    items.sort(key=lambda item: bool(item.get_closest_marker("browser")) - bool(item.get_closest_marker("first")))
