"""For tests: code that must be pure cannot ask the clock, chance, the network or a file without being caught.

What is really called is watched, so it makes no difference how a function was imported or who calls it in between.
"""

from __future__ import annotations

import contextvars
import functools
import gc
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from types import FrameType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

CLOCKS = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "sleep"}
CHANCE = {"urandom", "getrandom"}
MOMENTS = {"now", "utcnow", "today"}
OUTSIDE = ("socket.", "open", "subprocess.", "sqlite3.", "os.system")
"""What the interpreter itself tells whoever asked to hear of it (audit events), by how their names begin."""

_is_watched: contextvars.ContextVar[bool] = contextvars.ContextVar("is_watched", default=False)


class Impure(AssertionError):
    """Pure code asked for something that will be otherwise when it is run again."""


@contextmanager
def only_pure() -> Iterator[None]:
    """Within the block and in this thread, clocks, chance, sockets and files raise Impure."""
    _hear_of_audit_events()
    before, token = sys.getprofile(), _is_watched.set(True)
    was_collecting = gc.isenabled()
    gc.disable()  # what somebody else's garbage does when it is collected is not this code's doing
    sys.setprofile(_watch)
    try:
        yield
    finally:
        sys.setprofile(before)
        _is_watched.reset(token)
        if was_collecting:
            gc.enable()


def purely(function: Callable[P, T]) -> Callable[P, T]:
    """The same function, watched while it runs."""

    @functools.wraps(function)
    def watched(*arguments: P.args, **named: P.kwargs) -> T:
        with only_pure():
            return function(*arguments, **named)

    return watched


def _watch(_frame: FrameType, happens: str, called: Any) -> None:
    """The interpreter tells of each call from Python to something built in."""
    if happens == "c_call" and _is_impure(called):
        raise Impure(f"Pure code called {called.__qualname__}")


def _is_impure(called: Any) -> bool:
    name, owner = called.__name__, called.__self__
    if isinstance(owner, type) and issubclass(owner, date):
        return name in MOMENTS
    if owner is random._inst:  # the one that everybody shares; one with a seed is no chance
        return True
    return (called.__module__ == "time" and name in CLOCKS) or (called.__module__ == "posix" and name in CHANCE)


@functools.cache
def _hear_of_audit_events() -> None:
    """Once for ever: whoever hears of them cannot be taken off again."""

    def hook(event: str, _arguments: tuple[Any, ...]) -> None:
        if event.startswith(OUTSIDE) and _is_watched.get():
            raise Impure(f"Pure code caused {event}")

    sys.addaudithook(hook)
