"""Beside a push transport: count what the producers' logs hold and what our inbox holds, all the time."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from chassis import telemetry
from chassis.consumer import Consumer
from chassis.lag import Lag
from chassis.lives import must_not_have_gone_back
from chassis.log import Head
from chassis.problems import Problem
from chassis.pull import PAGE, bookmark, note_complete
from chassis.tables import inbox

log = logging.getLogger(__name__)


class Reconciler:
    """Says up to when all is applied, and fetches what the broker lost.

    A difference may only mean that messages are on their way; it is repaired once it stands still.
    """

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer
        self.listens = consumer.reactions.aggregates()
        self._last_seen: dict[str, int] = {}
        self.unreachable: dict[str, str] = {}
        self._lags = {source: Lag(consumer.name, source) for source in self.listens}

    def run_once(self) -> None:
        """Look at every source; a source in trouble is looked at next time."""
        for source in self.listens:
            try:
                self.check(source)
                self.unreachable.pop(source, None)
            except Problem as error:
                self.unreachable[source] = error.detail
                log.info("Cannot reconcile with %s: %s", source, error)

    def check(self, source: str) -> int:
        """How many events of the source are missing; those that were missing before too are fetched."""
        log_of = self.consumer.sources[source]
        place = bookmark(self.consumer, source)
        head = log_of.head()
        must_not_have_gone_back(source, place.reconciled_to, place.epoch, head)
        after = place.reconciled_to if place.epoch == head.epoch else 0
        there = log_of.count(after, head.position, sorted(self.listens[source]))
        here = self._count_here(source, head, after)
        self._lags[source].note(there=there, here=here, complete_at=place.complete_at)
        # who is paused lacks what waits for it, and nothing is wrong with that
        stands_still = self._last_seen.get(source) == here and not self.consumer.pausing.is_held
        telemetry.RECONCILE_MISSING.labels(self.consumer.name, source).set(max(0, there - here) if stands_still else 0)
        telemetry.RECONCILE_EXTRA.labels(self.consumer.name, source).inc(max(0, here - there))
        if here >= there:
            self.consumer.attempts.grow_sure(source)
            note_complete(self.consumer, source, head, place.seen_at)
            self._last_seen.pop(source, None)
            return 0
        if stands_still:
            self.repair(source, after, head)
        self._last_seen[source] = here
        return there - here

    def repair(self, source: str, after: int, head: Head) -> None:
        """Take the whole stretch again from the log: what we have is known, what we lack is applied."""
        log.warning("Events of %s are missing behind position %d: fetching", source, after)
        while after < head.position:
            found = self.consumer.sources[source].read(after, PAGE, sorted(self.listens[source]))
            self.consumer.take([logged.raw for logged in found], "reconcile")
            after = found[-1].position if len(found) == PAGE else head.position

    def _count_here(self, source: str, head: Head, after: int) -> int:
        mine = (inbox.c.consumer == self.consumer.name, inbox.c.source == source, inbox.c.epoch == head.epoch)
        within = (inbox.c.position > after, inbox.c.position <= head.position)
        with self.consumer.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(inbox).where(*mine, *within)) or 0
