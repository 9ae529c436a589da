"""What marketing hears from others, and what each causes."""

from __future__ import annotations

from chassis.events import Heard
from chassis.transaction import Transaction
from marketing.opportunity.model import Opportunity


class CustomerOpened(Heard, type="customer.customer.opened", key="customer_no"):
    """A customer was opened, perhaps because of one of our opportunities."""

    customer_no: str
    opportunity_id: int | None = None


class CustomerMatched(Heard, type="customer.customer.matched", key="customer_no"):
    """A customer of this name was there already when our opportunity was won."""

    customer_no: str
    opportunity_id: int


def link_customer(tx: Transaction, event: CustomerOpened | CustomerMatched) -> None:
    """Remember which customer came of a won opportunity."""
    if event.opportunity_id is None:
        return
    opportunity = tx.find(Opportunity, event.opportunity_id)
    if opportunity is not None:
        tx.publish(opportunity.link(event.customer_no))
