"""Tagging customers, one or many at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from chassis import dictionary
from chassis.dialect import among
from chassis.transaction import Transaction
from customer.customer.commands import customer_of
from customer.customer.model import Customer
from customer.tag import queries
from customer.tag.model import TAGS, CustomerTagged, customer_tag, retag


@dataclasses.dataclass(frozen=True)
class Tagging:
    """How many customers have other tags now."""

    changed: int
    unchanged: int


def set_tags(tx: Transaction, customer_no: str, tags: Sequence[str]) -> Customer:
    """Give a customer exactly these tags."""
    customer = customer_of(tx, customer_no)
    _must_be_offered(tx, "/tags", [tag for tag in tags if tag not in customer.tags])
    keep_tags(tx, [retag(customer, add=tags, remove=customer.tags)])
    return customer


def tag_customers(
    tx: Transaction, customer_nos: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()
) -> Tagging:
    """Put tags on many customers and take others off; all of them or, when one cannot, none."""
    _must_be_offered(tx, "/add", add)
    customers = queries.customers_named(tx, customer_nos)
    said = [event for customer in customers if (event := retag(customer, add=add, remove=remove))]
    keep_tags(tx, said)
    return Tagging(changed=len(said), unchanged=len(customers) - len(said))


def keep_tags(tx: Transaction, said: Iterable[CustomerTagged | None]) -> None:
    """Tell, and keep the way back from a tag to its customers; three statements, however many."""
    told = [event for event in said if event]
    tx.publish_all([(event, tx.now) for event in told])
    numbers = [event.customer_no for event in told]
    rows = [{"tag": tag, "customer_no": event.customer_no} for event in told for tag in event.tags]
    if told:
        tx.execute(sa.delete(customer_tag).where(among(customer_tag.c.customer_no, numbers)))
    if rows:
        tx.execute(sa.insert(customer_tag), rows)


def _must_be_offered(tx: Transaction, pointer: str, tags: Sequence[str]) -> None:
    """Raises ValueUnknown for a tag that the dictionary does not offer; one that a customer has may stay."""
    dictionary.must_all_be_known(tx, [(TAGS, tag, f"{pointer}/{place}") for place, tag in enumerate(tags)])
