"""Every test here runs on both transports: it must not be able to tell which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.conformance.bus import Bus


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=[pytest.mark.infra, pytest.mark.broker])])
def silent_bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    """A bus on which nobody relays yet."""
    is_push = request.param == "rabbitmq"
    new_database = request.getfixturevalue("new_postgres" if is_push else "new_sqlite")
    with ExitStack() as closing:
        yield Bus(new_database, request.getfixturevalue("vhost") if is_push else "", closing)


@pytest.fixture
def bus(silent_bus: Bus) -> Bus:
    """A bus whose workshop has its worker."""
    silent_bus.start()
    return silent_bus


@pytest.fixture
def soon_reconciled(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no transport brings is missed in a moment, not in seconds."""
    monkeypatch.setattr("chassis.worker.RECONCILE_SECONDS", 0.2)
