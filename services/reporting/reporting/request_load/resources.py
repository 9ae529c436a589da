"""Request load over HTTP: the analysis of our service."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import QueryNumber, View
from reporting.as_of import ReportQuery, ReportView
from reporting.report import Report, drill_field
from reporting.request_load import queries


class ServiceQuery(ReportQuery):
    """Which year."""

    year = QueryNumber(1900, 2200, metadata={"description": "The year of creation (UTC); without it, each year"})


class ServiceLoad(View):
    """The requests of one kind and year."""

    year = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True)
    requests = ma.fields.Integer(required=True)
    new = ma.fields.Integer(required=True)
    allocated = ma.fields.Integer(required=True)
    handled = ma.fields.Integer(required=True)
    archived = ma.fields.Integer(required=True)
    reopenings = ma.fields.Integer(required=True)
    average_satisfaction = ma.fields.Float(
        allow_none=True, required=True, metadata={"description": "Of the last feedback of each request, 1 to 5"}
    )
    average_wait_seconds = ma.fields.Integer(
        allow_none=True, required=True, metadata={"description": "From creation until last handled"}
    )
    drill = drill_field()


class ServiceView(ReportView):
    """All kinds of request."""

    year = ma.fields.Integer(allow_none=True, required=True)
    items = ma.fields.List(ma.fields.Nested(ServiceLoad), required=True)
    total = ma.fields.Integer(required=True)
    drill = drill_field()


REPORT = Report(
    path="/reports/service",
    calls=queries.service_report,
    asks=ServiceQuery,
    gives=ServiceView,
    needs="report:service",
    figures=queries.FIGURES,
    cells=queries.CELLS,
)
