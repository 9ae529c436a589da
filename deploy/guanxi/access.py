"""An operator's way to the databases of an installation, and under which name he or she goes it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from chassis.database import Database
from chassis.principal import Principal
from chassis.transaction import Transaction, transaction


@contextmanager
def opened(urls: dict[str, str], service: str) -> Iterator[Database]:
    """One service's database, closed afterwards."""
    database = Database(urls[service], pool_size=2)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def acting(database: Database, service: str) -> Iterator[Transaction]:
    """A transaction in the operator's name."""
    with transaction(database, service, principal=Principal(name=who())) as tx:
        yield tx


def who() -> str:
    """Who operates: written beside everything that is done."""
    return os.environ.get("SUDO_USER") or os.environ.get("USER") or f"uid {os.getuid()}"
