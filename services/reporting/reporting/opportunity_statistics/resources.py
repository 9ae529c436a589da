"""Opportunity statistics over HTTP."""

from __future__ import annotations

from reporting.grouped import grouped_report
from reporting.opportunity_statistics.queries import GROUPING

REPORT = grouped_report(
    "/reports/opportunities",
    name="OpportunityStatistics",
    needs="report:performance",
    grouping=GROUPING,
    summary="Opportunities created, assigned, won and failed",
)
