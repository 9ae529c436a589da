"""What others told us: the customers there are.

Written by reactions only; each row names the version of its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.dialect import insert
from chassis.personal import PersonErased, personal_column
from chassis.problems import Conflict
from chassis.row_blanking import is_erased
from chassis.transaction import Row, Transaction
from service_desk.base import Base

DELETED = 3
"""The customer service's code for a customer that is on record only."""

customer_copy = sa.Table(
    "customer_copy",
    Base.metadata,
    sa.Column("customer_no", sa.String(17), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False, info=personal_column(customer="customer_no")),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("manager_id", sa.BigInteger),
    sa.Column("merged_into", sa.String(17), index=True),
    sa.Column("source_version", sa.BigInteger, nullable=False),
)


class CustomerUnknown(Conflict):
    """There is no such customer, as far as this service has heard."""

    customer_no: str


def keep_customer(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Keep a customer as the customer service describes it now."""
    row = {**values, "source_version": tx.heard_version}
    statement = insert(tx.session, customer_copy).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=["customer_no"], set_=row))


def remember_merge(tx: Transaction, customer_no: str, *, into: str) -> None:
    """Who became part of whom; who became part of the first one before is part of the second one now."""
    copy = customer_copy.c
    mine = sa.or_(copy.customer_no == customer_no, copy.merged_into == customer_no)
    tx.execute(sa.update(customer_copy).where(mine).values(merged_into=into))


def present_number(tx: Transaction, customer_no: str) -> str:
    """The number of the customer as it is now: what is heard late may name one that became part of another."""
    mine = customer_copy.c.customer_no == customer_no
    return tx.scalar(sa.select(customer_copy.c.merged_into).where(mine)) or customer_no


def drop_customer(tx: Transaction, customer_no: str) -> None:
    tx.execute(sa.delete(customer_copy).where(customer_copy.c.customer_no == customer_no))


def get_customer(tx: Transaction, customer_no: str) -> Row:
    """The customer, lost or not. Raises CustomerUnknown, also for a deleted one, and PersonErased."""
    there = (customer_copy.c.customer_no == customer_no, customer_copy.c.status != DELETED)
    found = tx.row(sa.select(customer_copy, is_erased("customer", customer_no).label("is_erased")).where(*there))
    if found is None:
        raise CustomerUnknown(customer_no=customer_no)
    if found.is_erased:
        raise PersonErased(subject="customer")
    return found
