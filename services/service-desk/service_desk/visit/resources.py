"""Visits over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.actions import Actions
from chassis.fields import Body, Choice, Number, Required, Text, View, When, erased_field
from chassis.history import History
from chassis.people import NotAtWork
from chassis.personal import PersonErased
from chassis.routes import Route
from service_desk.copies import CustomerUnknown
from service_desk.visit import commands, queries
from service_desk.visit.life_cycle import LIFE_CYCLE, NotTheVisitor, VisitBegun, VisitClosed
from service_desk.visit.model import MOST_DAYS, Priority


class OptionalFields(Body):
    """What may be said of a visit."""

    contact_name = Text(50)
    priority = Choice(Priority)
    description = Text(2000)
    remind_at = When()
    repeat_days = Number(1, MOST_DAYS, allow_none=True)


class VisitFields(OptionalFields):
    """What is planned."""

    subject = Required(200)
    customer_no = Required(17)
    planned_for = When(required=True)


class VisitEdit(OptionalFields):
    """Any part of it, to plan it otherwise."""

    subject = Text(200, shortest=1)
    planned_for = When()


class VisitAssignment(Body):
    """Who makes the visit."""

    owner_id = Number(1, required=True)


class Deferral(Body):
    """To when."""

    planned_for = When(required=True)


class Waiting(Body):
    """For whom or what."""

    waiting_for = Required(200)


class VisitResult(Body):
    """What the customer says."""

    result = Required(500)
    satisfaction = Number(1, 5)


class VisitRow(View):
    """A visit in a list."""

    id = ma.fields.Integer(required=True)
    subject = ma.fields.String(required=True)
    customer_no = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    contact_name = ma.fields.String(required=True)
    deal_id = ma.fields.Integer(allow_none=True, required=True)
    request_id = ma.fields.Integer(allow_none=True, required=True)
    complaint_id = ma.fields.Integer(allow_none=True, required=True)
    planned_for = ma.fields.AwareDateTime(required=True)
    priority = ma.fields.Integer(required=True)
    status = ma.fields.Integer(required=True)
    owner_id = ma.fields.Integer(required=True)
    owner_name = ma.fields.String(required=True)
    satisfaction = ma.fields.Integer(allow_none=True, required=True)
    remind_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    reminded_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    done_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    erased = erased_field()
    version = ma.fields.Integer(required=True)


class VisitView(VisitRow):
    """A visit in full."""

    description = ma.fields.String(required=True)
    waiting_for = ma.fields.String(required=True)
    result = ma.fields.String(required=True)
    repeat_days = ma.fields.Integer(allow_none=True, required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    actions = Actions(LIFE_CYCLE)


ONE = "/visits/<int:visit_id>"
REFUSES = (VisitClosed, NotTheVisitor)

routes = [
    Route(method="GET", path="/visits", lists=queries.VISITS, gives=VisitRow, needs="visit:read"),
    Route(method="GET", path=ONE, calls=queries.get_visit, gives=VisitView, needs="visit:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.visit_history, gives=History, needs="visit:read"),
    Route(method="POST", path="/visits", calls=commands.plan_visit, takes=VisitFields, gives=VisitView,
          needs="visit:write", status=201, refuses=(CustomerUnknown, PersonErased)),
    Route(method="PATCH", path=ONE, calls=commands.edit_visit, takes=VisitEdit, gives=VisitView, needs="visit:write",
          needs_version=True, refuses=(*REFUSES, PersonErased)),
    Route(method="DELETE", path=ONE, calls=commands.delete_visit, needs="visit:write", status=204, needs_version=True,
          refuses=(*REFUSES, VisitBegun)),
    Route(method="POST", path=ONE + "/assignment", calls=commands.assign_visit, takes=VisitAssignment,
          gives=VisitView, needs="visit:assign", refuses=(VisitClosed, NotAtWork)),
    Route(method="POST", path=ONE + "/start", calls=commands.start_visit, gives=VisitView, needs="visit:write",
          refuses=REFUSES),
    Route(method="POST", path=ONE + "/deferral", calls=commands.defer_visit, takes=Deferral, gives=VisitView,
          needs="visit:write", refuses=REFUSES),
    Route(method="POST", path=ONE + "/waiting", calls=commands.wait_with_visit, takes=Waiting, gives=VisitView,
          needs="visit:write", refuses=REFUSES),
    Route(method="POST", path=ONE + "/completion", calls=commands.complete_visit, takes=VisitResult, gives=VisitView,
          needs="visit:write", refuses=REFUSES),
]  # fmt: skip
