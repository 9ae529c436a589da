"""What an operator sees of one service's bus: how far it is, what is parked and why, and who did what about it."""

from __future__ import annotations

import base64
import dataclasses
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from chassis.events import open_envelope
from chassis.log import DatabaseLog
from chassis.pages import Listing, contains, equal, since, until
from chassis.pausing import Standing, standing_of
from chassis.problems import NotFound
from chassis.tables import (
    consumer_of,
    event_log,
    inbox,
    inbox_position,
    inbox_stream,
    log_state,
    operator_action,
    parked_event,
    parked_failure,
)
from chassis.transaction import Row, Transaction

MOST_GROUPS = 200
LATEST_TOLD = 200
"""Failures and actions shown of one event: seven tries a time, so it was redriven often."""
LONGEST_RAW = 64 * 1024
PAGE = 200


class NotParked(NotFound):
    """No such event is parked here."""


def of_id(column: Any) -> Callable[[str], sa.ColumnElement[bool]]:
    """A filter for one id. Raises ValueError for what is none."""
    return lambda text: column == uuid.UUID(text)


SHOWN = (
    "event_id", "consumer", "source", "event_type", "aggregate_type", "aggregate_id", "aggregate_version", "reason",
    "state", "attempts", "next_attempt_at", "error_class", "error", "fingerprint", "first_at", "last_at", "note",
    "changed_by", "version",
)  # fmt: skip
PARKED = Listing(
    columns={name: parked_event.c[name] for name in SHOWN},
    key=sa.cast(parked_event.c.event_id, sa.String(40)),
    source=parked_event,
    filters={
        "event_id": of_id(parked_event.c.event_id),
        "consumer": equal(parked_event.c.consumer),
        "source": equal(parked_event.c.source),
        "event_type": contains(parked_event.c.event_type),
        "aggregate_type": equal(parked_event.c.aggregate_type),
        "aggregate_id": equal(parked_event.c.aggregate_id),
        "reason": equal(parked_event.c.reason),
        "state": equal(parked_event.c.state),
        "fingerprint": equal(parked_event.c.fingerprint),
        "first_from": since(parked_event.c.first_at),
        "first_to": until(parked_event.c.first_at),
    },
    sorts={name: parked_event.c[name] for name in ("first_at", "last_at", "next_attempt_at", "event_type", "attempts")},
    default_sort="first_at",
    search=(parked_event.c.error, parked_event.c.error_class, parked_event.c.aggregate_id),
    defaults={"state": "waiting,dead"},
)
"""Parked events; those that were discarded only when somebody asks for them."""

DONE = ("id", "at", "by_id", "by_name", "action", "consumer", "event_id", "source", "aggregate_type", "aggregate_id")
ACTIONS = Listing(
    columns={name: operator_action.c[name] for name in (*DONE, "reason", "before", "after")},
    key=operator_action.c.id,
    filters={
        "event_id": of_id(operator_action.c.event_id),
        "consumer": equal(operator_action.c.consumer),
        "action": equal(operator_action.c.action),
        "by_name": contains(operator_action.c.by_name),
        "at_from": since(operator_action.c.at),
        "at_to": until(operator_action.c.at),
    },
    sorts={"id": operator_action.c.id, "at": operator_action.c.at},
    default_sort="-id",
    search=(operator_action.c.reason,),
)
"""What operators did, newest first."""


# How far


@dataclasses.dataclass(frozen=True)
class Source:
    """How far one source was read, and up to when everything is applied."""

    source: str
    read_to: int
    complete_at: datetime | None


@dataclasses.dataclass(frozen=True)
class Count:
    """How many events are parked in this state for this reason."""

    state: str
    reason: str
    number: int


@dataclasses.dataclass(frozen=True)
class Status:
    """Log and consumer of one service."""

    service: str
    head: int
    epoch: int
    unsealed: int
    published_to: int | None
    sources: Sequence[Source]
    parked: Sequence[Count]
    blocked_aggregates: int
    consumer: str
    standing: Standing

    @property
    def does(self) -> str:
        return str(self.standing) or "goes on"


def status(tx: Transaction) -> Status:
    """How far this service's log is, how far its consumer is, and what waits."""
    state = tx.row(sa.select(log_state))
    table, name = parked_event.c, consumer_of(tx.service)
    counts = sa.select(table.state, table.reason, sa.func.count().label("number"))
    parked = tx.rows(counts.group_by(table.state, table.reason).order_by(table.state, table.reason))
    positions = sa.select(inbox_position).where(inbox_position.c.consumer == name).order_by(inbox_position.c.source)
    blocked = sa.select(sa.func.count()).select_from(inbox_stream).where(inbox_stream.c.blocked_by.is_not(None))
    is_sqlite = tx.database.is_sqlite
    return Status(
        service=tx.service,
        head=DatabaseLog(tx.database).head().position,
        epoch=state.epoch if state else 1,
        unsealed=0 if is_sqlite else tx.scalar(_UNSEALED),
        published_to=state.published_to if state and not is_sqlite else None,
        sources=[Source(row.source, row.pulled_to, row.complete_at) for row in tx.rows(positions)],
        parked=[Count(row.state, row.reason, row.number) for row in parked],
        blocked_aggregates=tx.scalar(blocked) or 0,
        consumer=name,
        standing=standing_of(tx.session, name),
    )


_UNSEALED = sa.select(sa.func.count()).select_from(event_log).where(event_log.c.position.is_(None))


# What is parked


def groups(tx: Transaction, asked: Mapping[str, Any]) -> Sequence[Row]:
    """Parked events by cause, most first: the same fault at the same place is one group."""
    table = parked_event.c
    causes = (table.fingerprint, table.state, table.reason, table.error_class)
    statement = sa.select(
        *causes,
        sa.func.count().label("number"),
        sa.func.count(sa.distinct(table.aggregate_id)).label("aggregates"),
        sa.func.min(table.first_at).label("first_at"),
        sa.func.max(table.last_at).label("last_at"),
        sa.func.max(table.error).label("error"),
    ).where(*PARKED.conditions(tx, asked))
    return tx.rows(statement.group_by(*causes).order_by(sa.desc("number"), table.fingerprint).limit(MOST_GROUPS))


class Parked:
    """One parked event with its body and its story."""

    def __init__(self, row: Row, failures: Sequence[Row], actions: Sequence[Row]) -> None:
        self.row, self.failures, self.actions = row, failures, actions

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)

    @property
    def body(self) -> Any:
        """As JSON; None when it is none."""
        return _as_json(self.row.body)

    @property
    def original(self) -> Any:
        """The body as it came, once it was edited."""
        return _as_json(self.row.original_body) if self.row.original_body else None

    @property
    def raw(self) -> str | None:
        """The beginning of what could not be read, base64."""
        return None if self.body is not None else base64.b64encode(bytes(self.row.body)[:LONGEST_RAW]).decode()


def get_parked(tx: Transaction, consumer: str, event_id: uuid.UUID) -> Parked:
    """One parked event, discarded ones included. Raises NotParked."""
    mine = (parked_event.c.consumer == consumer, parked_event.c.event_id == event_id)
    row = tx.row(sa.select(parked_event).where(*mine))
    if row is None:
        raise NotParked(detail=f"{event_id} is not parked by {consumer}")
    (whole,) = _with_stories(tx, [row])
    return whole


def export(tx: Transaction, asked: Mapping[str, Any]) -> Iterator[Parked]:
    """Every chosen event with body and story, oldest first, read page by page."""
    table = parked_event.c
    place = sa.tuple_(table.first_at, table.event_id)
    chosen = sa.select(parked_event).where(*PARKED.conditions(tx, asked)).order_by(table.first_at, table.event_id)
    rows = tx.rows(chosen.limit(PAGE))
    while rows:
        yield from _with_stories(tx, rows)
        last = sa.tuple_(sa.literal(rows[-1].first_at, table.first_at.type), rows[-1].event_id)
        rows = tx.rows(chosen.where(place > last).limit(PAGE)) if len(rows) == PAGE else []


def _with_stories(tx: Transaction, rows: Sequence[Row]) -> list[Parked]:
    ids = [row.event_id for row in rows]
    failures = _by_event(tx, parked_failure, ids)
    actions = _by_event(tx, operator_action, ids)
    return [Parked(row, failures.get(row.event_id, []), actions.get(row.event_id, [])) for row in rows]


def _by_event(tx: Transaction, table: sa.Table, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Row]]:
    """The latest rows about each event, oldest first."""
    found: dict[uuid.UUID, list[Row]] = {}
    limit = LATEST_TOLD * max(1, len(ids))
    for row in tx.rows(sa.select(table).where(table.c.event_id.in_(ids)).order_by(table.c.id.desc()).limit(limit)):
        found.setdefault(row.event_id, []).insert(0, row)
    return found


def _as_json(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(bytes(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


# Where an event is


def whereabouts(tx: Transaction, event_id: uuid.UUID) -> dict[str, Any]:
    """What this service knows of an event: what it said, how it heard it, how it is parked. Empty when nothing."""
    found: dict[str, Any] = {}
    logged = tx.row(sa.select(event_log).where(event_log.c.event_id == event_id))
    if logged:
        envelope = open_envelope(logged.envelope)
        found["said"] = {"type": envelope.type, "subject": envelope.subject, "time": envelope.time}
        found["said"] |= {"by": envelope.authname, "caused_by": envelope.causationid or None}
        found["said"]["data"] = json.loads(bytes(envelope.data))
    for heard in tx.rows(sa.select(inbox).where(inbox.c.event_id == event_id)):
        found["heard"] = {"consumer": heard.consumer, "state": heard.state, "via": heard.via}
        found["heard"]["version"] = heard.aggregate_version
    for row in tx.rows(sa.select(parked_event).where(parked_event.c.event_id == event_id)):
        (whole,) = _with_stories(tx, [row])
        found["parked"] = told(whole)
    return found


def told(parked: Parked) -> dict[str, Any]:
    """A parked event as plain values: a line of an export."""
    plain = {name: getattr(parked, name) for name in SHOWN}
    bodies = {"body": parked.body, "original": parked.original, "raw": parked.raw}
    failures = [{key: value for key, value in row._mapping.items() if key not in KEYS} for row in parked.failures]
    actions = [{name: getattr(one, name) for name in WHAT_WAS_DONE} for one in parked.actions]
    return plain | bodies | {"failures": failures, "actions": actions}


KEYS = {"id", "consumer", "event_id"}
WHAT_WAS_DONE = ("at", "by_name", "action", "reason", "before", "after")
