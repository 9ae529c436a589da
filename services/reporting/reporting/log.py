"""Our memory: every event that was heard, as it was heard, so that a later report can begin in the past."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis.bulk_insert import BulkInsert
from chassis.database import BigId, Moment
from chassis.dialect import Talk
from chassis.events import Envelope, open_envelope
from chassis.personal import ENVELOPE
from reporting.base import metadata

LISTENS = {
    "identity": {
        "user",
        "role",
        "right",
        "unit",
        "session",
        "sign-in",
        "dictionary",
        "numbering",
        "view",
        "erasure",
        "hand-over",
        "personal-data",
        "flow",
    },
    "marketing": {
        "opportunity",
        "plan",
        "flow",
        "lead",
        "campaign",
        "marketing-plan",
        "deal",
        "pipeline",
        "target",
        "forecast",
        "task",
        "remark",
        "hand-over",
        "personal-data",
    },
    "customer": {
        "customer",
        "contact",
        "activity",
        "order",
        "product",
        "stock",
        "loss",
        "link",
        "intake",
        "webhook",
        "hand-over",
        "personal-data",
    },
    "service-desk": {"request", "complaint", "visit", "promise", "calendar", "hand-over", "personal-data"},
}
"""All there is to hear, whether a report needs it today or not."""

report_log = sa.Table(
    "report_log",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("position", sa.BigInteger),
    sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False, unique=True),
    sa.Column("type", sa.String(120), nullable=False),
    sa.Column("time", Moment, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False, info=ENVELOPE),
    # what the audit log is searched by; nothing personal, so that blanking a body is enough to forget somebody
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("actor_id", sa.BigInteger, nullable=False),
    sa.Column("subject_type", sa.String(60), nullable=False),
    sa.Column("subject_id", sa.String(80), nullable=False),
)
"""Append only; ``id`` is the order of arrival, ``body`` the envelope, byte by byte, until a person in it is erased."""
sa.Index("report_log_by_moment", report_log.c.recorded_at, report_log.c.id)
sa.Index("report_log_by_actor", report_log.c.actor_id, report_log.c.recorded_at, report_log.c.id)
sa.Index("report_log_by_type", report_log.c.subject_type, report_log.c.recorded_at, report_log.c.id)
sa.Index("report_log_by_record", report_log.c.subject_id)


_INSERT = BulkInsert(
    report_log, [column.name for column in report_log.c][1:], lambda statement: statement.on_conflict_do_nothing()
)


def append(talk: Talk, envelopes: Sequence[Envelope]) -> None:
    """Keep what was heard; what is kept already stays as it is."""
    _INSERT.run(talk, [_row(envelope) for envelope in envelopes])


def _row(heard: Envelope) -> tuple[Any, ...]:
    place = (heard.service, heard.logepoch, heard.position, heard.id, heard.type, heard.time, heard.raw)
    return (*place, heard.recordedtime, int(heard.authid or 0), heard.aggregate, heard.aggregate_id)


def read(talk: Talk, after: int, to: int, limit: int) -> list[tuple[int, Envelope]]:
    """A page of the log in order of arrival, ids in (after, to]."""
    within = (report_log.c.id > after, report_log.c.id <= to)
    statement = sa.select(report_log.c.id, report_log.c.body).where(*within).order_by(report_log.c.id).limit(limit)
    return [(row.id, open_envelope(row.body)) for row in talk.execute(statement)]
