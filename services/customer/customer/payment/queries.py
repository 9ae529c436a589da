"""Looking at payments, and at what is still open."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.pages import Listing, contains, equal, present, since, until
from customer.customer.model import Customer
from customer.order.life_cycle import Status
from customer.order.model import ORDER, Order, Receipt

SHOWN = ("id", "order_no", "amount_minor", "received_on", "method", "outside_id", "note", "by_name", "reversed_at")

PAYMENTS = Listing(
    columns={name: getattr(Receipt, name) for name in SHOWN}
    | {"customer_no": Order.customer_no, "customer_name": Order.customer_name, "currency": Order.currency},
    key=Receipt.id,
    source=sa.join(Receipt, Order, Receipt.order_no == Order.order_no),
    owned_through=(Order.customer_no, Customer.customer_no, (Customer.manager_id,)),
    filters={
        "order_no": equal(Receipt.order_no),
        "customer_no": equal(Order.customer_no),
        "method": equal(Receipt.method),
        "received_from": since(Receipt.received_on),
        "received_to": until(Receipt.received_on),
        "reversed": present(Receipt.reversed_at),
    },
    sorts={"received_on": Receipt.received_on, "amount": Receipt.amount_minor, "id": Receipt.id},
    default_sort="-id",
    search=(Receipt.order_no, Order.customer_name),
)

OPEN_MINOR = Order.amount_minor - Order.received_minor
RECEIVABLES = Listing(
    columns={
        "order_no": Order.order_no,
        "customer_no": Order.customer_no,
        "customer_name": Order.customer_name,
        "ordered_at": Order.ordered_at,
        "status": Order.status,
        "amount_minor": Order.amount_minor,
        "received_minor": Order.received_minor,
        "open_minor": OPEN_MINOR,
        "currency": Order.currency,
    },
    key=Order.order_no,
    where=(Order.kind == ORDER, Order.status.not_in((Status.PAID, Status.CANCELLED)), OPEN_MINOR > 0),
    owned_through=(Order.customer_no, Customer.customer_no, (Customer.manager_id,)),
    filters={
        "customer_no": equal(Order.customer_no),
        "customer_name": contains(Order.customer_name),
        "ordered_to": until(Order.ordered_at),
    },
    sorts={"ordered_at": Order.ordered_at, "amount": Order.amount_minor, "customer_name": Order.customer_name},
    default_sort="ordered_at",
    search=(Order.order_no, Order.customer_name),
)
