"""Complaints over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.actions import Actions
from chassis.fields import Body, Number, Required, Text, View
from chassis.history import History
from chassis.machine import NotInThisState
from chassis.numbering import NumbersExhausted
from chassis.people import NotAtWork
from chassis.personal import PersonErased
from chassis.routes import Route
from service_desk.complaint import commands, queries
from service_desk.complaint.life_cycle import LIFE_CYCLE, HandlerMayNotAsk, NotTheComplaintsAssignee
from service_desk.complaint.model import Severity
from service_desk.copies import CustomerUnknown


class ComplaintFields(Body):
    """What a customer complains about."""

    title = Required(200)
    severity = Required(12, choices=tuple(Severity))
    customer_no = Required(17)
    description = Required(3000)


class ComplaintEdit(Body):
    """Any part of it, to correct it."""

    title = Text(200, shortest=1)
    severity = Text(12, choices=tuple(Severity))
    description = Text(3000, shortest=1)


class ComplaintAssignment(Body):
    """Who is to settle it."""

    assignee_id = Number(1, required=True)


class ComplaintHandling(Body):
    """What was done about it."""

    handling = Required(3000)


class ComplaintVisit(Body):
    """What the customer says to what was done."""

    result = Required(500)
    satisfaction = Number(1, 5, required=True)


class ComplaintRow(View):
    """A complaint in a list."""

    id = ma.fields.Integer(required=True)
    complaint_no = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    severity = ma.fields.String(required=True)
    customer_no = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    creator_id = ma.fields.Integer(required=True)
    creator_name = ma.fields.String(required=True)
    entered_at = ma.fields.AwareDateTime(required=True)
    assignee_id = ma.fields.Integer(allow_none=True, required=True)
    assignee_name = ma.fields.String(required=True)
    handler_id = ma.fields.Integer(allow_none=True, required=True)
    handler_name = ma.fields.String(required=True)
    answer_by = ma.fields.AwareDateTime(required=True)
    due_at = ma.fields.AwareDateTime(required=True)
    answered_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    overdue_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    satisfaction = ma.fields.Integer(allow_none=True, required=True)
    closed_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    version = ma.fields.Integer(required=True)


class ComplaintView(ComplaintRow):
    """A complaint in full."""

    description = ma.fields.String(required=True)
    handling = ma.fields.String(required=True)
    handled_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    result = ma.fields.String(required=True)
    actions = Actions(LIFE_CYCLE)


ONE = "/complaints/<int:complaint_id>"

routes = [
    Route(method="GET", path="/complaints", lists=queries.COMPLAINTS, gives=ComplaintRow, needs="complaint:read"),
    Route(method="GET", path=ONE, calls=queries.get_complaint, gives=ComplaintView, needs="complaint:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.complaint_history, gives=History,
          needs="complaint:read"),
    Route(method="POST", path="/complaints", calls=commands.enter_complaint, takes=ComplaintFields,
          gives=ComplaintView, needs="complaint:create", status=201,
          refuses=(CustomerUnknown, NumbersExhausted, PersonErased)),
    Route(method="PATCH", path=ONE, calls=commands.edit_complaint, takes=ComplaintEdit, gives=ComplaintView,
          needs="complaint:create", needs_version=True, refuses=(NotInThisState,)),
    Route(method="POST", path=ONE + "/assignment", calls=commands.assign_complaint, takes=ComplaintAssignment,
          gives=ComplaintView, needs="complaint:assign", refuses=(NotInThisState, NotAtWork)),
    Route(method="POST", path=ONE + "/handling", calls=commands.handle_complaint, takes=ComplaintHandling,
          gives=ComplaintView, needs="complaint:handle", refuses=(NotInThisState, NotTheComplaintsAssignee)),
    Route(method="POST", path=ONE + "/visit", calls=commands.visit_complainant, takes=ComplaintVisit,
          gives=ComplaintView, needs="complaint:visit", refuses=(NotInThisState, HandlerMayNotAsk)),
    Route(method="POST", path=ONE + "/closing", calls=commands.close_complaint, gives=ComplaintView,
          needs="complaint:close", refuses=(NotInThisState,)),
]  # fmt: skip
