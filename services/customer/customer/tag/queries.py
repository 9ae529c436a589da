"""Looking at tags: which are in use, and who has them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import sqlalchemy as sa

from chassis.dialect import among
from chassis.problems import wrong_field
from chassis.transaction import Row, Transaction
from customer.customer.model import Customer, Status
from customer.tag.model import customer_tag

MOST_SHOWN = 200


@dataclasses.dataclass(frozen=True)
class InUse:
    """Every tag that customers in the data scope have, the most frequent first."""

    items: Sequence[Row]


def tagged(text: str) -> sa.ColumnElement[bool]:
    """``?tag=VIP``; several, separated by commas, are any of them."""
    words = [word.strip() for word in text.split(",")]
    return Customer.customer_no.in_(sa.select(customer_tag.c.customer_no).where(customer_tag.c.tag.in_(words)))


def tags_in_use(tx: Transaction) -> InUse:
    """Which tags customers in the data scope have, and how many; one select."""
    counted = sa.func.count().label("customers")
    joined = sa.join(customer_tag, Customer, customer_tag.c.customer_no == Customer.customer_no)
    mine = (Customer.status != Status.DELETED, tx.principal.only_seen(Customer.manager_id))
    found = sa.select(customer_tag.c.tag, counted).select_from(joined).where(*mine).group_by(customer_tag.c.tag)
    return InUse(tx.rows(found.order_by(counted.desc(), customer_tag.c.tag).limit(MOST_SHOWN)))


def customers_named(tx: Transaction, customer_nos: Sequence[str]) -> list[Customer]:
    """These customers in the data scope, locked; one select. Raises Invalid, naming who is not there."""
    named = sa.select(Customer).where(
        among(Customer.customer_no, list(customer_nos)), tx.principal.only_seen(Customer.manager_id)
    )
    found = tx.load(Customer, named.order_by(Customer.customer_no))
    known = {customer.customer_no for customer in found}
    for place, number in enumerate(customer_nos):
        if number not in known:
            raise wrong_field(f"/customer_nos/{place}", f"There is no customer {number}")
    return found
