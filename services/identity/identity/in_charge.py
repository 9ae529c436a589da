"""Who looks after which customer: a small replica of numbers only, written by reactions only.

It answers "may this account be deleted?" without a call to the customer service.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.dialect import insert
from chassis.events import Heard
from chassis.transaction import Transaction
from identity.base import Base

DELETED = 3
"""The customer service's code for a customer that is on record only."""

customer_in_charge = sa.Table(
    "customer_in_charge",
    Base.metadata,
    sa.Column("customer_no", sa.String(17), primary_key=True),
    sa.Column("manager_id", sa.BigInteger, nullable=False, index=True),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Standing:
    """What an event about a customer tells us; nobody is 0."""

    customer_no: str
    manager_id: int = 0
    status: int = 1


class CustomerOpened(Standing, Heard, type="customer.customer.opened", key="customer_no"):
    """Somebody looks after a new customer."""


class CustomerEdited(Standing, Heard, type="customer.customer.edited", key="customer_no"):
    """Perhaps somebody else looks after it."""


class CustomerDeleted(Standing, Heard, type="customer.customer.deleted", key="customer_no"):
    """Nobody has to look after it any more."""


class CustomerClaimed(Standing, Heard, type="customer.customer.claimed", key="customer_no"):
    """Somebody took it out of the pool."""


class CustomerRestored(Standing, Heard, type="customer.customer.restored", key="customer_no"):
    """It is there again."""


class CustomerMerged(Standing, Heard, type="customer.customer.merged", key="customer_no"):
    """Perhaps whoever looked after the other file looks after this one."""


class CustomerAbsorbed(Standing, Heard, type="customer.customer.absorbed", key="customer_no"):
    """It is part of another one."""


def know_manager(tx: Transaction, event: Any) -> None:
    """Keep who looks after the customer now; those in the pool and those that are gone have nobody."""
    if not event.manager_id or getattr(event, "status", 1) == DELETED:
        forget_manager(tx, event)
        return
    row = {"customer_no": event.customer_no, "manager_id": event.manager_id}
    statement = insert(tx.session, customer_in_charge).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=["customer_no"], set_=row))


def forget_manager(tx: Transaction, event: Any) -> None:
    mine = customer_in_charge.c.customer_no == event.customer_no
    tx.execute(sa.delete(customer_in_charge).where(mine))


def settle(tx: Transaction, user_id: int) -> None:
    """Somebody has no customers any more: the customer service has said that none is left.

    One that was given away before this replica was kept would stand here for ever.
    """
    tx.execute(sa.delete(customer_in_charge).where(customer_in_charge.c.manager_id == user_id))


REACTIONS: Mapping[type[Heard], Callable[[Transaction, Any], None]] = dict.fromkeys(
    (
        CustomerOpened,
        CustomerEdited,
        CustomerDeleted,
        CustomerClaimed,
        CustomerRestored,
        CustomerMerged,
        CustomerAbsorbed,
    ),
    know_manager,
)
"""For ``hears`` on the page."""
BESIDE_NOTICES: Mapping[str, Callable[[Transaction, Any], None]] = {
    "customer.customer.released": forget_manager,
    "customer.customer.transferred": know_manager,
}
"""What is told to people, too: the notices read these events, and have the fields."""
