"""How a listener joins: a newborn one takes the whole past first, an added reaction what was said before it was there.

Everything goes through the same consumer core as what is heard today. Hearing goes on meanwhile; it waits only while
the last few events are caught up with, so that none is missed and none is reacted to twice.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa

from chassis import subscription as agreed
from chassis.consumer import Consumer
from chassis.dialect import Talk
from chassis.events import open_envelope
from chassis.log import EventSource, Head, Logged
from chassis.problems import Problem, Unavailable
from chassis.pull import PAGE, bookmark, move_bookmark
from chassis.subscription import WHOLE, Key, State, Subscription
from chassis.tables import UNREACTED, inbox, inbox_position, subscription

log = logging.getLogger(__name__)
RETRY_SECONDS = 1.0
Types = Mapping[str, Subscription]


class Joiner:
    """One consumer's way to what it listens to. With ``pulls`` the transport itself begins at the beginning."""

    def __init__(self, consumer: Consumer, *, pulls: bool) -> None:
        self.consumer, self.pulls = consumer, pulls
        self.database, self.name = consumer.database, consumer.name
        self.recorded: Mapping[Key, Subscription] = {}
        self.may_listen = threading.Event()
        """At once, but for a newborn listener to a broker: it takes the past before it hears the present."""
        self.trouble = ""

    def register(self) -> None:
        """At the start: record what this build listens to."""
        with self.database.connection() as connection:
            self.recorded = agreed.register(connection, self.name, self.consumer.reactions)
        self.consumer.agreement.forget()
        if self.pulls or not self.is_newborn:
            self.may_listen.set()

    @property
    def is_newborn(self) -> bool:
        return not any(one.event_type == WHOLE and one.state == State.JOINED for one in self.recorded.values())

    @property
    def is_done(self) -> bool:
        return not any(one.state in (State.NEW, State.CATCHING_UP) for one in self.recorded.values())

    def run(self, stopping: threading.Event) -> None:
        """Until everything is joined, or told to stop; a source in trouble is asked again."""
        while not self.is_done and not stopping.is_set():
            self.trouble = "; ".join(filter(None, map(self._try, sorted({key[0] for key in self.recorded}))))
            if self.trouble:
                stopping.wait(RETRY_SECONDS)
        self.may_listen.set()

    def _try(self, source: str) -> str:
        try:
            self.join(source)
        except Problem as error:
            return f"waits for the past of {source}: {error.detail or error.title}"
        return ""

    def join(self, source: str) -> None:
        """All that is new about one source. Raises Unavailable when it does not answer."""
        self.meet(source)
        if aggregates := self._catching_up(source, whole=True):
            self._take_from_the_beginning(source, aggregates)
        if types := self._catching_up(source, whole=False):
            self._catch_up(source, types)

    def meet(self, source: str) -> None:
        """Learn how long the source's past is, if anything about it is new. Raises Unavailable."""
        if any(key[0] == source and one.state == State.NEW for key, one in self.recorded.items()):
            head = self._log_of(source).head()
            with self._changing() as connection:
                recorded = agreed.read(connection, self.name)
                agreed.write(connection, self.name, agreed.met(recorded, source, (head.position, head.epoch)))

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        """Nobody hears meanwhile; afterwards everybody knows what was changed."""
        with self.database.connection() as connection:
            agreed.hold(connection, self.name)
            yield connection
            self.recorded = agreed.read(connection, self.name)
        self.consumer.agreement.forget()

    def _join(self, connection: sa.Connection, joined: Types) -> None:
        news = [dataclasses.replace(one, state=State.JOINED) for one in joined.values()]
        agreed.write(connection, self.name, news)

    def _log_of(self, source: str) -> EventSource:
        try:
            return self.consumer.sources[source]
        except KeyError:
            raise Unavailable(detail=f"Nobody told where the log of {source} is") from None

    def _catching_up(self, source: str, *, whole: bool) -> Types:
        """By aggregate type or by event type."""
        mine = [one for key, one in self.recorded.items() if key[0] == source and one.state == State.CATCHING_UP]
        return {one.key[1 if whole else 2]: one for one in mine if (one.event_type == WHOLE) == whole}

    # -- aggregates that nobody here had heard of --------------------------------------------------

    def _take_from_the_beginning(self, source: str, aggregates: Types) -> None:
        """Everything about them; what is said meanwhile comes by itself, and is known when it comes twice."""
        place = bookmark(self.consumer, source)
        reads_itself = self.pulls and place.pulled_to == 0
        after, end = (
            min(one.taken_to for one in aggregates.values()),
            max(one.past_to or 0 for one in aggregates.values()),
        )
        while after < end and not reads_itself:
            page = self._log_of(source).read(after, PAGE, sorted(aggregates))
            after = page[-1].position if len(page) == PAGE else end
            self.consumer.take([one.raw for one in page], "bootstrap", self._remember(source, aggregates, after))
        with self._changing() as connection:
            self._join(connection, aggregates)

    def _remember(self, source: str, aggregates: Types, taken_to: int) -> Callable[[Talk, datetime], None]:
        """How far the past was taken; whoever listens to nothing else of the source need not read so far again."""
        epoch = next(iter(aggregates.values())).epoch or 1
        is_all = self.consumer.reactions.aggregates()[source] == set(aggregates)
        table = subscription.c
        mine = (table.consumer == self.name, table.source == source, table.aggregate_type.in_(list(aggregates)))

        def remember(talk: Talk, _now: datetime) -> None:
            whole = sa.update(subscription).where(*mine, table.event_type == WHOLE)
            talk.execute(whole.values(taken_to=taken_to))
            if is_all:
                move_bookmark(talk, self.name, source, Head(taken_to, epoch), None)

        return remember

    # -- types of events that nobody here had reacted to -------------------------------------------

    def _catch_up(self, source: str, types: Types) -> None:
        """While hearing goes on, until little is left; then the rest while it waits, and from then on it reacts."""
        while self._react_late(source, types, self.consumer.take) >= PAGE:
            pass
        with self.consumer.turn:
            if self.database.is_sqlite:  # nobody else hears, and nobody can write while a change is being made
                self._react_late(source, types, self.consumer.take_in_turn)
            with self._changing() as connection:
                if not self.database.is_sqlite:
                    self._react_late(source, types, self.consumer.take_in_turn)
                self._join(connection, types)
        log.info("%s joined %s", self.name, ", ".join(sorted(types)))

    def _react_late(self, source: str, types: Types, take: Callable[..., None]) -> int:
        """React to what was heard before there was a reaction, in the order of the log; how many events it was."""
        pruned_to, number = self._pruned_to(source), 0
        after = self._before_the_first(source, types, pruned_to)
        kinds = sorted({one.key[1] for one in types.values()})
        while after is not None:
            page = self._log_of(source).read(after, PAGE, kinds)
            late = self._without_reaction(page, types, pruned_to)
            if late:
                take(late, "late")
            number += len(late)
            after = page[-1].position if len(page) == PAGE else None
        return number

    def _before_the_first(self, source: str, types: Types, pruned_to: int) -> int | None:
        """Where to begin to read; None when there is nothing to react to."""
        if any(one.taken_to < pruned_to for one in types.values()):
            return 0
        table = inbox.c
        mine = (table.consumer == self.name, table.event_type.in_(list(types)), table.source == source)
        first = sa.select(table.position).where(*mine, UNREACTED, table.state == "done")
        with self.database.reading() as session:
            position = session.scalar(first.order_by(table.position).limit(1))
        return None if position is None else position - 1

    def _without_reaction(self, page: Sequence[Logged], types: Types, pruned_to: int) -> list[bytes]:
        """Those that the inbox holds without a reaction; and those that it has forgotten from before there was one."""
        named = [(open_envelope(one.raw), one) for one in page]
        said = {uuid.UUID(envelope.id): (envelope.type, one) for envelope, one in named if envelope.type in types}
        columns = (inbox.c.event_id, inbox.c.state, inbox.c.reacted)
        mine = (inbox.c.consumer == self.name, inbox.c.event_id.in_(list(said)))
        with self.database.reading() as session:
            known = {row.event_id: row for row in session.execute(sa.select(*columns).where(*mine))}
        late = []
        for name, (kind, one) in said.items():
            row = known.get(name)
            is_forgotten = row is None and types[kind].taken_to < one.position <= pruned_to
            if is_forgotten or (row is not None and row.state == "done" and not row.reacted):
                late.append(one.raw)
        return late

    def _pruned_to(self, source: str) -> int:
        place = inbox_position.c
        mine = (place.consumer == self.name, place.source == source)
        with self.database.reading() as session:
            return session.scalar(sa.select(place.pruned_to).where(*mine)) or 0
