"""Reporting: what management reads, folded from what all others say."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from chassis import bus_desk
from chassis.erasure import said_by
from chassis.holding import routes_of as personal_data_routes
from chassis.jobs import Job
from chassis.manifest import Service
from reporting.audit.resources import routes as audit_routes
from reporting.base import NAME, metadata
from reporting.campaign_effect.resources import REPORT as CAMPAIGN_EFFECT
from reporting.catalogue import SHELF
from reporting.composition.resources import REPORT as COMPOSITION
from reporting.contribution.resources import REPORT as CONTRIBUTION
from reporting.dashboard.resources import routes as dashboard_routes
from reporting.forecast.resources import REPORT as FORECAST
from reporting.funnel.resources import REPORT as FUNNEL
from reporting.growth.resources import REPORT as GROWTH
from reporting.lead_statistics.resources import REPORT as LEADS
from reporting.loss.resources import REPORT as LOSS
from reporting.management_report.commands import produce_report
from reporting.management_report.model import LIFE_CYCLE, ManagementReportProduced, ManagementReportSubmitted
from reporting.management_report.resources import routes as management_routes
from reporting.opportunity_statistics.resources import REPORT as OPPORTUNITIES
from reporting.performance.resources import REPORT as PERFORMANCE
from reporting.projector import Projector
from reporting.request_load.resources import REPORT as SERVICE
from reporting.revenue.resources import REPORT as REVENUE
from reporting.sales.resources import REPORT as SALES
from reporting.service_performance.resources import REPORT as SERVICE_PERFORMANCE
from reporting.shadow import throw_away
from reporting.titles import TITLES
from reporting.warnings import resources as warnings

CUSTOMERS = [CONTRIBUTION, COMPOSITION, SERVICE, LOSS, GROWTH]
SELLING = [FUNNEL, PERFORMANCE, REVENUE, FORECAST, LEADS, OPPORTUNITIES, CAMPAIGN_EFFECT]
WARNINGS = [warnings.SERVICE, warnings.CUSTOMERS, warnings.SALES]
REPORTS = [*CUSTOMERS, *SELLING, *WARNINGS, SERVICE_PERFORMANCE, SALES]
"""Every report there is."""

service: Service = Service(
    name=NAME,
    title="Guanxi reporting",
    metadata=metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    routes=[
        *(route for report in REPORTS for route in report.routes()),
        *dashboard_routes,
        *management_routes,
        *audit_routes,
        *bus_desk.routes_of(NAME),
        *personal_data_routes(NAME, lambda: service),
    ],
    says=[ManagementReportProduced, ManagementReportSubmitted, said_by(NAME).erased],
    machines=[LIFE_CYCLE],
    jobs=[Job("produce management report", produce_report, every=timedelta(hours=1))],
    reactions=lambda: Projector(SHELF),
    titles=TITLES,
    personal=Path(__file__).parent / "personal.json",
    throws_away=throw_away,
)
