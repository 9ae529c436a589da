"""W3C trace context: one trace id across HTTP and events, kept in a context variable."""

from __future__ import annotations

import contextvars
import os
import re

_current: contextvars.ContextVar[str] = contextvars.ContextVar("traceparent", default="")
_VALID = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def current() -> str:
    """The traceparent of what is being done now, or an empty text."""
    return _current.get()


def trace_id() -> str:
    """The 32 hex digits that the log lines of one story share."""
    return current()[3:35]


def begin(traceparent: str | None) -> str:
    """Go on with the caller's trace, or start one, with a new span id."""
    trace = traceparent[3:35] if traceparent and _VALID.fullmatch(traceparent) else os.urandom(16).hex()
    value = f"00-{trace}-{os.urandom(8).hex()}-01"
    _current.set(value)
    return value
