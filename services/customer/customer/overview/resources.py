"""The overview over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Money, QueryNumber, Text, View
from chassis.routes import Route
from customer.customer.resources import ONE, CustomerView
from customer.overview import queries, timeline


class Asked(Body):
    """How much of the past is wanted."""

    size = QueryNumber(1, timeline.MOST_MOMENTS, metadata={"description": "How many moments of the timeline"})


class TimelineAsked(Asked):
    """Which part of the past is wanted."""

    kinds = Text(200, metadata={"description": "Nouns after commas, and ``change`` for the record itself; else all"})
    after = Text(400, metadata={"description": "``next`` of the page before"})


class CountView(View):
    """How many records of a noun there are; open deals and opportunities with their sum, per currency."""

    noun = ma.fields.String(required=True)
    total = ma.fields.Integer(required=True)
    open = ma.fields.Integer(required=True)
    open_amount = Money(attribute="open_amount_minor", allow_none=True, required=True)
    currency = ma.fields.String(allow_none=True, required=True)
    last_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    href = ma.fields.String(required=True, metadata={"description": "Where they are listed"})


class BoughtView(View):
    """What was bought in one currency, credit notes taken off, and what is still to be paid."""

    currency = ma.fields.String(required=True)
    orders = ma.fields.Integer(required=True)
    amount = Money(attribute="amount_minor", required=True)
    open = Money(attribute="open_minor", required=True)


class LastOrderView(View):
    """The newest order that was not cancelled."""

    order_no = ma.fields.String(required=True)
    ordered_at = ma.fields.AwareDateTime(required=True)
    amount = Money(attribute="amount_minor", required=True)
    currency = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)


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


class OverviewView(View):
    """One customer from all sides; of what one may not read, nothing is told."""

    customer = ma.fields.Nested(CustomerView, required=True)
    counts = ma.fields.List(ma.fields.Nested(CountView), required=True)
    orders = ma.fields.List(ma.fields.Nested(BoughtView), required=True)
    last_order = ma.fields.Nested(LastOrderView, required=True, allow_none=True)
    timeline = ma.fields.List(ma.fields.Nested(MomentView), required=True)


routes = [
    Route(method="GET", path=ONE + "/overview", calls=queries.get_overview, asks=Asked, gives=OverviewView,
          needs="customer:read"),
    Route(method="GET", path=ONE + "/timeline", calls=timeline.get_timeline, asks=TimelineAsked, gives=TimelineView,
          needs="customer:read"),
]  # fmt: skip
