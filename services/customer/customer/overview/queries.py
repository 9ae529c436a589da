"""Looking at a customer from all sides, as far as whoever asks may see: a dozen selects, however much there is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from chassis.transaction import Row, Transaction
from customer.activity.model import Activity
from customer.contact.model import Contact
from customer.customer.model import Customer
from customer.customer.queries import get_customer
from customer.involvements import involvement, is_open
from customer.loss.life_cycle import OPEN
from customer.loss.model import Loss
from customer.order.life_cycle import Status as OrderStatus
from customer.order.model import Order
from customer.timeline.queries import OTHERS, SOURCES, USUAL_MOMENTS, Moment, moments, of_customer

LIST_OF = {
    "opportunity": "/api/opportunities?customer_name={name}",
    "deal": "/api/deals?customer_no={number}",
    "task": "/api/tasks?about=customer&about_id={number}",
    "request": "/api/requests?customer_no={number}",
    "complaint": "/api/complaints?customer_no={number}",
    "visit": "/api/visits?customer_no={number}",
}
"""Where the records of a noun are listed; who has no right to read the noun is told nothing of it."""
OURS = {
    "contact": "/api/customers/{number}/contacts",
    "activity": "/api/customers/{number}/activities",
    "loss": "/api/losses?customer_no={number}",
}
"""The same for what hangs on a customer here."""


@dataclasses.dataclass(frozen=True)
class Count:
    """How many records of a noun there are, how many are open, and where they are listed."""

    noun: str
    total: int
    open: int
    open_amount_minor: int | None
    currency: str | None
    last_at: datetime | None
    href: str


@dataclasses.dataclass(frozen=True)
class Overview:
    """One customer from all sides."""

    customer: Customer
    counts: Sequence[Count]
    orders: Sequence[Row]
    last_order: Row | None
    timeline: Sequence[Moment]

    @property
    def version(self) -> int:
        return self.customer.version


def get_overview(tx: Transaction, customer_no: str, size: int = USUAL_MOMENTS) -> Overview:
    """Everything that is known here of one customer of the data scope. Raises NotFound."""
    customer = get_customer(tx, customer_no)
    sees_orders = tx.principal.has("order:read")
    return Overview(
        customer=customer,
        counts=[*_own_counts(tx, customer_no), *_counts_of_others(tx, customer)],
        orders=_orders(tx, customer_no) if sees_orders else [],
        last_order=_last_order(tx, customer_no) if sees_orders else None,
        timeline=moments(tx, customer, size=size, kinds={*SOURCES, *OTHERS}),
    )


def _own_counts(tx: Transaction, customer_no: str) -> list[Count]:
    """What hangs on it here, as far as it may be seen; one select."""
    contacts = sa.select(sa.func.count()).where(Contact.customer_no == customer_no, Contact.removed_at.is_(None))
    talks = sa.select(sa.func.count()).where(Activity.customer_no == customer_no)
    losses = sa.select(sa.func.count()).where(Loss.customer_no == customer_no)
    parts = {"contact": contacts, "activity": talks, "loss": losses, "open_loss": losses.where(Loss.status.in_(OPEN))}
    row = tx.row(sa.select(*(part.scalar_subquery().label(name) for name, part in parts.items())))
    counted = row._asdict() if row else {}
    return [
        Count(noun, counted[noun], counted.get(f"open_{noun}", 0), None, None, None, href.format(number=customer_no))
        for noun, href in OURS.items()
        if tx.principal.has(f"{noun}:read")
    ]


def _counts_of_others(tx: Transaction, customer: Customer) -> list[Count]:
    """What others have with it; one select."""
    conditions = of_customer(tx, customer, OTHERS)
    if conditions is None:
        return []
    open_amount = sa.cast(sa.func.sum(involvement.c.amount_minor).filter(is_open()), sa.BigInteger)
    shown = (
        involvement.c.noun,
        involvement.c.currency,
        sa.func.count().label("total"),
        sa.func.count().filter(is_open()).label("open"),
        open_amount.label("amount"),
        sa.func.max(involvement.c.changed_at).label("last_at"),
    )
    grouped = sa.select(*shown).where(*conditions).group_by(involvement.c.noun, involvement.c.currency)
    rows = tx.rows(grouped.order_by(involvement.c.noun, involvement.c.currency))
    address = {"number": customer.customer_no, "name": customer.name}
    return [
        Count(row.noun, row.total, row.open, row.amount, row.currency, row.last_at,
              LIST_OF[row.noun].format(**address))
        for row in rows
    ]  # fmt: skip


def _orders(tx: Transaction, customer_no: str) -> Sequence[Row]:
    """What was bought and what is still to be paid, per currency; credit notes are taken off."""
    counts = (Order.customer_no == customer_no, Order.status != OrderStatus.CANCELLED)
    shown = (
        Order.currency,
        sa.func.count().label("orders"),
        sa.cast(sa.func.sum(Order.amount_minor), sa.BigInteger).label("amount_minor"),
        sa.cast(sa.func.sum(Order.amount_minor - Order.received_minor), sa.BigInteger).label("open_minor"),
    )
    return tx.rows(sa.select(*shown).where(*counts).group_by(Order.currency).order_by(Order.currency))


def _last_order(tx: Transaction, customer_no: str) -> Row | None:
    counts = (Order.customer_no == customer_no, Order.status != OrderStatus.CANCELLED)
    shown = sa.select(Order.order_no, Order.ordered_at, Order.amount_minor, Order.currency, Order.status)
    return tx.row(shown.where(*counts).order_by(Order.ordered_at.desc(), Order.order_no.desc()).limit(1))
