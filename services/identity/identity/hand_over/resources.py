"""Hand-overs over HTTP: begin, look, confirm."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.actions import Actions
from chassis.fields import Body, Number, Required, View
from chassis.flows import FlowClosed, FlowStillRunning, FlowUndone
from chassis.history import History
from chassis.machine import NotInThisState
from chassis.people import NotAtWork
from chassis.routes import Route
from identity.hand_over import commands, queries
from identity.hand_over.life_cycle import LIFE_CYCLE
from identity.hand_over.model import ALL_KINDS, AlreadyHandingOver
from identity.user.life_cycle import AccountDeleted, NotYourself


class ReceiverFields(Body):
    """Who takes all records of one kind."""

    kind = Required(20, choices=ALL_KINDS)
    user_id = Number(1, required=True)


class HandOverFields(Body):
    """Who leaves, and who takes what; a kind for which nobody is named goes to ``to_user_id``, or stays."""

    user_id = Number(1, required=True)
    to_user_id = Number(1)
    receivers = ma.fields.List(ma.fields.Nested(ReceiverFields), validate=validate.Length(max=len(ALL_KINDS)))
    reason = Required(500)


class HandOverRow(View):
    """A hand-over in a list."""

    id = ma.fields.Integer(required=True)
    user_id = ma.fields.Integer(required=True)
    user_name = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    requested_by = ma.fields.Integer(required=True)
    requested_by_name = ma.fields.String(required=True)
    requested_at = ma.fields.AwareDateTime(required=True)
    confirmed_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    completed_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    version = ma.fields.Integer(required=True)


class HandOverItemView(View):
    """How many records of one kind there were, and how many went over."""

    kind = ma.fields.String(required=True)
    counted = ma.fields.Integer(required=True)
    moved = ma.fields.Integer(required=True)


class HandOverPartView(View):
    """How far one service is."""

    service = ma.fields.String(required=True)
    counted_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    moved_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    items = ma.fields.List(ma.fields.Nested(HandOverItemView), required=True)


class HandOverView(HandOverRow):
    """A hand-over, and how far each service is; when it was refused, who cannot take what."""

    receivers = ma.fields.Dict(required=True, metadata={"description": "Id of the user who takes it, by kind"})
    parts = ma.fields.List(ma.fields.Nested(HandOverPartView), required=True)
    refused_kind = ma.fields.String(required=True)
    refused_id = ma.fields.Integer(allow_none=True, required=True)
    needed_role = ma.fields.String(required=True)
    actions = Actions(LIFE_CYCLE, facts=queries.standing)


ONE = "/hand-overs/<int:hand_over_id>"
READ, WRITE = "user:read", "user:write"

routes = [
    Route(method="GET", path="/hand-overs", lists=queries.HAND_OVERS, gives=HandOverRow, needs=READ),
    Route(method="GET", path=ONE, calls=queries.get_hand_over, gives=HandOverView, needs=READ),
    Route(method="GET", path=ONE + "/history", calls=queries.hand_over_history, gives=History, needs=READ),
    Route(method="POST", path="/hand-overs", calls=commands.begin_hand_over, takes=HandOverFields, gives=HandOverView,
          needs=WRITE, status=202, refuses=(NotYourself, AccountDeleted, AlreadyHandingOver),
          most_statements=9),  # who gives and who takes; a part for each service; the flow and its deadline
    Route(method="POST", path=ONE + "/confirmation", calls=commands.confirm_hand_over, gives=HandOverView,
          needs=WRITE, refuses=(NotInThisState, NotAtWork), most_statements=8),  # its parts; who takes
    Route(method="POST", path=ONE + "/cancellation", calls=commands.cancel_hand_over, gives=HandOverView,
          needs=WRITE, refuses=(NotInThisState, FlowClosed),
          most_statements=11),  # its parts; the flow, its deadline, and a note
    Route(method="POST", path=ONE + "/retry", calls=commands.retry_hand_over, gives=HandOverView, needs=WRITE,
          refuses=(NotInThisState, FlowClosed, FlowStillRunning, FlowUndone),
          most_statements=12),  # its parts; the flow, its deadlines old and new, and a note
]  # fmt: skip
