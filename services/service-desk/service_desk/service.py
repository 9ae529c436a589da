"""The service desk: what customers ask of us, and whether they are content with what we do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from chassis import bus_desk, dictionary, numbering, people
from chassis.erasure import said_by
from chassis.holding import routes_of as personal_data_routes
from chassis.jobs import Job
from chassis.manifest import Service
from service_desk import reactions
from service_desk.base import Base
from service_desk.calendar import model as calendar
from service_desk.calendar.resources import routes as calendar_routes
from service_desk.charges import HAND_OVER
from service_desk.complaint import model as complaint
from service_desk.complaint.commands import escalate_overdue_complaints
from service_desk.complaint.life_cycle import LIFE_CYCLE as COMPLAINT_LIFE
from service_desk.complaint.resources import routes as complaint_routes
from service_desk.promise import model as promise
from service_desk.promise.resources import routes as promise_routes
from service_desk.promise.seeds import seed_promises
from service_desk.request import model as request
from service_desk.request.commands import escalate_overdue_requests
from service_desk.request.life_cycle import LIFE_CYCLE as REQUEST_LIFE
from service_desk.request.resources import REQUEST_FILES
from service_desk.request.resources import routes as request_routes
from service_desk.titles import TITLES
from service_desk.visit import model as visit
from service_desk.visit.commands import plan_visit_after_deal, remind_of_visits
from service_desk.visit.life_cycle import LIFE_CYCLE as VISIT_LIFE
from service_desk.visit.resources import routes as visit_routes
from service_desk.work.resources import routes as work_routes

service: Service = Service(
    name="service-desk",
    title="Guanxi service desk",
    metadata=Base.metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    routes=[
        *request_routes,
        *complaint_routes,
        *visit_routes,
        *work_routes,
        *promise_routes,
        *calendar_routes,
        *bus_desk.routes_of("service-desk"),
        *personal_data_routes("service-desk", lambda: service),
    ],
    machines=[REQUEST_LIFE, COMPLAINT_LIFE, VISIT_LIFE],
    numbers=[complaint.NUMBERS],
    says=[
        request.RequestCreated,
        request.RequestAllocated,
        request.RequestHandled,
        request.RequestArchived,
        request.RequestReopened,
        request.RequestDeleted,
        request.RequestOverdue,
        request.RequestMoved,
        request.RequestHandedOver,
        complaint.ComplaintEntered,
        complaint.ComplaintEdited,
        complaint.ComplaintAssigned,
        complaint.ComplaintHandled,
        complaint.ComplaintVisited,
        complaint.ComplaintReturned,
        complaint.ComplaintClosed,
        complaint.ComplaintOverdue,
        complaint.ComplaintMoved,
        visit.VisitPlanned,
        visit.VisitEdited,
        visit.VisitDue,
        visit.VisitDone,
        visit.VisitMoved,
        visit.VisitDeleted,
        promise.PromiseMade,
        calendar.CalendarSet,
        *REQUEST_FILES.says,
        *HAND_OVER.says,
        *said_by("service-desk"),
    ],
    hears={
        **people.REACTIONS,
        **dictionary.REACTIONS,
        **numbering.REACTIONS,
        **HAND_OVER.reactions,
        reactions.CustomerOpened: reactions.know_customer,
        reactions.CustomerEdited: reactions.know_customer,
        reactions.CustomerDeleted: reactions.know_customer,
        reactions.CustomerLost: reactions.know_customer,
        reactions.CustomerRecovered: reactions.know_customer,
        reactions.CustomerReleased: reactions.know_customer,
        reactions.CustomerClaimed: reactions.know_customer,
        reactions.CustomerTransferred: reactions.follow_transfer,
        reactions.CustomerRestored: reactions.know_customer,
        reactions.CustomerMerged: reactions.know_customer,
        reactions.CustomerAbsorbed: reactions.follow_merge,
        reactions.CustomerPurged: reactions.forget_customer,
        reactions.DealWon: plan_visit_after_deal,
    },
    jobs=[
        Job("escalate requests", escalate_overdue_requests, every=timedelta(minutes=1)),
        Job("escalate complaints", escalate_overdue_complaints, every=timedelta(minutes=1)),
        Job("remind of visits", remind_of_visits, every=timedelta(minutes=1)),
    ],
    timers=HAND_OVER.timers,
    seeds=[seed_promises],
    titles=TITLES,
    personal=Path(__file__).parent / "personal.json",
)
