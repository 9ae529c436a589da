"""The service desk: what customers ask of us, and whether they are content with what we do."""

from __future__ import annotations

from pathlib import Path

from chassis import dictionary, numbering, people
from chassis.manifest import Service
from service_desk import reactions
from service_desk.base import Base
from service_desk.request import model as request
from service_desk.request.resources import routes as request_routes

service = Service(
    name="service-desk",
    title="Guanxi service desk",
    metadata=Base.metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    routes=request_routes,
    says=[
        request.RequestCreated,
        request.RequestAllocated,
        request.RequestHandled,
        request.RequestArchived,
        request.RequestReopened,
        request.RequestDeleted,
    ],
    hears={
        **people.REACTIONS,
        **dictionary.REACTIONS,
        **numbering.REACTIONS,
        reactions.CustomerOpened: reactions.know_customer,
        reactions.CustomerEdited: reactions.know_customer,
        reactions.CustomerDeleted: reactions.know_customer,
        reactions.CustomerLost: reactions.know_customer,
        reactions.CustomerRecovered: reactions.know_customer,
    },
)
