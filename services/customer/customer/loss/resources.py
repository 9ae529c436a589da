"""Losses over HTTP."""

from __future__ import annotations

import marshmallow as ma

from chassis.actions import Actions
from chassis.fields import Body, Money, Required, View
from chassis.history import History
from chassis.machine import NotInThisState
from chassis.personal import PersonErased
from chassis.routes import Route
from customer.customer.model import CustomerGone, NotTheManager
from customer.loss import commands, queries
from customer.loss.life_cycle import LIFE_CYCLE, LossClosed


class MeasureFields(Body):
    """What is done to keep a customer."""

    text = Required(500)


class Confirmation(Body):
    """Why a customer is given up."""

    reason = Required(2000)


class Recovery(Body):
    """How a lost customer was won back."""

    how = Required(500)


class LossRow(View):
    """A loss in a list."""

    id = ma.fields.Integer(required=True)
    customer_no = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    manager_id = ma.fields.Integer(required=True)
    manager_name = ma.fields.String(required=True)
    last_order_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    months = ma.fields.Integer(required=True)
    alerted_at = ma.fields.AwareDateTime(required=True)
    status = ma.fields.Integer(required=True)
    reason = ma.fields.String(required=True)
    lost_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    recovered_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    recovered_by = ma.fields.String(
        allow_none=True, required=True, metadata={"description": "The order that brought the customer back"}
    )
    version = ma.fields.Integer(required=True)


class MeasureView(View):
    """Something done to keep a customer."""

    id = ma.fields.Integer(required=True)
    text = ma.fields.String(required=True)
    by_id = ma.fields.Integer(required=True)
    by_name = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)


class LossView(LossRow):
    """A loss with what was done about it."""

    measures = ma.fields.List(ma.fields.Nested(MeasureView), required=True)
    actions = Actions(LIFE_CYCLE, facts=queries.manager_facts)


class LastPurchase(View):
    """The newest order that the rule saw."""

    order_no = ma.fields.String(required=True)
    ordered_at = ma.fields.AwareDateTime(required=True)
    amount = Money(attribute="amount_minor", required=True)
    currency = ma.fields.String(required=True)


class LossExplanation(View):
    """Why there was a warning: no order since ``since``, of a customer who was there before."""

    loss_id = ma.fields.Integer(required=True)
    as_of = ma.fields.AwareDateTime(required=True)
    months = ma.fields.Integer(required=True, metadata={"description": "The rule: so many months without an order"})
    since = ma.fields.AwareDateTime(required=True)
    opened_at = ma.fields.AwareDateTime(required=True)
    orders = ma.fields.Integer(required=True)
    last_order = ma.fields.Nested(LastPurchase, allow_none=True, required=True)
    days_without_order = ma.fields.Integer(
        required=True, metadata={"description": "Since the customer was opened, if ever"}
    )
    usual_days = ma.fields.Integer(
        allow_none=True, required=True, metadata={"description": "Days between two orders, on average"}
    )
    orders_since = ma.fields.Integer(required=True, metadata={"description": "Later ones that are known now"})


ALL = "/losses"
ONE = ALL + "/<int:loss_id>"
REFUSED = (LossClosed, NotTheManager, CustomerGone, PersonErased)

routes = [
    Route(method="GET", path=ALL, lists=queries.LOSSES, gives=LossRow, needs="loss:read"),
    Route(method="GET", path=ONE, calls=queries.get_loss, gives=LossView, needs="loss:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.loss_history, gives=History, needs="loss:read"),
    Route(method="GET", path=ONE + "/explanation", calls=queries.explain_loss, gives=LossExplanation,
          needs="loss:read"),
    Route(method="POST", path=ONE + "/measures", calls=commands.delay_loss, takes=MeasureFields, gives=LossView,
          needs="loss:handle", refuses=REFUSED,
          most_statements=9),  # its customer, its measures, one more of them; what may be done next
    Route(method="POST", path=ONE + "/confirmation", calls=commands.confirm_loss, takes=Confirmation,
          gives=LossView, needs="loss:handle", refuses=REFUSED,
          most_statements=9),  # the customer is lost too; its measures; what may be done next
    Route(method="POST", path=ONE + "/recovery", calls=commands.win_back_customer, takes=Recovery, gives=LossView,
          needs="loss:handle", refuses=(NotInThisState, NotTheManager, CustomerGone),
          most_statements=9),  # the customer is won back too; its measures; what may be done next
]  # fmt: skip
