"""Giving customers to another account manager."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis import people
from chassis.dialect import among
from chassis.transaction import Transaction
from customer.customer.model import MANAGER_ROLE, Customer
from customer.loss.life_cycle import OPEN
from customer.loss.model import Loss
from customer.transfer import queries
from customer.transfer.model import transfer


@dataclasses.dataclass(frozen=True)
class Moved:
    """How many customers went over, how many were there already, and how many the old manager still has."""

    moved: int
    unchanged: int
    losses: int
    left: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked: which customers, to whom, and why."""

    to_manager_id: int
    reason: str
    customer_nos: Sequence[str] | None = None
    from_manager_id: int | None = None
    with_open_work: bool = True


def preview_transfer(
    tx: Transaction, customer_nos: Sequence[str] | None = None, from_manager_id: int | None = None
) -> queries.Preview:
    """What would go over; nothing is done."""
    return queries.preview_of(tx, queries.numbers_meant(tx, customer_nos, from_manager_id))


def transfer_customers(tx: Transaction, fields: Mapping[str, Any]) -> Moved:
    """Give customers to an account manager, with everything that hangs on them; all of them or none."""
    return _transfer(tx, Wish(**fields))


def transfer_customer(tx: Transaction, customer_no: str, fields: Mapping[str, Any]) -> Customer:
    """Give one customer to an account manager."""
    customer = tx.get(Customer, customer_no)
    _transfer(tx, Wish(**fields, customer_nos=[customer_no]))
    return customer


def _transfer(tx: Transaction, wish: Wish) -> Moved:
    manager = people.get_active(tx, wish.to_manager_id, MANAGER_ROLE)
    to = (manager.user_id, manager.full_name)
    numbers = queries.numbers_meant(tx, wish.customer_nos, wish.from_manager_id)
    # Losses before customers, as orders lock them.
    mine = sa.select(Loss).where(among(Loss.customer_no, numbers), Loss.status.in_(OPEN)).order_by(Loss.id)
    losses = tx.load(Loss, mine)
    named = sa.select(Customer).where(among(Customer.customer_no, numbers)).order_by(Customer.customer_no)
    customers = tx.load(Customer, named)
    why: dict[str, Any] = {"reason": wish.reason, "with_open_work": wish.with_open_work}
    said = [event for one in customers if (event := transfer(one, to=to, at=tx.now, **why))]
    handed = [gone for one in losses if (gone := one.hand_over(to_id=to[0], to_name=to[1]))]
    tx.publish_all([(event, tx.now) for event in (*said, *handed)])
    left = queries.still_held(tx, wish.from_manager_id)
    return Moved(moved=len(said), unchanged=len(customers) - len(said), losses=len(handed), left=left)
