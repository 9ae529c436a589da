"""What quotes personal values and has no key that says whose they are: kept answers, errors, operators' notes, faults.

Some of it follows an event or a row that is blank now; what nobody can attribute goes with every erasure.
"""

from __future__ import annotations

import copy
import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis import attachments
from chassis.blanking import BLANK, Hit, Wanted, hits_by_name, hits_in, marks_by_name
from chassis.database import Database
from chassis.importing.tables import OPEN, State, import_fault, import_job
from chassis.personal import Marks
from chassis.tables import (
    consumer_state,
    erased_subject,
    external_effect,
    idempotency_key,
    inbox,
    operator_action,
    parked_event,
    parked_failure,
    scheduled_job,
    scheduled_message,
)

PAGE = 200
QUOTING = (
    parked_event,
    parked_failure,
    external_effect,
    idempotency_key,
    scheduled_message,
    scheduled_job,
    consumer_state,
)
AT_WORK = (*OPEN, State.UNDOING)
Row = sa.Row[Any]
Parts = dict[str, Any]


def follow_what_is_blank(database: Database, metadata: sa.MetaData) -> Counter[str]:
    """Earlier errors of an event whose last error is blank, the content of files whose row is, and refused cells."""
    failed, parked = parked_failure.c, parked_event.c
    quotes = sa.exists().where(
        parked.consumer == failed.consumer, parked.event_id == failed.event_id, parked.error != BLANK
    )
    errors = sa.update(parked_failure).where(failed.error != BLANK, ~quotes).values(error=BLANK)
    told = external_effect.c
    answers = sa.update(external_effect).where(told.response != BLANK, _names_erased(told.request))
    found = Counter[str]()
    with database.connection() as connection:
        for statement in (errors, answers.values(response=BLANK)):
            found[str(statement.table)] += connection.execute(statement).rowcount
        if attachments.attachment.name in metadata.tables:
            found["attachment_block"] = attachments.drop_erased(connection)
        for statement in _of_imports() if import_job.name in metadata.tables else ():
            found[str(statement.table)] += connection.execute(statement).rowcount
    return +found


def _names_erased(body: sa.ColumnElement[bytes]) -> sa.ColumnElement[bool]:
    """Whether something was blanked in these bytes. As text, SQLite shows them as they are, PostgreSQL in hex."""
    text, mark = sa.cast(body, sa.Text), b'"erased":['
    return sa.or_(text.contains(mark.decode()), text.contains(mark.hex()))


def _of_imports() -> Iterator[sa.Update]:
    """Of imports from before the last erasure, once they are over: one at work has its file, too, until it ends."""
    erased_at = sa.select(sa.func.max(erased_subject.c.at)).scalar_subquery()
    over = (import_job.c.state.not_in(AT_WORK), import_job.c.created_at <= erased_at)
    full = sa.or_(import_fault.c.value != BLANK, import_fault.c.reason != BLANK)
    mine = import_fault.c.import_id.in_(sa.select(import_job.c.id).where(*over))
    yield sa.update(import_fault).where(full, mine).values(value=BLANK, reason=BLANK)
    failed = (import_job.c.state == State.FAILED, import_job.c.reason != BLANK)
    yield sa.update(import_job).where(*over, *failed).values(reason=BLANK)


def empty_what_has_no_key(database: Database, since: datetime) -> Counter[str]:
    """Kept answers, quoted errors and unreadable bytes: nobody can say whose they are, so all go.

    A repeated request still does nothing twice: it gets its status and address, and may read the record.
    """
    found: Counter[str] = Counter()
    with database.connection() as connection:
        for statement in _everywhere(since):
            found[str(statement.table)] += connection.execute(statement).rowcount
        found["consumer_state"] += _shorten_breakers(connection)
    standing = _Noted(operator_action, ("before", "after"), operator_action.c.action.in_(("pause", "resume")))
    found["operator_action"] += _clean(database, standing, _without_standing)
    return +found


def _everywhere(since: datetime) -> Iterator[sa.Update]:
    given, parked = idempotency_key.c, parked_event.c
    no_body = {"body": b"", "error": BLANK, "note": BLANK}
    yield sa.update(idempotency_key).where(given.at <= since, given.body != b"").values(body=b"")
    yield sa.update(parked_event).where(parked.reason == "unparseable", parked.body != b"").values(no_body)
    yield sa.update(scheduled_message).where(scheduled_message.c.error != BLANK).values(error=BLANK)
    yield sa.update(scheduled_job).where(scheduled_job.c.outcome.like("failed: %")).values(outcome="failed")


def _shorten_breakers(connection: sa.Connection) -> int:
    """The kind of error stays: without it nobody knows why a consumer has paused itself."""
    there = consumer_state.c
    rows = connection.execute(sa.select(there.consumer, there.breaker_error).where(there.breaker_error.contains(":")))
    changed = [(row.consumer, row.breaker_error.partition(":")[0]) for row in rows]
    for consumer, error in changed:
        connection.execute(sa.update(consumer_state).where(there.consumer == consumer).values(breaker_error=error))
    return len(changed)


def sweep_event_data(database: Database, metadata: sa.MetaData, marks: Marks, erased: Wanted) -> Counter[str]:
    """Fields of events that were noted elsewhere: what an operator put into one, what somebody was told of one.

    Such a part may leave out whose a value is; then it counts as everybody's.
    """
    by_name, found = marks_by_name(marks), Counter[str]()

    def without_the_erased(row: Row, parts: Parts) -> None:
        for part in parts.values():
            known = row.event_type is not None
            hits = _hits(row, part, marks, erased) if known else hits_by_name(part, by_name, erased)
            for hit in list(hits):
                hit.blank()

    for table in metadata.sorted_tables:
        if names := [column.name for column in table.columns if column.info.get("event_data")]:
            found[table.name] += _clean(database, _Noted(table, names), without_the_erased)
    return +found


def _hits(row: Row, part: dict[str, Any], marks: Marks, erased: Wanted) -> list[Hit]:
    """By the marks of the event, whose type the inbox knows; the record it is about is known, too."""
    about = {f"{row.aggregate_type}_{key}": row.aggregate_id for key in ("id", "no")}
    document = {"type": row.event_type, "subject": f"{row.aggregate_type}/{row.aggregate_id}", "data": about | part}
    return [Hit(part, hit.name, hit.subjects, hit.pointer) for hit in hits_in(document, marks, erased)]


def _without_standing(_row: Row, parts: Parts) -> None:
    """Who had paused a consumer, and for which error: the actions before tell that, too, with an id."""
    for part in parts.values():
        part.update({name: BLANK for name in ("paused_by", "breaker_error") if part.get(name)})


@dataclasses.dataclass(frozen=True)
class _Noted:
    """Columns with a part of an event, in rows that name the event."""

    table: sa.Table
    names: Sequence[str]
    where: sa.ColumnElement[bool] = dataclasses.field(default_factory=sa.true)

    def pages(self, database: Database) -> Iterator[Sequence[Any]]:
        there, heard, last = self.table.c, inbox.c, 0
        known = (heard.event_type, heard.aggregate_type, heard.aggregate_id)
        columns = (there.id, *(there[name] for name in self.names), *known)
        statement = sa.select(*columns).outerjoin(inbox, heard.event_id == there.event_id).where(self.where)
        while True:
            with database.reading() as session:
                page = session.execute(statement.where(there.id > last).order_by(there.id).limit(PAGE)).all()
            if not page:
                return
            yield page
            last = page[-1].id


def _clean(database: Database, noted: _Noted, clean: Callable[[Row, Parts], None]) -> int:
    number = 0
    for page in noted.pages(database):
        for row in page:
            before = {name: getattr(row, name) for name in noted.names}
            parts = copy.deepcopy(before)
            clean(row, parts)
            if parts != before:
                with database.connection() as connection:
                    mine = noted.table.c.id == row.id
                    connection.execute(sa.update(noted.table).where(mine).values(parts))
                number += 1
    return number
