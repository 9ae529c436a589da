"""The unit of work: rows, events and the promise that both are kept or neither."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from chassis import failpoints, trace
from chassis.bulk_insert import insert_rows
from chassis.caller import Caller
from chassis.changes import add_changes, changes_of
from chassis.database import Database
from chassis.dialect import clock, insert, numbers_by_itself
from chassis.events import Change, Envelope, Event, encode, event_id, seal_envelope
from chassis.log import append
from chassis.machine import Case, Machine
from chassis.personal import NOUN, must_not_come_back
from chassis.principal import SYSTEM, Principal
from chassis.problems import NotFound, Problem, Stale
from chassis.tables import number_series

A = TypeVar("A", bound="Aggregate")
Row = sa.Row[Any]
SECRET = {"secret": True}
"""``mapped_column(info=SECRET)``: never told in an event's changes."""


class Aggregate:
    """One thing with rules: it changes as a whole, and each change is one event and one version.

    ``noun`` is the aggregate's word in event types; ``owners`` names the columns with the users who own a record, for
    data scope (none: everybody with the right may see it). With a ``machine`` its state moves along its arrows only.
    """

    noun: ClassVar[str]
    owners: ClassVar[tuple[str, ...]] = ()
    machine: ClassVar[Machine | None] = None
    version: Mapped[int] = mapped_column(sa.BigInteger, default=1)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        table = getattr(cls, "__table__", None)
        if table is None:
            return
        table.info = {**table.info, NOUN: cls.noun}  # its own: what was declared may be shared by several tables
        if numbers_by_itself(table):
            # SQLite would give a removed record's number to the next one, whose first event then exists already.
            table.dialect_kwargs["sqlite_autoincrement"] = True

    def aggregate_id(self) -> str:
        (key,) = sa.inspect(type(self)).primary_key
        return str(getattr(self, key.key))

    def change(self, **values: Any) -> bool:
        """Set fields; true when one of them differs from before. Raises PersonErased for what was blanked for good."""
        differing = {name: value for name, value in values.items() if getattr(self, name) != value}
        if erased := getattr(self, "erased", ""):
            must_not_come_back(sa.inspect(type(self)).local_table, erased, differing)
        for name, value in differing.items():
            setattr(self, name, value)
        return bool(differing)


class Companion(Protocol):
    """Gathers rows while a transaction goes on and writes them together at its end."""

    def write(self) -> None: ...


C = TypeVar("C", bound=Companion)


class IllegalMove(Problem):
    """The code moved a record to a state that no arrow of its machine leads to."""


class Untracked(Problem):
    """An event was published about an aggregate that this transaction neither loaded nor added."""


@dataclasses.dataclass
class _Tracked:
    aggregate: Aggregate
    is_new: bool
    changes: dict[str, Change] = dataclasses.field(default_factory=dict)
    """What was flushed and no event has told yet."""


class Transaction:
    """One change from beginning to end. Commands get it; only this class knows the session and the log."""

    def __init__(self, session: Session, database: Database, service: str, *, principal: Principal, now: datetime):
        self.session = session
        self.database = database
        self.service = service
        self.principal = principal
        self.now = now
        """The moment of which everything happens here; told commands have their own (``begin_command``)."""
        self.recorded_at = now
        self.caller = Caller()
        self.cause: Envelope | None = None
        self.is_of_the_past = False
        """What is heard had happened before anybody here listened, or is replayed."""
        self.may_reach_out = True
        """Not in a reaction that does not declare it: see ``chassis.reactions.Reacting``."""
        self.expected_version: int | None = None
        self._tracked: dict[tuple[str, str], _Tracked] = {}
        self._log: list[tuple[Any, ...]] = []
        self._committed: list[tuple[Any, ...]] = []
        self._companions: dict[Any, Companion] = {}
        self._correlation = ""

    # -- looking ---------------------------------------------------------------------------------

    def get(self, kind: type[A], key: Any) -> A:
        """The aggregate, locked for change, if it exists and the principal may see it; else NotFound."""
        found = self.find(kind, key)
        if found is None or (kind.owners and not self.principal.sees({getattr(found, name) for name in kind.owners})):
            raise NotFound(detail=f"No {kind.noun} {key}")
        self.must_be_expected(found.version)
        return found

    def find(self, kind: type[A], key: Any) -> A | None:
        """The aggregate, locked for change, or None; without regard to data scope."""
        found = self.session.get(kind, key, with_for_update=True if not self.database.is_sqlite else None)
        if found is not None:
            self._tracked.setdefault((kind.noun, found.aggregate_id()), _Tracked(found, is_new=False))
        return found

    def pick(self, kind: type[A], statement: sa.Select[Any]) -> A:
        """The one aggregate that the statement finds within the data scope, locked for change; else NotFound."""
        found = self.load(kind, statement)
        if not found:
            raise NotFound(detail=f"There is no such {kind.noun}")
        self.must_be_expected(found[0].version)
        return found[0]

    def load(self, kind: type[A], statement: sa.Select[Any]) -> list[A]:
        """Several aggregates at once, locked, in the order of the statement."""
        if not self.database.is_sqlite:
            statement = statement.with_for_update(of=kind)
        found: list[A] = list(self.session.scalars(statement))
        for aggregate in found:
            self._tracked.setdefault((kind.noun, aggregate.aggregate_id()), _Tracked(aggregate, is_new=False))
        return found

    def rows(self, statement: sa.Executable) -> Sequence[Row]:
        return self.session.execute(statement).all()

    def row(self, statement: sa.Executable) -> Row | None:
        return self.session.execute(statement).first()

    def scalar(self, statement: sa.Executable) -> Any:
        return self.session.execute(statement).scalar()

    def execute(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        return self.session.execute(statement, parameters)  # type: ignore[return-value]

    def case(self, record: Any, **facts: Any) -> Case:
        """The record, whoever asks, and what its machine's guards have to know beside it."""
        return Case(record, self.principal, self.now, facts)

    # -- changing --------------------------------------------------------------------------------

    def add(self, aggregate: A) -> A:
        """Keep a new aggregate; it has its number afterwards."""
        return self.add_all([aggregate])[0]

    def add_all(self, aggregates: Sequence[A]) -> Sequence[A]:
        """Keep several at the price of one insert."""
        for aggregate in aggregates:
            aggregate.version = 1
        self.session.add_all(aggregates)
        self.flush()
        for aggregate in aggregates:
            self._tracked[(aggregate.noun, aggregate.aggregate_id())] = _Tracked(aggregate, is_new=True)
        return aggregates

    def add_rows(
        self, kind: type[Aggregate], rows: Sequence[Mapping[str, Any]], said: Iterable[tuple[Event, datetime]]
    ) -> None:
        """Keep many new aggregates that bring their own keys, as plain rows, and say one event about each.

        For imports only: building and tracking a mapped object costs more than inserting and telling it. All rows
        have the same columns, none of which the model would fill in. Raises TypeError when it would.
        """
        insert_rows(self.session, sa.inspect(kind).local_table, [{**row, "version": 1} for row in rows])
        for event, at in said:
            self._record(event, 1, at)

    def companion(self, kind: Callable[[Transaction], C]) -> C:
        """The one companion of this kind that the transaction has."""
        if kind not in self._companions:
            self._companions[kind] = kind(self)
        return self._companions[kind]  # type: ignore[return-value]

    def keep(self, *rows: Any) -> None:
        """Keep rows that are no aggregates (lines, history, copies)."""
        self.session.add_all(rows)

    def publish(self, event: Event | None, *, at: datetime | None = None) -> None:
        """Say what happened to an aggregate of this transaction: one event, one version.

        ``at`` is business time (default: now). None is nothing: a rule may find that nothing changed.
        Raises Untracked when the aggregate was neither loaded nor added here.
        """
        self.publish_all([(event, at)])

    def publish_all(self, said: Iterable[tuple[Event | None, datetime | None]]) -> None:
        """Say what happened to many aggregates, once each, at the price of one flush."""
        self._note_changes()
        noted = [(self._counted(event), at) for event, at in said if event is not None]
        self.session.flush()  # the rows before their events: the lock orders the ids (bus.md, rule 1 for writers)
        for (event, version), at in noted:
            self._record(event, version, at or self.now)

    def _counted(self, event: Event) -> tuple[Event, int]:
        """The event with old and new values, and the version that is its own."""
        tracked = self._tracked.get((event.aggregate_type, event.aggregate_id()))
        if tracked is None:
            raise Untracked(detail=f"{event.event_type} about {event.aggregate_id()}")
        changes, tracked.changes = tracked.changes, {}
        if tracked.is_new:
            tracked.is_new = False
            return event, tracked.aggregate.version
        tracked.aggregate.version += 1
        return event.with_changes(changes), tracked.aggregate.version

    def note(self, event: Event) -> None:
        """Say something of which nothing is kept but the event: a fact with a key that no other has."""
        self._record(event, 1, self.now)

    def publish_removal(self, aggregate: Aggregate, event: Event) -> None:
        """Say that an aggregate is gone, and let it go: its last version is this event's."""
        self._record(event, aggregate.version + 1, self.now)
        self.session.delete(aggregate)

    def say(self, event: Event, version: int) -> None:
        """Say something about a thing of the chassis that is no aggregate; its row counts the versions."""
        self._record(event, version, self.now)

    def next_numbers(self, series: str, count: int = 1) -> range:
        """The next ``count`` numbers of a series; two transactions never get the same one."""
        statement = insert(self.session, number_series).values(name=series, last=count)
        raised = number_series.c.last + statement.excluded.last
        last = self.scalar(
            statement.on_conflict_do_update(index_elements=["name"], set_={"last": raised}).returning(
                number_series.c.last
            )
        )
        return range(last - count + 1, last + 1)

    def hear(self, envelope: Envelope, *, is_of_the_past: bool = False) -> None:
        """What follows is caused by this event, on behalf of whoever caused that."""
        self.cause, self.is_of_the_past, self.may_reach_out = envelope, is_of_the_past, False
        self._correlation = envelope.correlationid
        user_id = int(envelope.authid or 0)
        self.principal = Principal(user_id=user_id, name=envelope.authname or ("" if user_id else "system"))

    def begin_anew(self, story: str = "") -> None:
        """What follows is caused by nobody's event, and belongs to this story or to none yet."""
        self.cause, self._correlation = None, story
        self.is_of_the_past, self.may_reach_out = False, True

    def begin_command(self, principal: Principal, at: datetime) -> None:
        """What follows is another command in the same commit, of this moment (``chassis.telling``)."""
        self.settle()
        self.session.expunge_all()  # it looks everything up, as if all before were committed
        self.begin_anew()
        self._tracked, self.expected_version = {}, None
        self.principal, self.now = principal, at

    def said_about(self, noun: str) -> list[tuple[str, int]]:
        """Key and version of each event about a noun that this transaction will write, in order."""
        return [(key, version) for _, _, kind, key, version, *_ in self._log if kind == noun]

    @property
    def heard_version(self) -> int:
        """The version of the aggregate whose event is being heard."""
        return self.cause.aggregateversion if self.cause else 0

    def newest(self, most: int) -> list[tuple[str, uuid.UUID]]:
        """Aggregate and id of the last events that were committed."""
        return [(kind, identity) for identity, _, kind, *_ in self._committed[-most:]]

    def flush(self) -> None:
        """Send rows to the database now; their events may still be published later."""
        self._note_changes()
        self.session.flush()

    def _note_changes(self) -> None:
        """A flush forgets old values, and it flushes every aggregate, not only the one whose event comes next."""
        for changed in self.session.dirty:
            key = (changed.noun, changed.aggregate_id()) if isinstance(changed, Aggregate) else None
            tracked = self._tracked.get(key) if key else None
            if tracked:
                changes = changes_of(changed)
                if not tracked.is_new:
                    _must_follow_its_machine(tracked.aggregate, changes)
                add_changes(tracked.changes, changes)

    def forget(self) -> None:
        """Take back everything done so far, rows and events alike: a trial leaves no trace."""
        self.session.rollback()
        self._log, self._tracked, self._companions = [], {}, {}

    def commit(self) -> None:
        """Rows first, then their events, then both for ever."""
        self.settle()
        if self._log:
            append(self.session, self._log)
        failpoints.failpoint("transaction.before_commit")
        self.session.commit()
        if self._log:
            self._committed, self._log = self._log, []
            self.database.ring()

    def settle(self) -> None:
        """Write what companions have gathered and what was changed, before the commit."""
        for companion in self._companions.values():
            companion.write()
        self._companions = {}
        self.session.flush()

    def must_be_expected(self, version: int) -> None:
        """The version that the caller has named, if any, is the one that is there. Raises Stale."""
        expected, self.expected_version = self.expected_version, None
        if expected is not None and expected != version:
            raise Stale(yours=expected, current=version)

    # -- inside ----------------------------------------------------------------------------------

    def _record(self, event: Event, version: int, at: datetime) -> None:
        identity = event_id()
        envelope = self._envelope(event, version, at, identity)
        about = (event.event_type, event.aggregate_type, event.aggregate_id(), version)
        caused_by = uuid.UUID(envelope.causationid) if envelope.causationid else None
        self._log.append((identity, *about, at, self.recorded_at, seal_envelope(envelope), caused_by))

    def _envelope(self, event: Event, version: int, at: datetime, identity: uuid.UUID) -> Envelope:
        cause = self.cause
        if not self._correlation:
            self._correlation = cause.correlationid if cause else str(identity)
        subject = f"{event.aggregate_type}/{event.aggregate_id()}"
        return Envelope(
            id=str(identity),
            type=event.event_type,
            source=f"/crm/{self.service}",
            subject=subject,
            time=at,
            dataschema=f"/contracts/{event.event_type}/{event.schema_major}",
            partitionkey=subject,
            aggregateversion=version,
            recordedtime=self.recorded_at,
            correlationid=self._correlation,
            causationid=cause.id if cause else "",
            traceparent=trace.current(),
            authtype=self.principal.kind,
            authid=str(self.principal.user_id),
            authname=self.principal.name,
            data=msgspec.Raw(encode(event)),
        )


def _must_follow_its_machine(aggregate: Aggregate, changes: Mapping[str, Change]) -> None:
    machine = aggregate.machine
    moved = changes.get(machine.column) if machine else None
    if machine and moved and not machine.permits(moved.old, moved.new):
        raise IllegalMove(detail=f"{aggregate.noun} {aggregate.aggregate_id()}: {moved.old} to {moved.new}")


@contextmanager
def transaction(
    database: Database, service: str, *, principal: Principal = SYSTEM, now: datetime | None = None
) -> Iterator[Transaction]:
    """A transaction that commits at the end of the block, or keeps nothing when the block raises."""
    with database.writing() as session:
        tx = Transaction(session, database, service, principal=principal, now=now or clock(session))
        yield tx
        tx.commit()


@contextmanager
def looking(
    database: Database, service: str, *, principal: Principal = SYSTEM, now: datetime | None = None
) -> Iterator[Transaction]:
    """The same words for reading only: no lock, no commit."""
    with database.reading() as session:
        yield Transaction(session, database, service, principal=principal, now=now or datetime.now(UTC))
