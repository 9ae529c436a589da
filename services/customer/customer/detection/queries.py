"""Looking for customers who have stopped buying."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from chassis.dialect import among
from chassis.transaction import Transaction
from customer.customer.model import Customer
from customer.customer.model import Status as CustomerStatus
from customer.loss.life_cycle import OPEN
from customer.loss.model import Loss, Watched
from customer.order.life_cycle import Status as OrderStatus
from customer.order.model import ORDER, Order

COUNTS = (Order.customer_no == Customer.customer_no, Order.kind == ORDER, Order.status != OrderStatus.CANCELLED)
"""What counts as buying: an order that is not cancelled; a credit note is none."""


def customers_to_judge(tx: Transaction, *, since: datetime) -> Sequence[Watched]:
    """Everybody whom the loss rule may mean, with what it looks at, in one select.

    Leaves out only customers whom the rule would leave out too: it decides, this saves it work.
    """
    last_order_at = sa.select(sa.func.max(Order.ordered_at)).where(*COUNTS).scalar_subquery()
    has_ordered = sa.exists().where(*COUNTS, Order.ordered_at >= since)
    has_open_loss = sa.exists().where(Loss.customer_no == Customer.customer_no, Loss.status.in_(OPEN))
    shown = (
        Customer.customer_no,
        Customer.name.label("customer_name"),
        Customer.manager_id,
        Customer.manager_name,
        Customer.status,
        Customer.opened_at,
        last_order_at.label("last_order_at"),
        has_open_loss.label("has_open_loss"),
    )
    normal = (Customer.status == CustomerStatus.NORMAL, Customer.erased == "")
    mean = (*normal, Customer.opened_at < since, ~has_ordered, ~has_open_loss)
    rows = tx.rows(sa.select(*shown).where(*mean).order_by(Customer.customer_no))
    return [Watched(**row._mapping) for row in rows]


def customers_warned_of(tx: Transaction, customer_nos: Sequence[str]) -> list[Customer]:
    """These customers, locked; one select, or none when nobody is meant."""
    mine = sa.select(Customer).where(among(Customer.customer_no, sorted(customer_nos)))
    return tx.load(Customer, mine.order_by(Customer.customer_no)) if customer_nos else []
