"""Management reports over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.actions import Actions
from chassis.fields import View
from chassis.routes import Route
from reporting.management_report import commands, queries
from reporting.management_report.model import LIFE_CYCLE, ReportSubmitted


class ManagementReportRow(View):
    """A management report in a list."""

    month = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    as_of = ma.fields.AwareDateTime(required=True, metadata={"description": "What had been recorded by then is in it"})
    produced_at = ma.fields.AwareDateTime(required=True)
    submitted_by_id = ma.fields.Integer(allow_none=True, required=True)
    submitted_by_name = ma.fields.String(required=True)
    submitted_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    version = ma.fields.Integer(required=True)


class FigureLineView(View):
    """One figure."""

    section = ma.fields.String(required=True)
    figure = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    value = ma.fields.String(required=True)


class ManagementReportView(ManagementReportRow):
    """A management report with its figures."""

    items = ma.fields.List(ma.fields.Nested(FigureLineView), required=True)
    actions = Actions(LIFE_CYCLE)


ONE = "/management-reports/<string:month>"
routes = [
    Route(method="GET", path="/management-reports", lists=queries.REPORTS, gives=ManagementReportRow,
          needs="management-report:read"),
    Route(method="GET", path=ONE, calls=queries.get_report, gives=ManagementReportView,
          needs="management-report:read", exports=True),
    Route(method="POST", path=ONE + "/submission", calls=commands.submit_report, gives=ManagementReportView,
          needs="management-report:submit", needs_version=True, refuses=(ReportSubmitted,)),
]  # fmt: skip
