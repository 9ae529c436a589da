"""The overview over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Money, View
from chassis.routes import Route
from customer.customer.resources import ONE, CustomerView
from customer.overview import queries
from customer.timeline.resources import Asked, MomentView


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
]  # fmt: skip
