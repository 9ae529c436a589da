"""Reporting: what management reads, folded from what all others say."""

from __future__ import annotations

from pathlib import Path

from chassis import bus_desk
from chassis.erasure import said_by
from chassis.holding import routes_of as personal_data_routes
from chassis.manifest import Service
from reporting.audit.resources import routes as audit_routes
from reporting.base import NAME, metadata
from reporting.catalogue import SHELF
from reporting.composition.resources import routes as composition_routes
from reporting.contribution.resources import routes as contribution_routes
from reporting.loss.resources import routes as loss_routes
from reporting.projector import Projector
from reporting.request_load.resources import routes as service_routes
from reporting.sales.resources import routes as sales_routes
from reporting.shadow import throw_away
from reporting.titles import TITLES

service: Service = Service(
    name=NAME,
    title="Guanxi reporting",
    metadata=metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    routes=[
        *contribution_routes,
        *composition_routes,
        *service_routes,
        *loss_routes,
        *sales_routes,
        *audit_routes,
        *bus_desk.routes_of(NAME),
        *personal_data_routes(NAME, lambda: service),
    ],
    says=[said_by(NAME).erased],
    reactions=lambda: Projector(SHELF),
    titles=TITLES,
    personal=Path(__file__).parent / "personal.json",
    throws_away=throw_away,
)
