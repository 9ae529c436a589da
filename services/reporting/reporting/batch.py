"""Events folded in memory: the rows they touch and the differences they make. No database in here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import add, sub
from typing import Any

from chassis.events import Envelope
from reporting.projection import Counts, Key, Place, Projection, Tally

Projections = Mapping[str, Sequence[Projection[Any]]]
"""Which projections hear an event type."""


def by_type(projections: Iterable[Projection[Any]]) -> Projections:
    found: dict[str, list[Projection[Any]]] = {}
    for projection in projections:
        for heard in projection.heard:
            found.setdefault(heard.event_type, []).append(projection)
    return found


class Batch:
    """Some events, applied together; of each row it holds the newest, or None where there is none yet.

    ``past`` is everything that rows became on the way, and when.
    """

    def __init__(self, projections: Projections) -> None:
        self.projections = projections
        self.expected: set[str] = set()
        self.heard: list[Envelope] = []
        self.rows: dict[Projection[Any], dict[Key, Any | None]] = {}
        self.changed: dict[Projection[Any], dict[Key, Any]] = {}
        self.past: dict[Projection[Any], list[tuple[datetime, Any]]] = {}
        self.differences: dict[Tally[Any], dict[Place, Counts]] = {}

    def unknown(self, envelopes: Iterable[Envelope]) -> dict[Projection[Any], set[Key]]:
        """The keys of the rows that these events touch and that nobody has looked up yet."""
        found: dict[Projection[Any], set[Key]] = {}
        for envelope in envelopes:
            self.expected.add(envelope.id)
            for projection in self.projections.get(envelope.type, ()):
                key = projection.key(envelope)
                if key not in self.rows.setdefault(projection, {}):
                    found.setdefault(projection, set()).add(key)
        return found

    def know(self, projection: Projection[Any], keys: Iterable[Key], rows: Mapping[Key, Any]) -> None:
        """These rows were looked up; those that were not found are new."""
        self.rows.setdefault(projection, {}).update({key: rows.get(key) for key in keys})

    def take(self, envelope: Envelope) -> None:
        """Fold one event into every row that it is about."""
        self.heard.append(envelope)
        for projection in self.projections.get(envelope.type, ()):
            key = projection.key(envelope)
            rows = self.rows.setdefault(projection, {})
            old = rows.get(key)
            new = projection.folded(old, envelope)
            if new is not old:
                rows[key] = new
                self.changed.setdefault(projection, {})[key] = new
                self.past.setdefault(projection, []).append((envelope.recordedtime, new))
                self._count(projection, old, new)

    def _count(self, projection: Projection[Any], old: Any, new: Any) -> None:
        """A row that changes is taken out of the sums as it was and put in as it is."""
        for tally in projection.tallies:
            sums = self.differences.setdefault(tally, {})
            for place, counts in tally.of(new).items():
                sums[place] = tuple(map(add, sums[place], counts)) if place in sums else counts
            if old is not None:
                for place, counts in tally.of(old).items():
                    sums[place] = tuple(map(sub, sums.get(place) or tally.nothing, counts))
