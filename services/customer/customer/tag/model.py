"""Tags of customers: which words one has, and what changes when some are put on and others taken off."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from chassis.events import Event
from chassis.problems import Conflict
from customer.base import Base
from customer.customer.model import Customer, Standing

TAGS = "customer tag"
"""The dictionary's name for the tags there are; administrators add and remove them."""
MOST_TAGS = 20
"""On one customer: who has more groups nothing by them."""

customer_tag = sa.Table(
    "cst_customer_tag",
    Base.metadata,
    sa.Column("tag", sa.String(50), primary_key=True),
    sa.Column("customer_no", sa.ForeignKey("cst_customer.customer_no", ondelete="CASCADE"), primary_key=True),
)
"""The same as the customers' column ``tags``, the other way round: to find customers by tag."""
sa.Index("cst_customer_tag_of_customer", customer_tag.c.customer_no)


class CustomerTagged(Standing, Event, type="customer.customer.tagged", key="customer_no"):
    """Tags were put on a customer, or taken off."""

    tags: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


class TooManyTags(Conflict):
    """A customer has no more tags than people can overlook; take some off first."""

    customer_no: str
    limit: int


def retag(customer: Customer, *, add: Collection[str] = (), remove: Collection[str] = ()) -> CustomerTagged | None:
    """Put some on and take some off; what is named twice stays on. Nothing is said when nothing differs."""
    customer.must_be_there()
    before = set(customer.tags)
    after = (before - set(remove)) | set(add)
    if after == before:
        return None
    if len(after) > MOST_TAGS:
        raise TooManyTags(customer_no=customer.customer_no, limit=MOST_TAGS)
    customer.tags = sorted(after)
    told: dict[str, Any] = {"tags": tuple(sorted(after)), "added": tuple(sorted(after - before))}
    return CustomerTagged(**customer.standing(), **told, removed=tuple(sorted(before - after)))
