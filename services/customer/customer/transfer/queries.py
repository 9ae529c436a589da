"""Looking at what a transfer would move."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import sqlalchemy as sa

from chassis.dialect import among
from chassis.problems import wrong_field
from chassis.transaction import Row, Transaction
from customer.activity.model import Activity
from customer.contact.model import Contact
from customer.customer.model import Customer, Status
from customer.loss.life_cycle import OPEN
from customer.loss.model import Loss

MOST_CUSTOMERS = 1000
"""In one transaction; who looks after more is emptied in several calls."""


@dataclasses.dataclass(frozen=True)
class Preview:
    """What would go over: by whom it is held now, and what hangs on it."""

    customers: int
    held_by: Sequence[Row]
    contacts: int
    activities: int
    open_losses: int


def numbers_meant(tx: Transaction, customer_nos: Sequence[str] | None, from_manager_id: int | None) -> list[str]:
    """The customers that are named, or those that somebody looks after, a thousand at most; in the data scope."""
    if (customer_nos is None) == (from_manager_id is None):
        raise wrong_field("/customer_nos", "Say customer_nos or from_manager_id")
    seen = (tx.principal.only_seen(Customer.manager_id), Customer.status != Status.DELETED)
    named = among(Customer.customer_no, list(customer_nos or ())) if customer_nos else _held_by(from_manager_id)
    found = sa.select(Customer.customer_no).where(named, *seen).order_by(Customer.customer_no).limit(MOST_CUSTOMERS)
    numbers = [row.customer_no for row in tx.rows(found)]
    known = set(numbers)
    for place, number in enumerate(customer_nos or ()):
        if number not in known:
            raise wrong_field(f"/customer_nos/{place}", f"There is no customer {number}")
    return numbers


def _held_by(manager_id: int | None) -> sa.ColumnElement[bool]:
    return Customer.manager_id == manager_id


def still_held(tx: Transaction, from_manager_id: int | None) -> int:
    """How many customers somebody still looks after; 0 when nobody is meant."""
    if from_manager_id is None:
        return 0
    mine = (Customer.manager_id == from_manager_id, Customer.status != Status.DELETED)
    return int(tx.scalar(sa.select(sa.func.count()).select_from(Customer).where(*mine)))


def preview_of(tx: Transaction, numbers: Sequence[str]) -> Preview:
    """Two selects, however many customers."""
    customers = sa.func.count().label("customers")
    shown = sa.select(Customer.manager_id, Customer.manager_name, customers)
    grouped = shown.where(among(Customer.customer_no, list(numbers))).group_by(
        Customer.manager_id, Customer.manager_name
    )
    held_by = tx.rows(grouped.order_by(customers.desc(), Customer.manager_id))
    of = {
        "contacts": (Contact.customer_no, Contact.removed_at.is_(None)),
        "activities": (Activity.customer_no, sa.true()),
        "open_losses": (Loss.customer_no, Loss.status.in_(OPEN)),
    }
    counted = [
        sa.select(sa.func.count()).where(among(column, list(numbers)), more).scalar_subquery().label(name)
        for name, (column, more) in of.items()
    ]
    row = tx.row(sa.select(*counted))
    return Preview(len(numbers), held_by, **(row._asdict() if row else {}))
