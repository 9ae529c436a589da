"""Looking at losses."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal, since, until
from chassis.people import in_unit
from chassis.problems import NotFound
from chassis.transaction import Row, Transaction
from customer.customer.model import Customer
from customer.loss.model import Loss, months_before
from customer.order.life_cycle import Status as OrderStatus
from customer.order.model import ORDER, Order

SHOWN = [
    "id",
    "customer_no",
    "customer_name",
    "manager_id",
    "manager_name",
    "last_order_at",
    "months",
    "alerted_at",
    "status",
    "reason",
    "lost_at",
    "recovered_at",
    "recovered_by",
    "version",
]

LOSSES = Listing(
    columns={name: getattr(Loss, name) for name in SHOWN},
    key=Loss.id,
    owned_through=(Loss.customer_no, Customer.customer_no, (Customer.manager_id,)),
    filters={
        "customer_no": equal(Loss.customer_no),
        "customer_name": contains(Loss.customer_name),
        "manager_id": equal(Loss.manager_id),
        "unit_id": in_unit(Loss.manager_id),
        "manager_name": contains(Loss.manager_name),
        "status": equal(Loss.status),
        "alerted_from": since(Loss.alerted_at),
        "alerted_to": until(Loss.alerted_at),
        "lost_from": since(Loss.lost_at),
        "lost_to": until(Loss.lost_at),
    },
    sorts={name: getattr(Loss, name) for name in ("id", "alerted_at", "last_order_at", "customer_name", "status")},
    default_sort="-alerted_at",
    search=(Loss.customer_name, Loss.customer_no, Loss.manager_name),
)


NOTHING_SEEN = datetime(1900, 1, 1, tzinfo=UTC)
"""Earlier than any order."""


@dataclasses.dataclass(frozen=True)
class Explanation:
    """Why the loss rule meant this customer: what it looked at, when it looked."""

    loss_id: int
    as_of: datetime
    months: int
    since: datetime
    opened_at: datetime
    orders: int
    last_order: Row | None
    days_without_order: int
    usual_days: int | None
    orders_since: int


def get_loss(tx: Transaction, loss_id: int) -> Loss:
    """One loss, with its measures, of a customer in the data scope. Raises NotFound."""
    found: Loss | None = tx.scalar(in_scope(tx, loss_id))
    if found is None:
        raise NotFound(detail=f"No loss {loss_id}")
    return found


def manager_facts(tx: Transaction, loss: Loss) -> dict[str, Any]:
    """Who looks after the customer now."""
    mine = Customer.customer_no == loss.customer_no
    return {"manager_id": tx.scalar(sa.select(Customer.manager_id).where(mine))}


def in_scope(tx: Transaction, loss_id: int) -> sa.Select[Loss]:
    """The loss, if its customer is one that the one who asks may see."""
    of_customer = sa.select(Loss).join(Customer, Customer.customer_no == Loss.customer_no)
    return of_customer.where(Loss.id == loss_id, tx.principal.only_seen(Customer.manager_id))


def loss_history(tx: Transaction, loss_id: int) -> dict[str, Any]:
    """Everything that happened to one loss."""
    return history_of(tx, Loss.noun, get_loss(tx, loss_id).id)


def explain_loss(tx: Transaction, loss_id: int) -> Explanation:
    """What the rule saw when it warned, and whether there was an order since. Raises NotFound."""
    loss = get_loss(tx, loss_id)
    buys = (Order.customer_no == loss.customer_no, Order.kind == ORDER, Order.status != OrderStatus.CANCELLED)
    # What was recorded later, with whatever date, the rule did not see.
    seen_to = loss.last_order_at or NOTHING_SEEN
    before = Order.ordered_at <= seen_to
    shown = sa.select(
        Customer.opened_at,
        sa.func.count(Order.order_no).filter(before).label("orders"),
        sa.func.count(Order.order_no).filter(~before).label("orders_since"),
        sa.func.min(Order.ordered_at).filter(before).label("first_at"),
    )
    joined = shown.select_from(sa.outerjoin(Customer, Order, sa.and_(*buys)))
    row = tx.row(joined.where(Customer.customer_no == loss.customer_no).group_by(Customer.opened_at))
    if row is None:
        raise NotFound(detail=f"No customer {loss.customer_no}")
    columns = (Order.order_no, Order.ordered_at, Order.amount_minor, Order.currency)
    last = tx.row(sa.select(*columns).where(*buys, before).order_by(Order.ordered_at.desc()).limit(1))
    seen = loss.last_order_at or row.opened_at
    return Explanation(
        loss_id=loss.id,
        as_of=loss.alerted_at,
        months=loss.months,
        since=months_before(loss.alerted_at, loss.months),
        opened_at=row.opened_at,
        orders=row.orders,
        last_order=last,
        days_without_order=(loss.alerted_at - seen).days,
        usual_days=round((seen - row.first_at).days / (row.orders - 1)) if row.orders > 1 else None,
        orders_since=row.orders_since,
    )
