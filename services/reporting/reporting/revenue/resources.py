"""Revenue over HTTP."""

from __future__ import annotations

from reporting.grouped import grouped_report
from reporting.revenue.queries import GROUPING

REPORT = grouped_report(
    "/reports/revenue",
    name="Revenue",
    needs="report:performance",
    grouping=GROUPING,
    summary="Orders and what they are worth, credit notes taken off",
)
