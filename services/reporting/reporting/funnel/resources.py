"""The sales funnel over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Money, QueryNumber, Text, View
from reporting.as_of import ReportQuery, ReportView
from reporting.funnel import queries
from reporting.report import Report, drill_field


class FunnelQuery(ReportQuery):
    """Which deals."""

    pipeline = Text(30)
    owner_id = QueryNumber()
    unit_id = QueryNumber(1, metadata={"description": "A unit; those below it count too"})
    campaign_id = QueryNumber(1)
    currency = Text(3)
    created_from = Text(40, metadata={"description": "A day or a moment (UTC)"})
    created_to = Text(40, metadata={"description": "A day, to its end, or a moment (UTC)"})


class StageAmountView(View):
    """What the deals of a stage are worth, in one currency."""

    currency = ma.fields.String(required=True)
    amount = Money(attribute="amount_minor", required=True)
    weighted = Money(
        attribute="weighted_minor", required=True, metadata={"description": "By probability; of open deals only"}
    )
    drill = drill_field()


class FunnelStageView(View):
    """One stage of one pipeline."""

    pipeline = ma.fields.String(required=True)
    stage = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    name_en = ma.fields.String(required=True)
    kind = ma.fields.String(required=True, metadata={"description": "open, won, lost; empty when it is gone"})
    deals = ma.fields.Integer(required=True, metadata={"description": "That are in it"})
    amounts = ma.fields.List(ma.fields.Nested(StageAmountView), required=True)
    entered = ma.fields.Integer(required=True, metadata={"description": "Deals that were in it at any time"})
    advanced = ma.fields.Integer(required=True, metadata={"description": "Of these, those that went on or were won"})
    conversion = ma.fields.Float(allow_none=True, required=True, metadata={"description": "0 to 1"})
    average_stay_seconds = ma.fields.Integer(
        allow_none=True, required=True, metadata={"description": "Of all stays that have ended"}
    )
    drill = drill_field()


class FunnelView(ReportView):
    """All stages in their order."""

    items = ma.fields.List(ma.fields.Nested(FunnelStageView), required=True)
    total = ma.fields.Integer(required=True)
    drill = drill_field()


REPORT = Report(
    path="/reports/sales-funnel",
    calls=queries.funnel_report,
    asks=FunnelQuery,
    gives=FunnelView,
    needs="report:performance",
    figures=queries.FIGURES,
    cells=queries.CELLS,
)
