"""Warnings over HTTP, those of each kind for whoever reads its reports."""

from __future__ import annotations

from collections.abc import Mapping

import marshmallow as ma

from chassis.fields import QueryNumber, View
from reporting.as_of import ReportQuery, ReportView
from reporting.report import Figure, Report, drill_field
from reporting.warnings import queries


class WarningsQuery(ReportQuery):
    """Whose."""

    unit_id = QueryNumber(1, metadata={"description": "A unit; those below it count too"})


class WarningView(View):
    """How many records a warning is about."""

    warning = ma.fields.String(required=True)
    rule = ma.fields.String(required=True, metadata={"description": "What is true of each of its records, in Chinese"})
    rule_en = ma.fields.String(required=True, metadata={"description": "The same in English"})
    at = ma.fields.AwareDateTime(required=True)
    records = ma.fields.Integer(required=True)
    drill = drill_field()


class WarningsView(ReportView):
    """All of one kind, also those about nothing."""

    items = ma.fields.List(ma.fields.Nested(WarningView), required=True)
    total = ma.fields.Integer(required=True)
    drill = drill_field()


def _report(kind: str, needs: str, source: str, figures: Mapping[str, Figure]) -> Report:
    return Report(
        path=f"/reports/{kind}-warnings",
        calls=queries.Watching(figures, source),
        asks=WarningsQuery,
        gives=WarningsView,
        needs=needs,
        figures=figures,
        cells=queries.CELLS,
        always=("at",),
    )


SERVICE = _report("service", "report:service", "service-desk", queries.OF_SERVICE)
CUSTOMERS = _report("customer", "report:loss", "customer", queries.OF_CUSTOMERS)
SALES = _report("sales", "report:performance", "marketing", queries.OF_SALES)
