"""Loss over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import QueryNumber, Text, View
from chassis.pages import LARGEST_SIZE
from reporting.as_of import ReportQuery, ReportView
from reporting.loss import queries
from reporting.report import Report, drill_field

SORTS = [sign + name for name in queries.LOSSES.sorts for sign in ("", "-")]


class LossQuery(ReportQuery):
    """Which year, whose customers, and which page."""

    year = QueryNumber(1900, 2200, metadata={"description": "The year of the loss (UTC); without it, all years"})
    manager_id = Text(200)
    manager_name = Text(100, metadata={"description": "A part of the account manager's name"})
    unit_id = Text(20, metadata={"description": "A unit; those below it count too"})
    customer_no = Text(200)
    customer_name = Text(100, metadata={"description": "A part of the customer's name"})
    sort = Text(20, choices=SORTS)
    page = QueryNumber(1, 1_000_000)
    size = QueryNumber(1, LARGEST_SIZE)
    cursor = Text(400)


class LostCustomer(View):
    """One confirmed loss; ``recovered_at`` says that the customer came back since."""

    loss_id = ma.fields.Integer(required=True)
    customer_no = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    manager_id = ma.fields.Integer(allow_none=True, required=True)
    manager_name = ma.fields.String(required=True)
    last_order_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    alerted_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    measures = ma.fields.Integer(required=True, metadata={"description": "What was tried against it"})
    reason = ma.fields.String(required=True)
    lost_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    recovered_at = ma.fields.AwareDateTime(allow_none=True, required=True)


class LossCountsView(View):
    """How many warnings got that far, each in the year in which it did."""

    alerted = ma.fields.Integer(required=True)
    delayed = ma.fields.Integer(required=True)
    confirmed = ma.fields.Integer(required=True)
    recovered = ma.fields.Integer(required=True)
    drill = drill_field()


class LossReportView(ReportView):
    """A page of confirmed losses, newest first, and what became of all warnings."""

    year = ma.fields.Integer(allow_none=True, required=True)
    items = ma.fields.List(ma.fields.Nested(LostCustomer), required=True)
    page = ma.fields.Integer(required=True)
    size = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True)
    next_cursor = ma.fields.String(allow_none=True, required=True)
    counts = ma.fields.Nested(LossCountsView, required=True)
    drill = drill_field()


REPORT = Report(
    path="/reports/loss",
    calls=queries.loss_report,
    asks=LossQuery,
    gives=LossReportView,
    needs="report:loss",
    figures=queries.FIGURES,
    cells=queries.CELLS,
)
