"""Composition over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Text, View
from chassis.routes import Route
from reporting.completeness import CompletenessView
from reporting.composition import queries


class CompositionQuery(Body):
    """By what customers are put together."""

    by = Text(20, choices=list(queries.ASPECTS), metadata={"description": "level, if nothing is said"})


class CompositionPart(View):
    """The customers that have something in common."""

    value = ma.fields.String(allow_none=True, required=True)
    customers = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, metadata={"description": "0 to 1"})


class CompositionView(View):
    """All customers in parts."""

    by = ma.fields.String(required=True)
    items = ma.fields.List(ma.fields.Nested(CompositionPart), required=True)
    total = ma.fields.Integer(required=True)
    complete_up_to = ma.fields.Nested(CompletenessView, required=True)


routes = [
    Route(method="GET", path="/reports/composition", calls=queries.composition_report, asks=CompositionQuery,
          gives=CompositionView, needs="report:composition", exports=True),
]  # fmt: skip
