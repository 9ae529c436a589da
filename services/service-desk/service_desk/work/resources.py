"""The work list over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import View
from chassis.routes import Route
from service_desk.work import queries


class WorkRow(View):
    """Something that is not settled yet."""

    noun = ma.fields.String(required=True, metadata={"description": "request, complaint or visit"})
    id = ma.fields.Integer(required=True)
    title = ma.fields.String(required=True)
    customer_no = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    owner_id = ma.fields.Integer(allow_none=True, required=True)
    due_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    overdue_at = ma.fields.AwareDateTime(allow_none=True, required=True)


routes = [
    Route(method="GET", path="/work", lists=queries.WORK, gives=WorkRow, needs="request:read"),
]
