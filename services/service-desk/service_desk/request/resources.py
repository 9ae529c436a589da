"""Requests over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.actions import Actions
from chassis.attachments import Attachments
from chassis.dictionary import ValueUnknown
from chassis.fields import Body, Number, Required, View
from chassis.history import History
from chassis.people import NotActive
from chassis.personal import PersonErased
from chassis.routes import Route
from service_desk.copies import CustomerUnknown
from service_desk.request import commands, queries
from service_desk.request.life_cycle import (
    LIFE_CYCLE,
    NotTheAssignee,
    NotTheCreator,
    NotTheHandler,
    RequestClosed,
    RequestNotAllocated,
    RequestNotHandled,
    RequestNotNew,
)
from service_desk.request.model import Request


class RequestFields(Body):
    """What a customer asks, and which customer."""

    kind = Required(50)
    title = Required(500)
    customer_no = Required(17)
    request_text = Required(3000)


class Allocation(Body):
    """To whom a request goes."""

    assignee_id = Number(1, required=True)


class Handling(Body):
    """What was done about it."""

    handling = Required(3000)


class Feedback(Body):
    """What the customer says to what was done."""

    result = Required(500)
    satisfaction = Number(1, 5, required=True)


class RequestRow(View):
    """A request in a list."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    customer_no = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    creator_id = ma.fields.Integer(required=True)
    creator_name = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    assignee_id = ma.fields.Integer(allow_none=True, required=True)
    assignee_name = ma.fields.String(allow_none=True, required=True)
    allocated_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    handler_id = ma.fields.Integer(allow_none=True, required=True)
    handler_name = ma.fields.String(allow_none=True, required=True)
    handled_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    satisfaction = ma.fields.Integer(allow_none=True, required=True)
    archived_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    answer_by = ma.fields.AwareDateTime(allow_none=True, required=True)
    due_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    answered_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    overdue_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    version = ma.fields.Integer(required=True)


class RequestView(RequestRow):
    """A request in full."""

    request_text = ma.fields.String(required=True)
    handling = ma.fields.String(required=True)
    result = ma.fields.String(required=True)
    actions = Actions(LIFE_CYCLE)


class RequestAssigneeView(View):
    """Somebody to whom a request may be allocated."""

    user_id = ma.fields.Integer(required=True)
    login = ma.fields.String(required=True)
    full_name = ma.fields.String(required=True)


ONE = "/requests/<int:request_id>"

REQUEST_FILES = Attachments(
    service="service-desk",
    kind=Request,
    path=ONE,
    finds=queries.get_request,
    reads="request:read",
    writes="request:attach",
)

routes = [
    Route(method="GET", path="/requests", lists=queries.REQUESTS, gives=RequestRow, needs="request:read"),
    Route(method="GET", path="/requests/assignees", lists=queries.ASSIGNEES, gives=RequestAssigneeView,
          needs="request:allocate"),
    Route(method="GET", path=ONE, calls=queries.get_request, gives=RequestView, needs="request:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.request_history, gives=History, needs="request:read"),
    Route(method="POST", path="/requests", calls=commands.create_request, takes=RequestFields, gives=RequestView,
          needs="request:create", status=201, refuses=(ValueUnknown, CustomerUnknown, PersonErased)),
    Route(method="DELETE", path=ONE, calls=commands.delete_request, needs="request:delete", status=204,
          needs_version=True, refuses=(RequestClosed, RequestNotNew, NotTheCreator)),
    Route(method="POST", path=ONE + "/allocation", calls=commands.allocate_request, takes=Allocation,
          gives=RequestView, needs="request:allocate", refuses=(RequestClosed, RequestNotNew, NotActive)),
    Route(method="POST", path=ONE + "/handling", calls=commands.handle_request, takes=Handling, gives=RequestView,
          needs="request:handle", refuses=(RequestClosed, RequestNotAllocated, NotTheAssignee)),
    Route(method="POST", path=ONE + "/feedback", calls=commands.record_feedback, takes=Feedback, gives=RequestView,
          needs="request:feedback", refuses=(RequestClosed, RequestNotHandled, NotTheHandler)),
    *REQUEST_FILES.routes,
]  # fmt: skip
