"""What happened to one aggregate, read from the service's own log: audit by construction."""

from __future__ import annotations

import json
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from chassis.events import open_envelope
from chassis.fields import View
from chassis.tables import event_log
from chassis.transaction import Transaction

LONGEST_HISTORY = 500


class Happening(View):
    """One event of a record's life."""

    event_id = ma.fields.String(required=True)
    type = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    at = ma.fields.AwareDateTime(required=True)
    recorded_at = ma.fields.AwareDateTime(required=True)
    by_id = ma.fields.Integer(required=True)
    by_name = ma.fields.String(required=True)
    erased = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "Of whom something was blanked in it"}
    )
    changes = ma.fields.Dict(required=True, metadata={"description": "Old and new value of each changed field"})
    data = ma.fields.Dict(required=True)


class History(View):
    """A record's life, oldest first."""

    items = ma.fields.List(ma.fields.Nested(Happening), required=True)


def history_of(tx: Transaction, noun: str, key: object) -> dict[str, Any]:
    """The events of one aggregate, oldest first, as ``{"items": […]}``; the newest 500 at most."""
    mine = (event_log.c.aggregate_type == noun, event_log.c.aggregate_id == str(key))
    latest = sa.select(event_log.c.envelope).where(*mine).order_by(event_log.c.aggregate_version.desc())
    rows = tx.rows(latest.limit(LONGEST_HISTORY))
    return {"items": [happening(row.envelope) for row in reversed(rows)]}


def happening(raw: bytes) -> dict[str, Any]:
    """One event as its view shows it."""
    envelope = open_envelope(raw)
    data = json.loads(bytes(envelope.data))
    return {
        "event_id": envelope.id,
        "type": envelope.type,
        "version": envelope.aggregateversion,
        "at": envelope.time,
        "recorded_at": envelope.recordedtime,
        "by_id": int(envelope.authid or 0),
        "by_name": envelope.authname,
        "erased": envelope.erased,
        "changes": data.pop("changes", {}),
        "data": data,
    }
