"""Looking at losses."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal, since, until
from chassis.people import in_unit
from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer.customer.model import Customer
from customer.loss.model import Loss

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
