"""Contribution over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Money, QueryNumber, Text, View
from chassis.pages import LARGEST_SIZE
from reporting.as_of import ReportQuery, ReportView
from reporting.contribution import queries
from reporting.report import Report, drill_field

SORTS = [sign + name for name in queries.CONTRIBUTIONS.sorts for sign in ("", "-")]


class ContributionQuery(ReportQuery):
    """Which year, whose customers, and which page."""

    year = QueryNumber(1900, 2200, metadata={"description": "The year of the order (UTC); without it, all years"})
    name = Text(100, metadata={"description": "A part of the customer's name"})
    customer_no = Text(200)
    currency = Text(20)
    manager_id = Text(200)
    unit_id = Text(20, metadata={"description": "A unit; those below it count too"})
    sort = Text(20, choices=SORTS)
    page = QueryNumber(1, 1_000_000)
    size = QueryNumber(1, LARGEST_SIZE)
    cursor = Text(400)
    total = ma.fields.Boolean(metadata={"description": "false: do not count, for speed"})


class ContributionRow(View):
    """What one customer bought, in one currency."""

    customer_no = ma.fields.String(required=True)
    customer_name = ma.fields.String(allow_none=True, required=True)
    manager_id = ma.fields.Integer(allow_none=True, required=True)
    currency = ma.fields.String(required=True)
    amount = Money(attribute="amount_minor", required=True)
    orders = ma.fields.Integer(required=True, metadata={"description": "Orders and credit notes, without cancelled"})
    credit_notes = ma.fields.Integer(required=True)
    drill = drill_field()


class ContributionTotal(View):
    """All customers of the list together, in one currency."""

    currency = ma.fields.String(required=True)
    amount = Money(attribute="amount_minor", required=True)
    orders = ma.fields.Integer(required=True)
    credit_notes = ma.fields.Integer(required=True)
    drill = drill_field()


class ContributionView(ReportView):
    """A page of customers, highest first, and the totals of all pages."""

    year = ma.fields.Integer(allow_none=True, required=True)
    items = ma.fields.List(ma.fields.Nested(ContributionRow), required=True)
    page = ma.fields.Integer(required=True)
    size = ma.fields.Integer(required=True)
    total = ma.fields.Integer(
        allow_none=True, required=True, metadata={"description": "Lines of all pages; null when not asked for"}
    )
    next_cursor = ma.fields.String(allow_none=True, required=True)
    totals = ma.fields.List(ma.fields.Nested(ContributionTotal), required=True)
    drill = drill_field()


REPORT = Report(
    path="/reports/contribution",
    calls=queries.contribution_report,
    asks=ContributionQuery,
    gives=ContributionView,
    needs="report:contribution",
    figures=queries.FIGURES,
    cells=queries.CELLS,
)
