"""Duplicates over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Text, View
from chassis.routes import Route
from customer.customer.resources import ALL, ONE
from customer.duplicate import queries


class Asked(Body):
    """What is known of somebody who may be a customer already; at least one of these."""

    name = Text(100)
    phone = Text(50)
    licence_no = Text(50)


class MatchView(View):
    """A customer who may be meant."""

    customer_no = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    manager_name = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    because = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "What is alike: name, phone, licence_no"}
    )


class MatchesView(View):
    """Who may be meant, the one with most in common first; twenty at most."""

    items = ma.fields.List(ma.fields.Nested(MatchView), required=True)


routes = [
    Route(method="GET", path=ALL + "/duplicates", calls=queries.list_duplicates, asks=Asked, gives=MatchesView,
          needs="customer:read"),
    Route(method="GET", path=ONE + "/duplicates", calls=queries.duplicates_of, gives=MatchesView,
          needs="customer:read"),
]  # fmt: skip
