"""The audit log over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import View
from chassis.routes import Route
from reporting.audit import queries


class EntryView(View):
    """Who did what, when, and what it was before and after."""

    id = ma.fields.Integer(required=True)
    event_id = ma.fields.String(required=True)
    recorded_at = ma.fields.AwareDateTime(required=True)
    happened_at = ma.fields.AwareDateTime(
        required=True, metadata={"description": "Earlier than it was recorded when it was imported"}
    )
    by_id = ma.fields.Integer(required=True, metadata={"description": "0: the system, or nobody who is known"})
    by_name = ma.fields.String(required=True)
    by_kind = ma.fields.String(required=True)
    service = ma.fields.String(required=True)
    type = ma.fields.String(required=True)
    record_type = ma.fields.String(required=True)
    record_id = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    changes = ma.fields.Dict(required=True, metadata={"description": "Old and new value of each changed field"})
    data = ma.fields.Dict(required=True, metadata={"description": "What the event says besides"})
    correlation_id = ma.fields.String(required=True, metadata={"description": "What follows from one request has one"})
    caused_by = ma.fields.String(required=True, metadata={"description": "The event that this one follows from"})


routes = [
    Route(method="GET", path="/audit", lists=queries.AUDIT, gives=EntryView, needs="audit:read",
          summary="Who did what, when, and what it was before and after: all services, newest first"),
]  # fmt: skip
