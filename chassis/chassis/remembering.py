"""Small settings that every request needs, read once for a while instead of each time."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from chassis.database import Database
from chassis.transaction import Transaction

T = TypeVar("T")
REMEMBERED_SECONDS = 2.0
"""A changed setting is used by every process after this long; until then no request asks for it."""

is_reading: ContextVar[bool] = ContextVar("is_reading", default=False)
"""Whether what is read at this moment is read for all requests of the next seconds, not for one."""
_remembered: weakref.WeakKeyDictionary[Database, dict[str, tuple[float, Any]]] = weakref.WeakKeyDictionary()


def remembered(tx: Transaction, name: str, read: Callable[[Transaction], T]) -> T:
    """What ``read`` gave at most two seconds ago, for this database; otherwise what it gives now."""
    known = _remembered.setdefault(tx.database, {})
    if name not in known or time.monotonic() - known[name][0] > REMEMBERED_SECONDS:
        known[name] = (time.monotonic(), _read(tx, read))
    found: T = known[name][1]
    return found


def _read(tx: Transaction, read: Callable[[Transaction], T]) -> T:
    before = is_reading.set(True)
    try:
        return read(tx)
    finally:
        is_reading.reset(before)
