"""Composition over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Text, View
from reporting.as_of import ReportQuery, ReportView
from reporting.composition import queries
from reporting.report import Report, drill_field


class CompositionQuery(ReportQuery):
    """By what customers are put together."""

    by = Text(20, choices=list(queries.ASPECTS), metadata={"description": "level, if nothing is said"})


class CompositionPart(View):
    """The customers that have something in common."""

    value = ma.fields.String(allow_none=True, required=True)
    customers = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, metadata={"description": "0 to 1"})
    drill = drill_field()


class CompositionView(ReportView):
    """All customers in parts."""

    by = ma.fields.String(required=True)
    items = ma.fields.List(ma.fields.Nested(CompositionPart), required=True)
    total = ma.fields.Integer(required=True)
    drill = drill_field()


REPORT = Report(
    path="/reports/composition",
    calls=queries.composition_report,
    asks=CompositionQuery,
    gives=CompositionView,
    needs="report:composition",
    figures=queries.FIGURES,
    cells=queries.CELLS,
)
