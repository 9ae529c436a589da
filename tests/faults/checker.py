"""THE CHECKER: after any fault, what was said, what was heard and what came of it have to agree.

It reads the tables itself and trusts no line of the bus.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from chassis.database import Database
from tests.infra.processes import wait_until

BY_POSITION = "SELECT position, aggregate_id, aggregate_version FROM event_log ORDER BY position"
BY_ID = "SELECT id AS position, aggregate_id, aggregate_version FROM event_log ORDER BY id"
"""On SQLite the id is the position."""


@dataclasses.dataclass(frozen=True)
class Checker:
    """A source and a listener."""

    said_in: Database
    heard_in: Database

    def until_drained(self, patience_seconds: float = 60.0) -> None:
        """Liveness: within a time everything that was said has been heard, and nothing is put aside."""
        wait_until(self.is_drained, what="the listener", patience_seconds=patience_seconds)

    def is_drained(self) -> bool:
        """Cheap while it is not: it is asked again and again."""
        if self.count_heard() < self.count_said():
            return False
        return not any(self.missing()) and not self._heard("SELECT event_id FROM parked_event")

    def violations(self, *, nothing_was_lost: bool = False) -> list[str]:
        """What does not agree, in words; nothing when all is well."""
        checks: list[Callable[[], Iterator[str]]] = [
            self.contiguity, self.missing, self.extra, self.once, self.order, self.aside, self.consequences,
            self.outcome,
        ]  # fmt: skip
        if nothing_was_lost:
            checks.append(self.arrival)
        return [violation for check in checks for violation in check()]

    # The promises, one by one

    def contiguity(self) -> Iterator[str]:
        """Positions are 1, 2, 3 … without a hole, each once, and within an aggregate they follow the versions."""
        rows = self._said(BY_ID if self.said_in.is_sqlite else BY_POSITION)
        positions = [row.position for row in rows]
        if positions != list(range(1, len(rows) + 1)):
            yield f"contiguity: {len(rows)} events stand on {positions[:5]} … {positions[-5:]}"
        for key, versions in _by_key(rows).items():
            if versions != list(range(1, len(versions) + 1)):
                yield f"contiguity: toy {key} stands in the log as {versions}"

    def missing(self) -> Iterator[str]:
        """Conservation: what is in the log is in the inbox."""
        for event_id in sorted(self._said_ids() - self._heard_ids()):
            yield f"conservation: {event_id} was never heard"

    def extra(self) -> Iterator[str]:
        """Conservation: what is in the inbox is in the log."""
        for event_id in sorted(self._heard_ids() - self._said_ids()):
            yield f"conservation: {event_id} was never said"

    def once(self) -> Iterator[str]:
        """Each event has had its effect exactly once, and the inbox says so."""
        effects = Counter(_id(row) for row in self._heard("SELECT event_id FROM note"))
        states = {_id(row): row.state for row in self._heard("SELECT event_id, state FROM inbox")}
        for event_id in sorted(states):
            if effects[event_id] != 1:
                yield f"effects: {event_id} had {effects[event_id]}"
            if states[event_id] != "done":
                yield f"effects: {event_id} is {states[event_id]}, not done"

    def order(self) -> Iterator[str]:
        """The effects of one aggregate happened in the order of its versions."""
        rows = self._heard("SELECT toy_id AS aggregate_id, version AS aggregate_version FROM note ORDER BY id")
        for key, versions in _by_key(rows).items():
            if versions != sorted(versions):
                yield f"order: the effects of toy {key} happened as {versions}"

    def aside(self) -> Iterator[str]:
        """Nothing is parked: no fault of this catalogue is any event's own."""
        for row in self._heard("SELECT event_id, reason, error FROM parked_event"):
            yield f"aside: {_id(row)} is parked, {row.reason}: {row.error[:200]}"

    def consequences(self) -> Iterator[str]:
        """Each effect said one event of its own, in the same transaction."""
        notes = self._heard("SELECT id FROM note")
        labels = self._heard("SELECT event_id, aggregate_id, aggregate_version FROM event_log ORDER BY id")
        if len(notes) != len(labels):
            yield f"consequences: {len(notes)} effects said {len(labels)} events"
        for key, versions in _by_key(labels).items():
            if sorted(versions) != list(range(1, len(versions) + 1)):
                yield f"consequences: label {key} went through {versions}"

    def outcome(self) -> Iterator[str]:
        """In the end the listener knows what the source knows."""
        toys = {row.id: row.colour or row.name for row in self._said("SELECT id, name, colour FROM toy")}
        labels = {row.toy_id: row.text for row in self._heard("SELECT toy_id, text FROM label")}
        for key in sorted(toys.keys() | labels.keys()):
            if toys.get(key) != labels.get(key):
                yield f"outcome: toy {key} is {toys.get(key)!r}, its label says {labels.get(key)!r}"

    def arrival(self) -> Iterator[str]:
        """Where nothing was lost, nothing had to be fetched: the transport itself kept the order."""
        for row in self._heard("SELECT aggregate_id, aggregate_version, via FROM inbox WHERE via <> 'push'"):
            yield f"arrival: toy {row.aggregate_id} version {row.aggregate_version} came by {row.via}"

    # Figures

    def count_said(self) -> int:
        (row,) = self._said("SELECT count(*) AS number FROM event_log")
        return int(row.number)

    def count_heard(self) -> int:
        """Effects, not events: after a fault there may be too many."""
        (row,) = self._heard("SELECT count(*) AS number FROM note")
        return int(row.number)

    def figures(self, deliveries: int) -> dict[str, int]:
        """How many events there were, how often they came, and how many effects were missing or one too many."""
        effects = Counter(_id(row) for row in self._heard("SELECT event_id FROM note"))
        fetched = len(self._heard("SELECT event_id FROM inbox WHERE via = 'gap'"))
        return {
            "events": self.count_said(),
            "repeated": max(0, deliveries + fetched - len(self._heard_ids())),
            "doubled": sum(number - 1 for number in effects.values()),
            "missing": len(list(self.missing())),
        }

    # Reading

    def _said_ids(self) -> set[str]:
        return {_id(row) for row in self._said("SELECT event_id FROM event_log")}

    def _heard_ids(self) -> set[str]:
        return {_id(row) for row in self._heard("SELECT event_id FROM inbox")}

    def _said(self, question: str) -> list[Any]:
        return _ask(self.said_in, question)

    def _heard(self, question: str) -> list[Any]:
        return _ask(self.heard_in, question)


def _ask(database: Database, question: str) -> list[Any]:
    with database.reading() as session:
        return list(session.execute(sa.text(question)))


def _id(row: Any) -> str:
    """PostgreSQL gives an id, SQLite its digits, and the effects' table holds text."""
    return str(uuid.UUID(str(row.event_id)))


def _by_key(rows: list[Any]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[str(row.aggregate_id)].append(row.aggregate_version)
    return found
