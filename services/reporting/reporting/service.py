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
from reporting.catalogue import SHELF
from reporting.dashboard.resources import routes as dashboard_routes
from reporting.directory.resources import routes as directory_routes
from reporting.management_report.commands import produce_report
from reporting.management_report.model import LIFE_CYCLE, ManagementReportProduced, ManagementReportSubmitted
from reporting.management_report.resources import routes as management_routes
from reporting.projector import Projector
from reporting.reports import REPORTS
from reporting.shadow import throw_away
from reporting.titles import TITLES

service: Service = Service(
    name=NAME,
    title="Guanxi reporting",
    metadata=metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    routes=[
        *(route for report in REPORTS for route in report.routes()),
        *directory_routes,
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
