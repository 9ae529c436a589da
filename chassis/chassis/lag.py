"""How far a consumer is behind one source: in events, and in time."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime

from chassis import telemetry

LONGEST_MEMORY = 1000


class Lag:
    """Remembers when the source's log was how long; the first length that we lack says since when we are behind.

    A consumer that keeps up with steady traffic is a few events behind at each look, and never the same ones.
    """

    def __init__(self, consumer: str, source: str) -> None:
        self.events = telemetry.LAG_EVENTS.labels(consumer, source)
        self.seconds = telemetry.LAG_SECONDS.labels(consumer, source)
        self._lengths: deque[tuple[datetime, int]] = deque()
        self._is_first = True

    def note(self, *, there: int, here: int, complete_at: datetime | None = None, now: datetime | None = None) -> None:
        """The source's log holds ``there`` events, we have ``here`` of them; all we had at ``complete_at``."""
        now = now or datetime.now(UTC)
        since = complete_at if self._is_first and complete_at else now  # behind since before this process began
        self._is_first = False
        if len(self._lengths) < LONGEST_MEMORY:
            self._lengths.append((since, there))
        while self._lengths and self._lengths[0][1] <= here:
            self._lengths.popleft()
        self.events.set(max(0, there - here))
        self.seconds.set(max(0.0, (now - self._lengths[0][0]).total_seconds()) if self._lengths else 0.0)
