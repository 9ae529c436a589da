"""Looking at orders."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from chassis.dialect import among
from chassis.history import history_of
from chassis.pages import Listing, contains, equal, since, until
from chassis.problems import NotFound
from chassis.transaction import Row, Transaction
from customer.customer.model import Customer
from customer.customer.model import Status as CustomerStatus
from customer.order.life_cycle import Status
from customer.order.model import ORDER, Order
from customer.product.queries import products_of_codes

SHOWN = [
    "order_no",
    "customer_no",
    "customer_name",
    "ordered_at",
    "status",
    "kind",
    "amount_minor",
    "received_minor",
    "currency",
    "version",
]

ORDERS = Listing(
    columns={name: getattr(Order, name) for name in SHOWN},
    key=Order.order_no,
    owned_through=(Order.customer_no, Customer.customer_no, (Customer.manager_id,)),
    filters={
        "order_no": equal(Order.order_no),
        "customer_no": equal(Order.customer_no),
        "customer_name": contains(Order.customer_name),
        "kind": equal(Order.kind),
        "status": equal(Order.status),
        "ordered_from": since(Order.ordered_at),
        "ordered_to": until(Order.ordered_at),
    },
    sorts={name: getattr(Order, name) for name in ("order_no", "ordered_at", "customer_name", "status")}
    | {"amount": Order.amount_minor},
    default_sort="-ordered_at",
    search=(Order.order_no, Order.customer_name),
)


def get_order(tx: Transaction, order_no: str) -> Order:
    """One order, with its lines, of a customer in the data scope. Raises NotFound."""
    found: Order | None = tx.scalar(in_scope(tx, order_no))
    if found is None:
        raise NotFound(detail=f"No order {order_no}")
    return found


def in_scope(tx: Transaction, order_no: str) -> sa.Select[Order]:
    """The order, if its customer is one that the one who asks may see."""
    of_customer = sa.select(Order).join(Customer, Customer.customer_no == Order.customer_no)
    return of_customer.where(Order.order_no == order_no, tx.principal.only_seen(Customer.manager_id))


def order_history(tx: Transaction, order_no: str) -> dict[str, Any]:
    """Everything that happened to one order."""
    return history_of(tx, Order.noun, get_order(tx, order_no).order_no)


@dataclasses.dataclass(frozen=True)
class Known:
    """What must be known to judge orders: whose they are, what they name, and which are here already."""

    customers: Mapping[str, Row]
    referenced: Mapping[str, Row]
    products: Mapping[str, Row]
    contents: dict[str, str]


def known_about(tx: Transaction, orders: Sequence[Mapping[str, Any]]) -> Known:
    """One select each for customers, orders and (if there are lines) products, however many orders."""
    numbers = {order["customer_no"] for order in orders if "customer_no" in order}
    references = {order["customer_reference"] for order in orders if "customer_reference" in order}
    customers = _customers(tx, numbers, references)
    codes = {line["product_code"] for order in orders for line in order.get("lines", ())}
    return Known(
        customers={one.customer_no: one for one in customers},
        referenced={one.reference: one for one in customers if one.reference},
        products=products_of_codes(tx, codes),
        contents=_contents(tx, {order["order_no"] for order in orders}),
    )


def _customers(tx: Transaction, numbers: set[str], references: set[str]) -> Sequence[Row]:
    """Each with the one that it became part of, if it did: the sales system may not have heard of it yet."""
    named = sa.or_(Customer.customer_no.in_(numbers), Customer.reference.in_(references))
    there = aliased(Customer)
    shown = (
        Customer.customer_no,
        Customer.reference,
        sa.func.coalesce(there.customer_no, Customer.customer_no).label("lives_at"),
        sa.func.coalesce(there.name, Customer.name).label("name"),
        sa.func.coalesce(there.status, Customer.status).label("status"),
        sa.func.coalesce(there.erased, Customer.erased).label("erased"),
    )
    joined = sa.select(*shown).outerjoin(there, there.customer_no == Customer.merged_into)
    return tx.rows(joined.where(named, tx.principal.only_seen(Customer.manager_id)))


def _contents(tx: Transaction, numbers: set[str]) -> dict[str, str]:
    found = tx.rows(sa.select(Order.order_no, Order.content).where(Order.order_no.in_(numbers)))
    return {row.order_no: row.content for row in found}


def orders_counted(tx: Transaction, customer_nos: Sequence[str]) -> dict[str, int]:
    """How many orders each of these customers has that count as buying; who has none is left out."""
    counts = (among(Order.customer_no, customer_nos), Order.kind == ORDER, Order.status != Status.CANCELLED)
    counted = sa.select(Order.customer_no, sa.func.count().label("orders")).where(*counts)
    return {row.customer_no: row.orders for row in tx.rows(counted.group_by(Order.customer_no))}


def find_gone(tx: Transaction, customer_nos: Sequence[str]) -> str | None:
    """One of these customers that is deleted; None when all are there."""
    gone = (among(Customer.customer_no, customer_nos), Customer.status == CustomerStatus.DELETED)
    found: str | None = tx.scalar(sa.select(Customer.customer_no).where(*gone).limit(1)) if customer_nos else None
    return found
