"""What every test of the repository may ask for, in whichever folder it lives."""

from __future__ import annotations

import pytest

# Imported before pytest meets the tests below chassis/ and gateway/, or it takes those folders for the packages.
import chassis  # noqa: F401
import gateway  # noqa: F401

pytest_plugins = ["tests.infra.fixtures", "tests.toy_databases", "tests.faults.plugin"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: begun last, they would keep one worker busy while the others have nothing left to do."""
    items.sort(key=lambda item: item.get_closest_marker("first") is None)
