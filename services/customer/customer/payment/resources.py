"""Payments and receivables over HTTP."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.fields import Body, Money, Required, Text, View
from chassis.routes import Route
from customer.order.life_cycle import OrderCancelledAlready, OrderClosed
from customer.order.model import Receipt
from customer.order.resources import OrderView
from customer.payment import commands, queries

ABOVE_ZERO = validate.Range(min=1, error="A payment is above zero.")


class PaymentFields(Body):
    """What was paid; ``outside_id`` (the bank's) makes sending it again harmless."""

    amount = Money(attribute="amount_minor", required=True, validate=ABOVE_ZERO)
    received_on = ma.fields.Date(required=True)
    method = Text(30)
    outside_id = Text(60, shortest=1)


class Reversal(Body):
    """Why a payment did not stand."""

    reason = Required(200)


class PaymentRow(View):
    """A payment."""

    id = ma.fields.Integer(required=True)
    order_no = ma.fields.String(required=True)
    customer_no = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    amount = Money(attribute="amount_minor", required=True)
    currency = ma.fields.String(required=True)
    received_on = ma.fields.Date(required=True)
    method = ma.fields.String(required=True)
    outside_id = ma.fields.String(allow_none=True, required=True)
    note = ma.fields.String(required=True)
    by_name = ma.fields.String(required=True)
    reversed_at = ma.fields.AwareDateTime(allow_none=True, required=True)


class ReceivableRow(View):
    """An order that is not paid, or not wholly."""

    order_no = ma.fields.String(required=True)
    customer_no = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    ordered_at = ma.fields.AwareDateTime(required=True)
    status = ma.fields.Integer(required=True)
    amount = Money(attribute="amount_minor", required=True)
    received = Money(attribute="received_minor", required=True)
    open = Money(attribute="open_minor", required=True)
    currency = ma.fields.String(required=True)


ALL = "/orders/<order_no>/payments"
REFUSES = (OrderCancelledAlready, OrderClosed)

routes = [
    Route(method="GET", path="/payments", lists=queries.PAYMENTS, gives=PaymentRow, needs="payment:read"),
    Route(method="GET", path="/receivables", lists=queries.RECEIVABLES, gives=ReceivableRow, needs="payment:read"),
    Route(method="GET", path=ALL, lists=queries.PAYMENTS, within={"order_no": Receipt.order_no}, gives=PaymentRow,
          needs="payment:read"),
    Route(method="POST", path=ALL, calls=commands.record_payment, takes=PaymentFields, gives=OrderView,
          needs="payment:write", refuses=REFUSES,
          most_statements=10),  # whether it is known already; the receipt; it may settle the order, shown with lines
    Route(method="POST", path=ALL + "/<int:receipt_id>/reversal", calls=commands.reverse_payment, takes=Reversal,
          gives=OrderView, needs="payment:write", refuses=REFUSES,
          most_statements=9),  # the receipt: found and marked; the order is shown with its lines
]  # fmt: skip
