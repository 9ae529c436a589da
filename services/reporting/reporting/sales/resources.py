"""Sales over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Money, QueryNumber, Text, View
from reporting.as_of import ReportQuery, ReportView
from reporting.report import Report, drill_field
from reporting.sales import queries


class SalesQuery(ReportQuery):
    """By what opportunities are put together, and which of them."""

    by = Text(20, choices=list(queries.GROUPS), metadata={"description": "status, if nothing is said"})
    status = QueryNumber(1, 4)
    salesperson_id = QueryNumber()
    unit_id = QueryNumber(1, metadata={"description": "A unit; those below it count too"})
    product = Text(200)
    currency = Text(20)


class WonAmountView(View):
    """What the won ones are worth, in one currency."""

    currency = ma.fields.String(required=True)
    amount = Money(attribute="amount_minor", required=True)
    drill = drill_field()


class SoldView(View):
    """The opportunities of one group."""

    status = ma.fields.Integer(allow_none=True, required=True)
    salesperson_id = ma.fields.Integer(allow_none=True, required=True)
    salesperson_name = ma.fields.String(allow_none=True, required=True)
    product = ma.fields.String(allow_none=True, required=True)
    opportunities = ma.fields.Integer(required=True)
    won = ma.fields.List(ma.fields.Nested(WonAmountView), required=True)
    drill = drill_field()


class SalesView(ReportView):
    """All groups."""

    by = ma.fields.String(required=True)
    items = ma.fields.List(ma.fields.Nested(SoldView), required=True)
    total = ma.fields.Integer(required=True)
    drill = drill_field()


REPORT = Report(
    path="/reports/sales",
    calls=queries.sales_report,
    asks=SalesQuery,
    gives=SalesView,
    needs="report:sales",
    figures=queries.FIGURES,
    cells=queries.CELLS,
)
