"""What others told us: the customers there are, and the kinds of request the dictionary knows.

Written by reactions only; each row names the version of its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.dialect import insert
from chassis.problems import Conflict, Invalid
from chassis.transaction import Row, Transaction
from service_desk.base import Base

SERVICE_TYPE = "service type"
"""The dictionary's name for the kinds of request."""
DELETED = 3
"""The customer service's code for a customer that is on record only."""

customer_copy = sa.Table(
    "customer_copy",
    Base.metadata,
    sa.Column("customer_no", sa.String(17), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("manager_id", sa.BigInteger),
    sa.Column("source_version", sa.BigInteger, nullable=False),
)
dictionary_copy = sa.Table(
    "dictionary_copy",
    Base.metadata,
    sa.Column("item_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(50), nullable=False),
    sa.Column("value", sa.String(50), nullable=False),
    sa.Column("text", sa.String(50), nullable=False),
    sa.Column("source_version", sa.BigInteger, nullable=False),
)


class CustomerUnknown(Conflict):
    """There is no such customer, as far as this service has heard."""

    customer_no: str


class KindUnknown(Invalid):
    """The dictionary has no such kind of request."""

    kind: str


def keep_customer(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Keep a customer as the customer service describes it now."""
    _keep(tx, customer_copy, "customer_no", values)


def keep_item(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Keep a dictionary item as identity describes it now."""
    _keep(tx, dictionary_copy, "item_id", values)


def drop_item(tx: Transaction, item_id: int) -> None:
    tx.execute(sa.delete(dictionary_copy).where(dictionary_copy.c.item_id == item_id))


def _keep(tx: Transaction, table: sa.Table, key: str, values: Mapping[str, Any]) -> None:
    row = {**values, "source_version": tx.heard_version}
    statement = insert(tx.session, table).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=[key], set_=row))


def get_customer(tx: Transaction, customer_no: str) -> Row:
    """The customer, lost or not. Raises CustomerUnknown, also for a deleted one."""
    there = (customer_copy.c.customer_no == customer_no, customer_copy.c.status != DELETED)
    found = tx.row(sa.select(customer_copy).where(*there))
    if found is None:
        raise CustomerUnknown(customer_no=customer_no)
    return found


def must_be_kind(tx: Transaction, kind: str) -> None:
    """Raises KindUnknown when the dictionary has no such service type."""
    there = (dictionary_copy.c.kind == SERVICE_TYPE, dictionary_copy.c.value == kind)
    if tx.row(sa.select(dictionary_copy.c.item_id).where(*there)) is None:
        errors = [{"pointer": "/kind", "detail": "Not a value of the dictionary", "code": "unknown"}]
        raise KindUnknown(kind=kind, errors=errors)
