"""Lead statistics over HTTP."""

from __future__ import annotations

from reporting.grouped import grouped_report
from reporting.lead_statistics.queries import GROUPING

REPORT = grouped_report(
    "/reports/leads",
    name="LeadStatistics",
    needs="report:performance",
    grouping=GROUPING,
    summary="Leads by source, person, unit or month, and what became of them",
)
