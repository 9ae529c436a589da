"""What an operator may do about one service's bus: each action in one transaction, written down with its reason.

Whoever acts on parked events holds their aggregates until the commit, as the worker does that tries them again:
two at once follow one another, and each event is applied once.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from chassis import lines
from chassis.dialect import is_sqlite
from chassis.events import MAX_ENVELOPE_BYTES, encode
from chassis.inspecting import PARKED, Parked, get_parked
from chassis.lines import Row, Stream, stream_of
from chassis.parking import TOO_NEW
from chassis.pausing import Standing, close_breaker, note_standing, standing_of
from chassis.problems import Conflict, TooLarge, wrong_field
from chassis.tables import consumer_state, inbox, inbox_stream, operator_action, parked_event
from chassis.transaction import Transaction

MOST_AT_ONCE = 500
"""Events of one action: it is one transaction, and what is left over is told."""
UNPARSEABLE = "unparseable"
OPEN = ("waiting", "dead")


class AlreadyDiscarded(Conflict):
    """The event was discarded; it will not be applied."""


class NotAnEvent(Conflict):
    """These bytes are no event; they can be discarded, and nothing else."""


class PausedAlready(Conflict):
    """The consumer is paused already."""

    paused_by: str
    pause_reason: str


class NotPaused(Conflict):
    """The consumer is neither paused nor does it pause itself."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What an action did or would do: events of so many aggregates, ``skipped`` as it cannot be, ``left`` for later."""

    events: int
    aggregates: int
    skipped: int
    left: int
    dry_run: bool


# Trying again


def redrive(tx: Transaction, consumer: str, asked: Mapping[str, Any], reason: str, dry_run: bool = False) -> Outcome:
    """Try the aggregates of these events again, in order, from the start of the schedule; the worker does it.

    Order is of the aggregate: its first parked event is tried first, whichever of them was named.
    """
    rows, left = _chosen(tx, consumer, asked)
    able = [row for row in rows if row.reason != UNPARSEABLE]
    streams = sorted({stream_of(row) for row in able})
    if streams and not dry_run:
        _hold(tx, consumer, streams)
        before = _standing_in_line(tx, consumer, streams)
        mine = (parked_event.c.consumer == consumer, parked_event.c.event_id.in_([row.event_id for row in before]))
        again = {"state": "waiting", "attempts": 0, "version": parked_event.c.version + 1}
        again["changed_by"] = tx.principal.name[:80]
        firsts = _firsts(consumer, streams)
        too_new = parked_event.c.reason == TOO_NEW  # it keeps the time that a build gives it
        due = sa.case((firsts, tx.now), (too_new, parked_event.c.next_attempt_at), else_=None)
        tx.execute(sa.update(parked_event).where(*mine).values(**again, next_attempt_at=due))
        _note(tx, "redrive", reason, [(row, _kept(row), {"state": "waiting", "attempts": 0}) for row in before])
    return Outcome(len(able), len(streams), len(rows) - len(able), left, dry_run)


def _standing_in_line(tx: Transaction, consumer: str, streams: Sequence[Stream]) -> Sequence[Row]:
    """The events with a cause of their own, and whoever is first; those that only wait behind them follow."""
    has_cause = sa.or_(parked_event.c.reason != "behind", parked_event.c.state == "dead")
    stands = sa.or_(has_cause, _firsts(consumer, streams))
    mine = (parked_event.c.consumer == consumer, parked_event.c.state.in_(OPEN), _among(parked_event, streams))
    return tx.rows(sa.select(*KEPT).where(*mine, stands).order_by(parked_event.c.aggregate_version))


def _firsts(consumer: str, streams: Sequence[Stream]) -> sa.ColumnElement[bool]:
    """The condition for the first of each aggregate's line."""
    table = parked_event.c
    mine = (table.consumer == consumer, table.state.in_(OPEN), _among(parked_event, streams))
    names = (table.source, table.aggregate_type, table.aggregate_id)
    first = sa.select(*names, sa.func.min(table.aggregate_version)).where(*mine).group_by(*names)
    return sa.tuple_(*names, table.aggregate_version).in_(first)


# Letting go


def discard(tx: Transaction, consumer: str, asked: Mapping[str, Any], reason: str, dry_run: bool = False) -> Outcome:
    """Never apply these events; they stay here with the reason, and those behind them go on."""
    rows, left = _chosen(tx, consumer, asked)
    streams = sorted({stream_of(row) for row in rows})
    if streams and not dry_run:
        reached = _hold(tx, consumer, streams)
        rows = _still_open(tx, consumer, rows)
        ids = [row.event_id for row in rows]
        values: dict[str, Any] = {"state": "discarded", "next_attempt_at": None, "note": reason, "last_at": tx.now}
        values |= {"changed_by": tx.principal.name[:80], "version": parked_event.c.version + 1}
        tx.execute(sa.update(parked_event).where(*_these(parked_event, consumer, ids)).values(values))
        tx.execute(sa.update(inbox).where(*_these(inbox, consumer, ids)).values(state="discarded"))
        for stream in streams:
            if stream in reached:
                lines.pass_over_discarded(tx.session, consumer, stream, reached[stream])
                lines.let_next_go(tx.session, consumer, stream, tx.now)
        _note(tx, "discard", reason, [(row, _kept(row), {"state": "discarded"}) for row in rows])
    return Outcome(len(rows), len(streams), 0, left, dry_run)


# Mending


def edit(tx: Transaction, consumer: str, event_id: uuid.UUID, data: Mapping[str, Any], reason: str) -> Parked:
    """Put other data into an event that is parked; it is still the same event, and the body as it came is kept.

    Raises NotParked, AlreadyDiscarded, NotAnEvent, Stale, or TooLarge.
    """
    row = must_be_open(tx, consumer, event_id).row
    if row.reason == UNPARSEABLE:
        raise NotAnEvent(detail=str(event_id))
    old, body = bytes(row.body), with_data(bytes(row.body), data)
    before, after = differences(old, body)
    if before or after:
        values = {"body": body, "original_body": row.original_body or old, "version": row.version + 1}
        mine = _these(parked_event, consumer, [event_id])
        tx.execute(sa.update(parked_event).where(*mine).values(**values, changed_by=tx.principal.name[:80]))
        _note(tx, "edit", reason, [(row, before, after)])
    return get_parked(tx, consumer, event_id)


def must_be_open(tx: Transaction, consumer: str, event_id: uuid.UUID) -> Parked:
    """The parked event, its aggregate held, as the caller has seen it. Raises NotParked, AlreadyDiscarded or Stale."""
    found = tx.row(sa.select(*KEPT).where(*_these(parked_event, consumer, [event_id])))
    if found:
        _hold(tx, consumer, [stream_of(found)])
    row = get_parked(tx, consumer, event_id)
    tx.must_be_expected(row.version)
    if row.state not in OPEN:
        raise AlreadyDiscarded(detail=str(event_id))
    return row


def with_data(body: bytes, data: Mapping[str, Any]) -> bytes:
    """The same envelope, member by member, around other data. Raises TooLarge."""
    members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    members["data"] = msgspec.Raw(encode(data))
    changed = encode(members)
    if len(changed) > MAX_ENVELOPE_BYTES:
        raise TooLarge(detail=f"An event of {len(changed)} bytes", limit_bytes=MAX_ENVELOPE_BYTES)
    return changed


def differences(old: bytes, new: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members of the data that differ, as they were and as they are."""
    was, now = (msgspec.json.decode(body)["data"] for body in (old, new))
    was = was if isinstance(was, dict) else {"data": was}
    names = [name for name in {**was, **now} if was.get(name, ...) != now.get(name, ...)]
    return {name: was[name] for name in names if name in was}, {name: now[name] for name in names if name in now}


# Pausing


def pause(tx: Transaction, consumer: str, reason: str) -> Standing:
    """Apply nothing more until somebody says so; what is for the consumer waits where it is. Raises PausedAlready."""
    standing = _locked_standing(tx, consumer)
    if standing.paused_at:
        raise PausedAlready(paused_by=standing.paused_by, pause_reason=standing.pause_reason)
    values = {"paused_at": tx.now, "paused_by": tx.principal.name[:80], "pause_reason": reason}
    note_standing(tx.session, consumer, **values)
    _note_of_consumer(tx, "pause", consumer, reason, standing)
    return standing_of(tx.session, consumer)


def resume(tx: Transaction, consumer: str, reason: str) -> Standing:
    """Go on, also where the consumer has paused itself: what failed is tried at once. Raises NotPaused."""
    standing = _locked_standing(tx, consumer)
    if not standing.is_held:
        raise NotPaused(detail=consumer)
    note_standing(tx.session, consumer, paused_at=None, paused_by="", pause_reason="")
    if standing.breaker:
        close_breaker(tx.session, consumer, standing)
    _note_of_consumer(tx, "resume", consumer, reason, standing)
    return standing_of(tx.session, consumer)


def _locked_standing(tx: Transaction, consumer: str) -> Standing:
    mine = sa.select(consumer_state.c.consumer).where(consumer_state.c.consumer == consumer)
    tx.execute(mine if tx.database.is_sqlite else mine.with_for_update())
    return standing_of(tx.session, consumer)


# Choosing


def _chosen(tx: Transaction, consumer: str, asked: Mapping[str, Any]) -> tuple[Sequence[Row], int]:
    """The open events that were asked for, oldest first, and how many are left over. Raises Invalid."""
    conditions = _where(tx, consumer, asked)
    rows = tx.rows(sa.select(*KEPT).where(*conditions).order_by(*OLDEST_FIRST).limit(MOST_AT_ONCE))
    if len(rows) < MOST_AT_ONCE:
        return rows, 0
    number: int = tx.scalar(sa.select(sa.func.count()).select_from(parked_event).where(*conditions))
    return rows, number - len(rows)


def open_ids(tx: Transaction, consumer: str, asked: Mapping[str, Any]) -> list[uuid.UUID]:
    """All that were asked for, to be dealt with so many at a time. Raises Invalid."""
    statement = sa.select(parked_event.c.event_id).where(*_where(tx, consumer, asked))
    return [row.event_id for row in tx.rows(statement.order_by(*OLDEST_FIRST))]


def _where(tx: Transaction, consumer: str, asked: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    ids = asked.get("event_ids")
    where = {name: value for name, value in asked.items() if name != "event_ids"}
    if not ids and not where:
        raise wrong_field("/event_ids", "Name events, or say where they are")
    mine = [parked_event.c.consumer == consumer, parked_event.c.state.in_(OPEN)]
    if ids:
        mine.append(parked_event.c.event_id.in_(list(ids)))
    return PARKED.conditions(tx, where, mine)


OLDEST_FIRST = (parked_event.c.first_at, parked_event.c.event_id)
KEPT = tuple(
    parked_event.c[name]
    for name in ("consumer", "event_id", "source", "aggregate_type", "aggregate_id", "aggregate_version", "state",
                 "reason", "attempts", "next_attempt_at", "version")
)  # fmt: skip


def _hold(tx: Transaction, consumer: str, streams: Sequence[Stream]) -> dict[Stream, int]:
    """How far these aggregates are; locked until commit, all in one order, so that no two wait for each other."""
    table = inbox_stream.c
    mine = sa.select(inbox_stream).where(table.consumer == consumer, _among(inbox_stream, streams))
    mine = mine.order_by(table.source, table.aggregate_type, table.aggregate_id)
    rows = tx.rows(mine if is_sqlite(tx.session) else mine.with_for_update())
    return {stream_of(row): row.last_version for row in rows}


def _still_open(tx: Transaction, consumer: str, rows: Iterable[Row]) -> Sequence[Row]:
    """As they are now that they are held: another may have dealt with one meanwhile."""
    mine = _these(parked_event, consumer, [row.event_id for row in rows])
    statement = sa.select(*KEPT).where(*mine, parked_event.c.state.in_(OPEN))
    return tx.rows(statement if is_sqlite(tx.session) else statement.with_for_update())


def _among(table: sa.Table, streams: Sequence[Stream]) -> sa.ColumnElement[bool]:
    return sa.tuple_(table.c.source, table.c.aggregate_type, table.c.aggregate_id).in_(list(streams))


def _these(table: sa.Table, consumer: str, ids: Sequence[uuid.UUID]) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.consumer == consumer, table.c.event_id.in_(list(ids))


# Writing down


def _kept(row: Row) -> dict[str, Any]:
    """How an event was kept before somebody changed it."""
    return {name: getattr(row, name) for name in ("state", "reason", "attempts", "next_attempt_at")}


def _note(
    tx: Transaction, action: str, reason: str, done: Iterable[tuple[Any, Mapping[str, Any], Mapping[str, Any]]]
) -> None:
    names = ("consumer", "event_id", "source", "aggregate_type", "aggregate_id")
    by = {"at": tx.now, "by_id": tx.principal.user_id, "by_name": tx.principal.name[:80]}
    rows = [
        {name: getattr(row, name) for name in names}
        | by
        | {"action": action, "reason": reason, "before": _plain(before), "after": _plain(after)}
        for row, before, after in done
    ]
    if rows:
        tx.execute(sa.insert(operator_action), rows)


def _plain(values: Mapping[str, Any]) -> Any:
    """As JSON holds it: moments as text."""
    return msgspec.json.decode(encode(values))


def _note_of_consumer(tx: Transaction, action: str, consumer: str, reason: str, before: Standing) -> None:
    about = _Consumer(consumer)
    after = standing_of(tx.session, consumer)
    _note(tx, action, reason, [(about, dataclasses.asdict(before), dataclasses.asdict(after))])


@dataclasses.dataclass(frozen=True)
class _Consumer:
    """What an action is about that concerns no single event."""

    consumer: str
    event_id: uuid.UUID | None = None
    source: str = ""
    aggregate_type: str = ""
    aggregate_id: str = ""
