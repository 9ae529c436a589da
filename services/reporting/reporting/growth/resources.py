"""Customer growth over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import QueryNumber, Required, Text, View
from reporting.as_of import ReportQuery, ReportView
from reporting.growth import queries
from reporting.report import Report, drill_field

GrowthQuery = ReportQuery.from_dict(
    {
        "from": Required(7, metadata={"description": "The first month, like 2026-01"}),
        "to": Required(7, metadata={"description": f"The last month; at most {queries.MOST_MONTHS} months"}),
        "person": Text(200, metadata={"description": "The account manager's id"}),
        "unit_id": QueryNumber(1, metadata={"description": "A unit; those below it count too"}),
        "region": Text(200),
    },
    name="GrowthQuery",
)


class GrowthRow(View):
    """The customers of one period."""

    period = ma.fields.String(required=True, metadata={"description": "2026-01..2026-03"})
    new = ma.fields.Integer(required=True, metadata={"description": "Opened in it"})
    active = ma.fields.Integer(required=True, metadata={"description": "Ordered in it"})
    active_before = ma.fields.Integer(
        required=True, metadata={"description": "Ordered in the period before, which is as long"}
    )
    kept = ma.fields.Integer(required=True, metadata={"description": "Ordered in both"})
    retention = ma.fields.Float(allow_none=True, required=True, metadata={"description": "Kept, of active before"})
    repeat = ma.fields.Integer(
        required=True, metadata={"description": "Of the active, who had ordered at any time before"}
    )
    repeat_rate = ma.fields.Float(allow_none=True, required=True)
    lost = ma.fields.Integer(required=True, metadata={"description": "Losses that were confirmed in it"})
    won_back = ma.fields.Integer(required=True, metadata={"description": "Lost customers who bought again"})
    drill = drill_field()


class GrowthView(ReportView):
    """Month by month, and all months as one period."""

    items = ma.fields.List(ma.fields.Nested(GrowthRow), required=True)
    totals = ma.fields.Nested(GrowthRow, required=True)
    drill = drill_field()


REPORT = Report(
    path="/reports/customer-growth",
    calls=queries.growth_report,
    asks=GrowthQuery,  # type: ignore[arg-type]
    gives=GrowthView,
    needs="report:growth",
    figures=queries.FIGURES,
    cells=queries.CELLS,
    always=("period",),
)
