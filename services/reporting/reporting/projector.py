"""Hearing: a batch of events becomes one look-up and one write per projection, and a stretch of the log."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from chassis.events import Envelope
from chassis.reactions import unversioned
from chassis.transaction import Transaction
from reporting import log
from reporting.batch import Batch
from reporting.shelf import Shelf


class _Now(threading.local):
    """The batch in hand; redriving runs in a thread beside the consumer's, with a batch of its own."""

    batch: Batch


class Projector:
    """The reactions of reporting: remember everything, fold what a report wants to know."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.hears = list(dict.fromkeys(heard for projection in shelf.projections for heard in projection.heard))
        self._majors: dict[str, int] = {}
        for heard in self.hears:
            family = unversioned(heard.event_type)
            self._majors[family] = max(self._majors.get(family, 0), heard.schema_major)
        self._now = _Now()

    def aggregates(self) -> Mapping[str, set[str]]:
        return log.LISTENS

    def newest_major(self, event_type: str) -> int | None:
        return self._majors.get(unversioned(event_type))

    def types(self) -> None:
        """Everything is remembered; what a new report lacks of the past, a rebuild gives it."""

    def reaches_out(self, event_type: str) -> bool:
        return False

    def begin(self, tx: Transaction, envelopes: Sequence[Envelope]) -> None:
        self._now.batch = self.shelf.begin(tx.session, envelopes)

    def apply(self, tx: Transaction, envelope: Envelope) -> None:
        batch = self._now.batch
        if envelope.id not in batch.expected:  # fetched to fill a gap
            self.shelf.look_up(tx.session, batch, [envelope])
        batch.take(envelope)

    def finish(self, tx: Transaction) -> None:
        self.shelf.store(tx.session, self._now.batch)
        log.append(tx.session, self._now.batch.heard)
