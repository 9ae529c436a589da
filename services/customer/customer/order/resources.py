"""Orders over HTTP."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from chassis.actions import Actions
from chassis.attachments import Attachments
from chassis.bulk import BulkAnswer, RowsRefused, bulk_of
from chassis.fields import Body, Choice, Money, Number, Required, Text, View, When
from chassis.history import History
from chassis.importing.declared import Import
from chassis.importing.desk import routes_of
from chassis.machine import NotInThisState
from chassis.numbering import NumbersExhausted
from chassis.routes import Route
from customer.customer.model import CustomerGone
from customer.order import bulk, commands, queries
from customer.order.life_cycle import (
    LIFE_CYCLE,
    PLACEABLE,
    NotPaidYet,
    OrderCancelledAlready,
    OrderClosed,
    OrderDiffers,
)
from customer.order.model import CREDIT_NOTE, MOST_LINES, MOST_PIECES, ORDER, Order
from customer.titles import TITLES


class LineFields(Body):
    """One product of an order; pieces that come back are negative."""

    product_code = Required(100)
    quantity = Number(-MOST_PIECES, MOST_PIECES, required=True)
    unit = Text(10)
    unit_price = Money(attribute="unit_price_minor", required=True)


class LineEntry(LineFields):
    """One product of an order that somebody enters; without a price, that of the product list."""

    unit_price = Money(attribute="unit_price_minor")


class OrderContent(Body):
    """What is ordered, and for whom: the customer by number or by reference."""

    customer_no = Text(17, shortest=1)
    customer_reference = Text(60, shortest=1)
    address = Text(200)
    status = Choice(PLACEABLE)
    kind = Text(12, choices=(ORDER, CREDIT_NOTE))
    amount = Money(negative=True, attribute="amount_minor")
    currency = Text(3, shortest=3)


class OrderFields(OrderContent):
    """What the sales system says of an order."""

    order_no = Required(20)
    ordered_at = When(required=True)
    lines = ma.fields.List(ma.fields.Nested(LineFields), validate=validate.Length(max=MOST_LINES))


class OrderEntry(OrderContent):
    """An order that somebody enters; what is not said is filled in: number, moment, prices."""

    order_no = Text(20)
    ordered_at = When()
    lines = ma.fields.List(ma.fields.Nested(LineEntry), validate=validate.Length(max=MOST_LINES))


class Cancellation(Body):
    """Why an order does not count any more."""

    reason = Text(500)


class OrderRow(View):
    """An order in a list."""

    order_no = ma.fields.String(required=True)
    customer_no = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    ordered_at = ma.fields.AwareDateTime(required=True)
    status = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True)
    amount = Money(negative=True, attribute="amount_minor", required=True)
    received = Money(attribute="received_minor", required=True)
    currency = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)


class LineView(View):
    """One product of an order."""

    product_id = ma.fields.Integer(required=True)
    product_code = ma.fields.String(required=True)
    quantity = ma.fields.Integer(required=True)
    unit = ma.fields.String(required=True)
    unit_price = Money(attribute="unit_price_minor", required=True)
    amount = Money(negative=True, attribute="amount_minor", required=True)


class OrderView(OrderRow):
    """An order with its lines."""

    address = ma.fields.String(required=True)
    cancelled_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    cancellation_reason = ma.fields.String(required=True)
    lines = ma.fields.List(ma.fields.Nested(LineView), required=True)
    actions = Actions(LIFE_CYCLE)


STEPS = {
    "confirmation": commands.confirm_order,
    "picking": commands.pick_order,
    "shipping": commands.ship_order,
    "delivery": commands.deliver_order,
    "settlement": commands.settle_order,
}
ALL = "/orders"
ONE = ALL + "/<order_no>"

ORDER_IMPORT = Import(
    noun="orders",
    kind=Order,
    row=OrderFields,
    command=bulk.import_orders,
    titles=TITLES,
    needs="order:import",
    withdraw=bulk.withdraw_order,
    key="order_no",
    parts="lines",
)

ORDER_FILES = Attachments(
    service="customer",
    kind=Order,
    path=ONE,
    finds=queries.get_order,
    reads="order:read",
    writes="order:write",
)

routes = [
    Route(method="GET", path=ALL, lists=queries.ORDERS, gives=OrderRow, needs="order:read"),
    Route(method="GET", path=ONE, calls=queries.get_order, gives=OrderView, needs="order:read"),
    Route(method="GET", path=ONE + "/history", calls=queries.order_history, gives=History, needs="order:read"),
    Route(method="POST", path=ALL, calls=commands.enter_order, takes=OrderEntry, gives=OrderView,
          needs="order:write", status=201, refuses=(OrderDiffers, CustomerGone, NumbersExhausted),
          most_statements=16),  # it may end a loss, win the customer back and move its stage; shown with its lines
    Route(method="POST", path=ALL + "/bulk", calls=bulk.import_orders, takes=bulk_of(OrderFields),
          gives=BulkAnswer, needs="order:import", refuses=(RowsRefused,)),
    Route(method="POST", path=ONE + "/cancellation", calls=commands.cancel_order, takes=Cancellation,
          gives=OrderView, needs="order:write", refuses=(OrderCancelledAlready, OrderClosed)),
    *(Route(method="POST", path=f"{ONE}/{name}", calls=step, gives=OrderView, needs="order:write",
            refuses=(NotInThisState, NotPaidYet)) for name, step in STEPS.items()),
    *routes_of(ORDER_IMPORT),
    *ORDER_FILES.routes,
]  # fmt: skip
