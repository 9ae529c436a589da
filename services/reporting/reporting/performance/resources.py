"""Sales performance over HTTP."""

from __future__ import annotations

from reporting.grouped import grouped_report
from reporting.performance.queries import GROUPING

REPORT = grouped_report(
    "/reports/performance",
    name="Performance",
    needs="report:performance",
    grouping=GROUPING,
    summary="Deals created, won and lost, and what the won ones are worth",
)
