"""Looking through the log: by who, what, when and text, newest first."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from chassis.events import PREFIX, open_envelope
from chassis.fields import Body, Text
from chassis.pages import Listing, Page, contains, equal, since, until
from chassis.problems import wrong_field
from chassis.transaction import Transaction
from reporting.log import report_log

LOOKED_THROUGH = 50_000
"""Text is searched in the newest entries that fit everything else; who looks further back says from when to when."""
SEARCHING = f"A text anywhere in the newest {LOOKED_THROUGH} entries that fit the other filters"


class _BodyText(FunctionElement[str]):
    """The envelope as text."""

    type = sa.Text()
    inherit_cache = True


@compiles(_BodyText, "sqlite")
def _body_text_sqlite(element: _BodyText, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kwargs)} AS TEXT)"


@compiles(_BodyText, "postgresql")
def _body_text_postgresql(element: _BodyText, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"convert_from({compiler.process(element.clauses, **kwargs)}, 'UTF8')"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One event as an auditor reads it."""

    id: int
    event_id: str
    recorded_at: datetime
    happened_at: datetime
    by_id: int
    by_name: str
    by_kind: str
    service: str
    type: str
    record_type: str
    record_id: str
    version: int
    changes: Mapping[str, Any]
    data: Mapping[str, Any]
    correlation_id: str
    caused_by: str

    @property
    def _mapping(self) -> Mapping[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


def _entry(row: sa.Row[Any]) -> Entry:
    envelope = open_envelope(row.body)
    data = json.loads(bytes(envelope.data))
    return Entry(
        id=row.id,
        event_id=envelope.id,
        recorded_at=envelope.recordedtime,
        happened_at=envelope.time,
        by_id=row.actor_id,
        by_name=envelope.authname,
        by_kind=envelope.authtype,
        service=row.source,
        type=row.type.removeprefix(PREFIX),
        record_type=row.subject_type,
        record_id=row.subject_id,
        version=envelope.aggregateversion,
        changes=data.pop("changes", {}),
        data=data,
        correlation_id=envelope.correlationid,
        caused_by=envelope.causationid,
    )


class AuditLog(Listing):
    """A listing whose rows are read out of envelopes, and whose text search knows where to stop."""

    def query_schema(self) -> type[Body]:
        fields = super().query_schema()().fields | {"q": Text(100, metadata={"description": SEARCHING})}
        return Body.from_dict(fields)  # type: ignore[return-value]

    def page(self, tx: Transaction, asked: Mapping[str, Any], *within: sa.ColumnElement[bool]) -> Page:
        """The same two statements, whatever fields are shown: all are in the envelope."""
        found = super().page(tx, {name: value for name, value in asked.items() if name != "fields"}, *within)
        return dataclasses.replace(found, items=[_entry(row) for row in found.items])

    def conditions(
        self, tx: Transaction, asked: Mapping[str, Any], within: Sequence[sa.ColumnElement[bool]] = ()
    ) -> list[sa.ColumnElement[bool]]:
        words = asked.get("q")
        fitting = super().conditions(tx, {name: value for name, value in asked.items() if name != "q"}, within)
        if not words:
            return fitting
        newest = sa.select(report_log.c.id, report_log.c.body).where(*fitting)
        newest_first = newest.order_by(report_log.c.recorded_at.desc(), report_log.c.id.desc())
        some = newest_first.limit(LOOKED_THROUGH).subquery()
        return [report_log.c.id.in_(sa.select(some.c.id).where(contains(_BodyText(some.c.body))(words)))]


def _types(text: str) -> sa.ColumnElement[bool]:
    """``?type=identity.sign-in.failed,marketing.opportunity.won``; the record's type leads to the index."""
    kinds = [PREFIX + kind.strip() for kind in text.split(",")]
    records = {kind.split(".")[2] for kind in kinds if kind.count(".") >= 3}
    return sa.and_(report_log.c.subject_type.in_(sorted(records)), report_log.c.type.in_(kinds))


def _events(text: str) -> sa.ColumnElement[bool]:
    """``?event_id=…,…``: what an event's story names. Raises Invalid."""
    try:
        found = [str(uuid.UUID(one)) for one in text.split(",")]
    except ValueError as error:
        raise wrong_field("/event_id", "Not an id") from error
    return report_log.c.event_id.in_(found)


AUDIT = AuditLog(
    columns={name: report_log.c[name] for name in ("source", "type", "body", "actor_id", "subject_type", "subject_id")}
    | {"id": report_log.c.id},
    key=report_log.c.id,
    filters={
        "event_id": _events,
        "by_id": equal(report_log.c.actor_id),
        "service": equal(report_log.c.source),
        "type": _types,
        "record_type": equal(report_log.c.subject_type),
        "record_id": equal(report_log.c.subject_id),
        "from": since(report_log.c.recorded_at),
        "to": until(report_log.c.recorded_at),
        "happened_from": since(report_log.c.time),
        "happened_to": until(report_log.c.time),
    },
    sorts={"recorded_at": report_log.c.recorded_at},
    default_sort="-recorded_at",
)
