"""The pull transport: read the other services' logs by position.

Embedded mode runs on it; so do bootstrap, and catching up after an outage.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime

import sqlalchemy as sa

from chassis import telemetry
from chassis.consumer import Consumer
from chassis.dialect import Talk, clock, insert
from chassis.lag import Lag
from chassis.lives import must_not_have_gone_back
from chassis.log import EventSource, Head
from chassis.pausing import ConsumerPaused
from chassis.problems import Problem
from chassis.tables import inbox_position

log = logging.getLogger(__name__)
PAGE = 500
IDLE_SECONDS = 0.5
"""How long a lost wake-up may delay an event (fault 51)."""
TROUBLE_SECONDS = 2.0
COMPLETE_EVERY_SECONDS = 3.0
"""How often it is noted that nothing new is there: the age a report's "complete up to" may have."""


class Puller:
    """Reads every source that a consumer listens to, page by page, each page with its bookmark in one commit."""

    def __init__(self, consumer: Consumer, meet: Callable[[str], object] = lambda _source: None) -> None:
        """``meet`` is called before anything of a source is read. It may raise Unavailable."""
        self.consumer, self.meet = consumer, meet
        self.listens: Mapping[str, set[str]] = consumer.reactions.aggregates()
        self.bell = threading.Event()
        self.unreachable: dict[str, str] = {}
        self._noted: dict[str, float] = {}
        self._read_to: dict[str, Head] = {}
        self._not_before: dict[str, float] = {}
        self._lags = {source: Lag(consumer.name, source) for source in self.listens}

    def run(self, stopping: threading.Event) -> None:
        """Until told to stop; a source in trouble does not hold up the others."""
        while not stopping.is_set():
            self.bell.clear()
            moved = 0
            if not self.consumer.pausing.is_held:
                moved = sum(self._pull_if_possible(source) for source in self.listens if self._may_answer(source))
            telemetry.CONNECTED.labels(self.consumer.name).set(not self.unreachable)
            if not moved:
                self.bell.wait(IDLE_SECONDS)

    def _pull_if_possible(self, source: str) -> int:
        try:
            moved = self.pull(source)
            self.unreachable.pop(source, None)
            return moved
        except ConsumerPaused as paused:
            log.info("Cannot go on with %s: %s", source, paused)
            return 0
        except Problem as error:
            self.unreachable[source] = error.detail
            self._not_before[source] = time.monotonic() + TROUBLE_SECONDS
            log.warning("Cannot pull from %s: %s", source, error)
            return 0

    def _may_answer(self, source: str) -> bool:
        """Not right after it was silent; the others are read meanwhile."""
        return time.monotonic() >= self._not_before.get(source, 0.0)

    def pull(self, source: str) -> int:
        """One page from one source; how many events it held."""
        self.meet(source)
        log_of = self.consumer.sources[source]
        if self._is_quiet(source, log_of):
            return 0
        place = bookmark(self.consumer, source)
        head = log_of.head()
        must_not_have_gone_back(source, place.pulled_to, place.epoch, head)
        after = place.pulled_to if place.epoch == head.epoch else 0
        self._lags[source].note(there=head.position, here=after, complete_at=place.complete_at)
        if head.position <= after:
            self.consumer.attempts.grow_sure(source)
            self._note_idle(source, head, place.seen_at)
            self._read_to[source] = head
            return 0
        self._read_to.pop(source, None)
        found = log_of.read(after, PAGE, sorted(self.listens[source]))
        found = [logged for logged in found if logged.position <= head.position]
        is_last = len(found) < PAGE
        reached = Head(head.position if is_last else found[-1].position, head.epoch)

        def remember(talk: Talk, _now: datetime) -> None:
            move_bookmark(talk, self.consumer.name, source, reached, place.seen_at if is_last else None)

        self.consumer.take([logged.raw for logged in found], "pull", remember)
        return len(found)

    def _is_quiet(self, source: str, log_of: EventSource) -> bool:
        """Whether it still says no more than we have read: then our own bookmark is looked at only now and again."""
        is_noted = time.monotonic() - self._noted.get(source, 0.0) < COMPLETE_EVERY_SECONDS
        return is_noted and source in self._read_to and self._read_to[source] == log_of.head()

    def _note_idle(self, source: str, head: Head, seen_at: datetime) -> None:
        now = time.monotonic()
        if now - self._noted.get(source, 0.0) > COMPLETE_EVERY_SECONDS:
            self._noted[source] = now
            note_complete(self.consumer, source, head, seen_at)


@dataclasses.dataclass(frozen=True)
class Bookmark:
    """How far a consumer has pulled and reconciled a source, which life of it that was, and when we looked.

    What a source says after ``seen_at`` may be missing from what is read next: so much is complete and no more.
    """

    seen_at: datetime
    pulled_to: int = 0
    reconciled_to: int = 0
    epoch: int = 1
    complete_at: datetime | None = None


def bookmark(consumer: Consumer, source: str) -> Bookmark:
    """Where this consumer is in a source's log; at the beginning when it never read it."""
    table = inbox_position.c
    mine = (table.consumer == consumer.name, table.source == source)
    with consumer.database.reading() as session:
        seen_at = clock(session)
        columns = (table.pulled_to, table.reconciled_to, table.epoch, table.complete_at)
        found = session.execute(sa.select(*columns).where(*mine)).first()
        return Bookmark(seen_at, *found) if found else Bookmark(seen_at)


def move_bookmark(talk: Talk, consumer: str, source: str, reached: Head, complete_at: datetime | None) -> None:
    """Note how far was read and up to when everything is applied, in the caller's transaction."""
    row = {"consumer": consumer, "source": source, "epoch": reached.epoch}
    row |= {"pulled_to": reached.position, "reconciled_to": reached.position}
    statement = insert(talk, inbox_position).values(**row, complete_at=complete_at)
    new = statement.excluded
    values = {"pulled_to": new.pulled_to, "reconciled_to": new.reconciled_to, "epoch": new.epoch}
    values["complete_at"] = sa.func.coalesce(new.complete_at, inbox_position.c.complete_at)
    talk.execute(statement.on_conflict_do_update(index_elements=["consumer", "source"], set_=values))


def note_complete(consumer: Consumer, source: str, head: Head, at: datetime | None = None) -> None:
    """Everything that this source had said at that moment (by default now) has been applied."""
    with consumer.database.connection() as connection:
        move_bookmark(connection, consumer.name, source, head, at or clock(connection))
