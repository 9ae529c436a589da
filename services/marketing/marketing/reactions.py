"""What marketing hears from others, and what each causes."""

from __future__ import annotations

from chassis import flowing
from chassis.events import Heard
from chassis.transaction import Transaction
from marketing.flows import WIN


class CustomerOpened(Heard, type="customer.customer.opened", key="customer_no"):
    """A customer was opened, perhaps because of one of our opportunities."""

    customer_no: str
    opportunity_id: int | None = None


class CustomerMatched(Heard, type="customer.customer.matched", key="customer_no"):
    """A customer of this name was there already when our opportunity was won."""

    customer_no: str
    opportunity_id: int


class LinkRefused(Heard, type="customer.link.refused", key="opportunity_id"):
    """No customer can be opened for one of our opportunities."""

    opportunity_id: int
    reason: str


def go_on_with_win(tx: Transaction, event: CustomerOpened | CustomerMatched | LinkRefused) -> None:
    """Whoever became a customer because of an opportunity is what its flow waits for."""
    if event.opportunity_id is not None:
        flowing.hear(tx, WIN, event.opportunity_id, event)
