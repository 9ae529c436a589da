"""The timeline over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Money, QueryNumber, Text, View
from chassis.routes import Route
from customer.customer.resources import ONE
from customer.timeline import queries


class Asked(Body):
    """How much of the past is wanted."""

    size = QueryNumber(1, queries.MOST_MOMENTS, metadata={"description": "How many moments of the timeline"})


class TimelineAsked(Asked):
    """Which part of the past is wanted."""

    kinds = Text(200, metadata={"description": "Nouns after commas, and ``change`` for the record itself; else all"})
    after = Text(400, metadata={"description": "``next`` of the page before"})


class MomentView(View):
    """Something that happened with the customer."""

    at = ma.fields.AwareDateTime(required=True)
    noun = ma.fields.String(required=True)
    record = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    amount = Money(attribute="amount_minor", allow_none=True, required=True)
    currency = ma.fields.String(allow_none=True, required=True)


class TimelineMomentView(MomentView):
    """Something that happened with the customer, or to its record: then with who did it, and what changed."""

    by_name = ma.fields.String(required=True)
    changes = ma.fields.Dict(required=True, metadata={"description": "Old and new value of each changed field"})


class TimelineView(View):
    """A part of the timeline, newest first."""

    items = ma.fields.List(ma.fields.Nested(TimelineMomentView), required=True)
    next = ma.fields.String(allow_none=True, required=True, metadata={"description": "Leads on, while there is more"})


routes = [
    Route(method="GET", path=ONE + "/timeline", calls=queries.get_timeline, asks=TimelineAsked, gives=TimelineView,
          needs="customer:read"),
]  # fmt: skip
