"""The bin's rules: what comes back, what is purged for good and when, and what has to stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from chassis.events import Event
from chassis.problems import Conflict
from customer.contact.model import Card, Contact
from customer.customer.life_cycle import Stage
from customer.customer.model import Customer, Standing, Status
from customer.merge.model import MergedAway

DEFAULT_DAYS = 90
"""Long enough that a quarter's work shows who is missed."""


class CustomerRestored(Standing, Event, type="customer.customer.restored", key="customer_no"):
    """A deleted customer is there again, with all that belongs to it."""


class CustomerPurged(Event, type="customer.customer.purged", key="customer_no"):
    """Nothing is kept of a customer who had been deleted and never bought."""

    customer_no: str


class ContactRestored(Card, Event, type="customer.contact.restored"):
    """Somebody who was removed can be called again."""


class ContactPurged(Event, type="customer.contact.purged"):
    """Nothing is kept of a contact who had been removed."""

    contact_id: int
    customer_no: str


class NotDeleted(Conflict):
    """Only what was deleted can be restored or purged."""


class StillNeeded(Conflict):
    """The books need this customer: orders, warnings or won opportunities belong to it."""

    customer_no: str
    needed_by: Mapping[str, int]


def restore_customer(customer: Customer) -> CustomerRestored:
    """As it was: lost if it had been lost."""
    if customer.merged_into is not None:
        raise MergedAway(customer_no=customer.customer_no, merged_into=customer.merged_into)
    if customer.status != Status.DELETED:
        raise NotDeleted(detail=f"{customer.customer_no} was not deleted")
    status = Status.LOST if customer.stage == Stage.ENDED else Status.NORMAL
    customer.change(status=status, deleted_at=None)
    return CustomerRestored(**customer.standing())


def restore_contact(contact: Contact) -> ContactRestored:
    if contact.removed_at is None:
        raise NotDeleted(detail=f"Contact {contact.id} was not removed")
    contact.removed_at = None
    return ContactRestored(**contact.card())


def must_be_purgeable(customer: Customer, needed_by: Mapping[str, int]) -> None:
    """``needed_by`` counts what books and reports go back to. Raises NotDeleted or StillNeeded."""
    if customer.status != Status.DELETED:
        raise NotDeleted(detail=f"{customer.customer_no} was not deleted")
    needs = {what: count for what, count in needed_by.items() if count}
    if customer.merged_into is not None:
        needs["merges"] = 1
    if needs:
        raise StillNeeded(customer_no=customer.customer_no, needed_by=needs)


def purged_before(now: datetime, days: int) -> datetime:
    """What was deleted earlier than this is purged."""
    return now - timedelta(days=days)
