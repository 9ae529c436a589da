"""When everything fails for one and the same cause, the fault is not the events': the rule that notices it."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable

FAILURES = 10
AGGREGATES = 5
"""Ten in a row with one fingerprint, about five different things: neither one bad event nor one bad customer."""


@dataclasses.dataclass
class Breaker:
    """Counts deliveries that fail one after the other for the same cause. Knows no clock and no database."""

    fingerprint: str = ""
    failures: int = 0
    aggregates: set[Hashable] = dataclasses.field(default_factory=set)

    def failed(self, fingerprint: str, aggregate: Hashable) -> bool:
        """One more; whether that is enough."""
        if fingerprint != self.fingerprint:
            self.fingerprint, self.failures, self.aggregates = fingerprint, 0, set()
        self.failures += 1
        self.aggregates.add(aggregate)
        return self.failures >= FAILURES and len(self.aggregates) >= AGGREGATES

    def succeeded(self) -> None:
        """Something could be applied: the world is not broken."""
        self.fingerprint, self.failures, self.aggregates = "", 0, set()
