"""The sales forecast over HTTP."""

from __future__ import annotations

from reporting.forecast.queries import GROUPING
from reporting.grouped import grouped_report

REPORT = grouped_report(
    "/reports/sales-forecast",
    name="SalesForecast",
    needs="report:performance",
    grouping=GROUPING,
    summary="Open deals weighted by probability, beside what was won, stated and aimed at",
)
