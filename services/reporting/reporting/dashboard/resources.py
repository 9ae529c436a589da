"""The dashboard over HTTP: one call for everybody, and each sees what the own rights allow."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Money, View
from chassis.routes import Route
from reporting.as_of import ReportQuery
from reporting.completeness import CompletenessView
from reporting.dashboard import queries
from reporting.warnings.resources import WarningView


class DashboardWarning(WarningView):
    """How many records a warning is about."""

    drill = ma.fields.Dict(ma.fields.String(), ma.fields.String(), required=True)


class SectionView(View):
    """The totals of a report."""

    section = ma.fields.String(required=True)
    address = ma.fields.String(required=True, metadata={"description": "Where all of the report is"})
    figures = ma.fields.Dict(required=True, metadata={"description": "As the report shows them, with their links"})


class PointView(View):
    """What was ordered in a month, or will be if it goes on as it did."""

    month = ma.fields.String(required=True)
    amount = Money(attribute="amount_minor", negative=True, required=True)
    is_projected = ma.fields.Boolean(required=True)


class SeriesView(View):
    """A year of orders in one currency, and a quarter to come."""

    currency = ma.fields.String(required=True)
    points = ma.fields.List(ma.fields.Nested(PointView), required=True)


class DashboardView(View):
    """What concerns whoever asks."""

    role = ma.fields.String(required=True)
    month = ma.fields.String(required=True)
    as_of = ma.fields.AwareDateTime(allow_none=True, required=True)
    sections = ma.fields.List(ma.fields.Nested(SectionView), required=True)
    warnings = ma.fields.List(ma.fields.Nested(DashboardWarning), required=True)
    revenue = ma.fields.List(ma.fields.Nested(SeriesView), required=True)
    complete_up_to = ma.fields.Nested(CompletenessView, required=True)


routes = [
    Route(method="GET", path="/reports/dashboard", calls=queries.dashboard, asks=ReportQuery, gives=DashboardView,
          is_personal=True, exports=False),
]  # fmt: skip
