"""Activities over HTTP: those with one customer, and all in the data scope."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Required, Text, View, When
from chassis.history import History
from chassis.personal import PersonErased
from chassis.routes import Route
from customer.activity import commands, queries
from customer.activity.model import Activity
from customer.customer.model import CustomerGone


class OptionalFields(Body):
    """What may be written down besides."""

    description = Text(2000)
    memo = Text(300)


class ActivityFields(OptionalFields):
    """What is written down of a talk."""

    held_at = When(required=True)
    place = Required(200)
    title = Required(500)


class ActivityEdit(OptionalFields):
    """Any part of it, to correct it."""

    held_at = When()
    place = Text(200, shortest=1)
    title = Text(500, shortest=1)


class ActivityView(View):
    """A talk with a customer."""

    id = ma.fields.Integer(required=True)
    customer_no = ma.fields.String(required=True)
    held_at = ma.fields.AwareDateTime(required=True)
    place = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    description = ma.fields.String(required=True)
    memo = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)


class ActivityRow(ActivityView):
    """A talk with a customer, in a list."""

    customer_name = ma.fields.String(required=True)


ALL = "/customers/<customer_no>/activities"
ONE = ALL + "/<int:activity_id>"

routes = [
    Route(method="GET", path="/activities", lists=queries.ACTIVITIES, gives=ActivityRow, needs="activity:read"),
    Route(method="GET", path=ALL, lists=queries.ACTIVITIES, within={"customer_no": Activity.customer_no},
          gives=ActivityRow, needs="activity:read"),
    Route(method="GET", path=ONE, calls=queries.get_activity, gives=ActivityView, needs="activity:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.activity_history, gives=History, needs="activity:read"),
    Route(method="POST", path=ALL, calls=commands.record_activity, takes=ActivityFields, gives=ActivityView,
          needs="activity:write", status=201, refuses=(CustomerGone, PersonErased)),
    Route(method="PATCH", path=ONE, calls=commands.edit_activity, takes=ActivityEdit, gives=ActivityView,
          needs="activity:write", needs_version=True, refuses=(CustomerGone, PersonErased)),
    Route(method="DELETE", path=ONE, calls=commands.remove_activity, needs="activity:write", status=204,
          needs_version=True, refuses=(CustomerGone, PersonErased)),
]  # fmt: skip
