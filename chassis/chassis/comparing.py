"""Proof that nothing is missing and nothing is too much: the producers' logs against our inbox, event by event."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable

import sqlalchemy as sa

from chassis.consumer import Consumer
from chassis.events import open_envelope
from chassis.log import Logged
from chassis.pull import PAGE
from chassis.tables import inbox, inbox_position

DISCARDED = "discarded"


@dataclasses.dataclass(frozen=True)
class Comparison:
    """One source's log against our inbox: ids that are only there, and ids that are only here.

    Extra is what we heard and its source has lost: it came back from a backup that was made before.
    """

    source: str
    expected: int
    missing: frozenset[uuid.UUID]
    extra: frozenset[uuid.UUID]


def compare(consumer: Consumer, *, repair: bool = False) -> list[Comparison]:
    """Every source from its beginning, page by page. Exact, and slower than counting.

    With ``repair`` what is missing is fetched, and missing is what could not be. Raises Unavailable.
    """
    return [_Comparing(consumer, source, repair=repair).run() for source in sorted(consumer.reactions.aggregates())]


def accept_extra(consumer: Consumer, extra: Iterable[uuid.UUID]) -> int:
    """Let go of extra events: they stay in the inbox, discarded, and are not extra any more; how many."""
    with consumer.database.connection() as connection:
        mine = (inbox.c.consumer == consumer.name, inbox.c.event_id == sa.bindparam("extra"))
        rows = [{"extra": one} for one in extra]
        if rows:
            connection.execute(sa.update(inbox).where(*mine).values(state=DISCARDED), rows)
    return len(rows)


class _Comparing:
    """One source compared. Only what differs is remembered, however long the log is."""

    def __init__(self, consumer: Consumer, source: str, *, repair: bool) -> None:
        self.consumer, self.source, self.repair = consumer, source, repair
        self.log_of, self.kinds = consumer.sources[source], sorted(consumer.reactions.aggregates()[source])
        self.head = self.log_of.head()
        ours = (inbox.c.consumer == consumer.name, inbox.c.source == source)
        self.mine = (*ours, inbox.c.aggregate_type.in_(self.kinds))
        self.expected = 0
        self.missing: set[uuid.UUID] = set()
        self.extra: set[uuid.UUID] = set()
        self.kept: set[uuid.UUID] = set()
        """Known from a former life of the source, and still in its log."""

    def run(self) -> Comparison:
        after, pruned_to = 0, self._pruned_to()
        while after < self.head.position:
            page = self.log_of.read(after, PAGE, self.kinds)
            is_last = len(page) < PAGE or page[-1].position >= self.head.position
            to = self.head.position if is_last else page[-1].position
            self._look(after, to, {_id_of(one): one for one in page if one.position <= to}, pruned_to)
            after = to
        self.extra |= self._ids(inbox.c.epoch < self.head.epoch, inbox.c.state != DISCARDED) - self.kept
        return Comparison(self.source, self.expected, frozenset(self.missing), frozenset(self.extra))

    def _look(self, after: int, to: int, there: dict[uuid.UUID, Logged], pruned_to: int) -> None:
        self.expected += len(there)
        within = (inbox.c.epoch == self.head.epoch, inbox.c.position > after, inbox.c.position <= to)
        here = self._ids(*within)
        if only_here := here - there.keys():
            self.extra |= only_here - self._ids(*within, inbox.c.state == DISCARDED)
        if absent := there.keys() - here:
            known = self._ids(inbox.c.event_id.in_(absent))
            lacking = {key for key in absent - known if there[key].position > pruned_to}
            if self.repair and (wanted := lacking | known):
                self.consumer.take([one.raw for key, one in there.items() if key in wanted], "reconcile")
                lacking -= self._ids(inbox.c.event_id.in_(lacking))
            self.kept |= known
            self.missing |= lacking

    def _ids(self, *which: sa.ColumnElement[bool]) -> set[uuid.UUID]:
        with self.consumer.database.reading() as session:
            return set(session.scalars(sa.select(inbox.c.event_id).where(*self.mine, *which)))

    def _pruned_to(self) -> int:
        place = inbox_position.c
        mine = (place.consumer == self.consumer.name, place.source == self.source)
        with self.consumer.database.reading() as session:
            return session.scalar(sa.select(place.pruned_to).where(*mine)) or 0


def _id_of(logged: Logged) -> uuid.UUID:
    return uuid.UUID(open_envelope(logged.raw).id)
