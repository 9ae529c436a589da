"""Looking at what a merge would do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.attachments import attachment
from chassis.problems import Problem
from chassis.transaction import Transaction
from customer.activity.model import Activity
from customer.contact.model import Contact
from customer.customer.model import Customer
from customer.customer.queries import get_customer
from customer.loss.life_cycle import OPEN
from customer.loss.model import Loss
from customer.merge.model import Choice, choices, must_be_movable, must_be_two
from customer.order.model import Order

CHILDREN: Mapping[str, Any] = {
    "contacts": Contact,
    "activities": Activity,
    "orders": Order,
    "losses": Loss,
}
"""What hangs on a customer here and has a life of its own."""


@dataclasses.dataclass(frozen=True)
class Preview:
    """What a merge would do, and why it cannot be done, if it cannot."""

    customer_no: str
    absorbed: str
    fields: Sequence[Choice]
    moves: Mapping[str, int]
    refused: Mapping[str, Any] | None


def preview_merge(tx: Transaction, customer_no: str, absorbed: str, take: str = "") -> Preview:
    """What would become of two customers of the data scope; nothing is done."""
    survivor, gone = get_customer(tx, customer_no), get_customer(tx, absorbed)
    chosen = choices(survivor, gone, take.split(",") if take else None)
    moves = counts_of(tx, absorbed)
    return Preview(customer_no, absorbed, chosen, moves, _refusal(tx, survivor, gone, moves))


def _refusal(tx: Transaction, survivor: Customer, gone: Customer, moves: Mapping[str, int]) -> Mapping[str, Any] | None:
    try:
        must_be_two(survivor, gone)
        must_be_movable(moves, open_losses(tx, survivor.customer_no, gone.customer_no))
    except Problem as problem:
        return problem.body()
    return None


def counts_of(tx: Transaction, customer_no: str) -> dict[str, int]:
    """How many records hang on a customer, of each kind; one select."""
    counted = [
        sa.select(sa.func.count()).where(kind.__table__.c.customer_no == customer_no).scalar_subquery().label(name)
        for name, kind in CHILDREN.items()
    ]
    of_customer = (attachment.c.noun == Customer.noun, attachment.c.record == customer_no)
    files = sa.select(sa.func.count()).select_from(attachment).where(*of_customer).scalar_subquery().label("files")
    row = tx.row(sa.select(*counted, files))
    return dict(row._mapping) if row else {}


def open_losses(tx: Transaction, *customer_nos: str) -> list[int]:
    mine = (Loss.customer_no.in_(customer_nos), Loss.status.in_(OPEN))
    return [row.id for row in tx.rows(sa.select(Loss.id).where(*mine).order_by(Loss.id))]
