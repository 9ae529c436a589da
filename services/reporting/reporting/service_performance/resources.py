"""Service performance over HTTP."""

from __future__ import annotations

from reporting.grouped import grouped_report
from reporting.service_performance.queries import GROUPING

REPORT = grouped_report(
    "/reports/service-performance",
    name="ServicePerformance",
    needs="report:service",
    grouping=GROUPING,
    summary="Requests, complaints and visits by person, unit or month",
)
