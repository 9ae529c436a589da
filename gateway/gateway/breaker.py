"""A circuit breaker: whoever does not answer is left alone for a moment, then asked once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from prometheus_client import Gauge

from chassis.problems import Unavailable

OPEN = Gauge("gateway_upstream_open", "1 while an upstream is left alone", ["upstream"])
FAILURES_TO_OPEN = 5
PAUSE_SECONDS = 2.0


class Breaker:
    """Counts failures in a row. Only silence counts: an answer, even a 503, says that somebody is there."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.name, self.clock = name, clock
        self._failures = 0
        self._closed_until = 0.0
        self._lock = threading.Lock()

    def must_be_closed(self) -> None:
        """Raises Unavailable while the pause lasts; after it one caller at a time may probe."""
        if self._failures < FAILURES_TO_OPEN:
            return
        with self._lock:
            now = self.clock()
            if self._failures >= FAILURES_TO_OPEN and now < self._closed_until:
                raise Unavailable(detail=f"{self.name} does not answer")
            self._closed_until = now + PAUSE_SECONDS  # whoever comes meanwhile waits for this probe's result

    def succeeded(self) -> None:
        if self._failures:
            with self._lock:
                self._failures = 0
                OPEN.labels(self.name).set(0)

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_TO_OPEN:
                self._closed_until = self.clock() + PAUSE_SECONDS
                OPEN.labels(self.name).set(1)
