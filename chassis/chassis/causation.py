"""What caused an event and what it caused, across all services: each tells its part, and the parts make one story.

No service asks another. The command line looks into every database; over HTTP the gateway asks every service.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.events import Envelope, open_envelope
from chassis.problems import NotFound
from chassis.tables import consumer_of, event_log, inbox
from chassis.transaction import Transaction

AT_ONCE = 100
"""Events asked about in one question."""
MOST_TOLD = 500
"""Events in one story: a bulk import causes more, and nobody reads them as a tree."""
DEEPEST = 50


class EventUnknown(NotFound):
    """No service that answers has said such an event."""


@dataclasses.dataclass(frozen=True)
class Said:
    """One event as its service said it."""

    event_id: uuid.UUID
    event_type: str
    service: str
    subject: str
    version: int
    at: datetime
    by: str
    caused_by: uuid.UUID | None


@dataclasses.dataclass(frozen=True)
class Heard:
    """What became of an event where it was heard."""

    event_id: uuid.UUID
    consumer: str
    state: str


@dataclasses.dataclass(frozen=True)
class Part:
    """What one service, or several together, know of some events: which it said, what they caused, who heard them."""

    said: Sequence[Said] = ()
    heard: Sequence[Heard] = ()


@dataclasses.dataclass(frozen=True)
class Node:
    """One event in its place in the story; ``depth`` is how many causes stand before it."""

    said: Said
    depth: int
    heard: Sequence[Heard]


@dataclasses.dataclass(frozen=True)
class Story:
    """All events in the order of a tree read from its root. ``is_cut``: there are more."""

    asked: uuid.UUID
    nodes: Sequence[Node]
    is_cut: bool


Ask = Callable[[Sequence[uuid.UUID]], Part]


def part_of(tx: Transaction, event_ids: Sequence[uuid.UUID]) -> Part:
    """What this service knows: events of these ids or caused by one of them that it said, and those it heard."""
    about = sa.or_(event_log.c.event_id.in_(event_ids), event_log.c.causation_id.in_(event_ids))
    logged = sa.select(event_log.c.envelope).where(about).order_by(event_log.c.id).limit(MOST_TOLD)
    said = [_said(open_envelope(row.envelope)) for row in tx.rows(logged)]
    mine = (inbox.c.consumer == consumer_of(tx.service), inbox.c.event_id.in_(event_ids))
    heard = tx.rows(sa.select(inbox.c.event_id, inbox.c.consumer, inbox.c.state).where(*mine))
    return Part(said, [Heard(**row._mapping) for row in heard])


def _said(envelope: Envelope) -> Said:
    return Said(
        event_id=uuid.UUID(envelope.id),
        event_type=envelope.type,
        service=envelope.service,
        subject=envelope.subject,
        version=envelope.aggregateversion,
        at=envelope.time,
        by=envelope.authname,
        caused_by=uuid.UUID(envelope.causationid) if envelope.causationid else None,
    )


def joined(parts: Iterable[Part]) -> Part:
    """Several parts as one."""
    known = list(parts)
    return Part([said for part in known for said in part.said], [heard for part in known for heard in part.heard])


def story_of(ask: Ask, event_id: uuid.UUID) -> Story:
    """From the event up to what began it all, and from there down to everything that followed. Raises EventUnknown."""
    gathered = _Gathered(ask)
    root = gathered.root_of(event_id)
    is_cut = gathered.follow(root)
    return Story(event_id, list(gathered.in_order(root)), is_cut)


class _Gathered:
    """What was told so far. Every event is asked about once."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.asked: set[uuid.UUID] = set()
        self.said: dict[uuid.UUID, Said] = {}
        self.heard: dict[uuid.UUID, list[Heard]] = defaultdict(list)
        self.caused: dict[uuid.UUID, list[Said]] = defaultdict(list)

    def root_of(self, event_id: uuid.UUID) -> uuid.UUID:
        """The first cause that anybody still knows."""
        root = event_id
        for _ in range(DEEPEST):
            self._learn([root])
            cause = self.said[root].caused_by if root in self.said else None
            if cause is None or cause in self.asked:
                break
            root = cause
        if event_id not in self.said:
            raise EventUnknown(detail=f"Nobody has said {event_id}")
        return root if root in self.said else self._earliest(event_id)

    def _earliest(self, event_id: uuid.UUID) -> uuid.UUID:
        """Where the way up ends: the cause of this one lies in a log that does not answer or is gone."""
        found = self.said[event_id]
        while found.caused_by in self.said:
            found = self.said[found.caused_by]
        return found.event_id

    def follow(self, root: uuid.UUID) -> bool:
        """Learn what it caused, level by level; whether it was too much."""
        level, followed = [root], {root}
        while level:
            for start in range(0, len(level), AT_ONCE):
                self._learn([one for one in level[start : start + AT_ONCE] if one not in self.asked])
                if len(self.said) >= MOST_TOLD:
                    return True
            level = [said.event_id for one in level for said in self.caused[one] if said.event_id not in followed]
            followed.update(level)
        return False

    def _learn(self, event_ids: Sequence[uuid.UUID]) -> None:
        if not event_ids:
            return
        self.asked.update(event_ids)
        told = self.ask(event_ids)
        for said in told.said:
            if said.event_id not in self.said:
                self.said[said.event_id] = said
                if said.caused_by:
                    self.caused[said.caused_by].append(said)
        for heard in told.heard:
            self.heard[heard.event_id].append(heard)

    def in_order(self, root: uuid.UUID) -> Iterable[Node]:
        """Each cause before what it caused, in the order in which it was said."""
        waiting, told = [(root, 0)], set[uuid.UUID]()
        while waiting:
            event_id, depth = waiting.pop()
            if event_id in told:
                continue
            told.add(event_id)
            yield Node(self.said[event_id], depth, self.heard[event_id])
            followers = sorted(self.caused[event_id], key=_when, reverse=True)
            waiting += [(said.event_id, depth + 1) for said in followers]


def _when(said: Said) -> Any:
    return said.at, said.event_id
