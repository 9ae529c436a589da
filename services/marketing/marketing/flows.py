"""The long flows of marketing: a won opportunity waits for its customer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from chassis import flowing
from chassis.flows import Flow, Run, Step
from chassis.problems import NotFound
from chassis.settings import Settings
from chassis.transaction import Transaction
from marketing.opportunity.model import Opportunity, Status

if TYPE_CHECKING:
    from marketing.reactions import CustomerMatched, CustomerOpened, LinkRefused

PATIENCE = timedelta(minutes=15)
"""The link usually takes less than a second; after this long somebody should look why it does not come."""


def link_customer(tx: Transaction, run: Run, event: CustomerOpened | CustomerMatched) -> None:
    """Remember which customer came of it."""
    tx.publish(_opportunity(tx, run).link(event.customer_no))
    run.data["customer_no"] = event.customer_no


def ask_for_customer(tx: Transaction, run: Run) -> None:
    """Ask the customer service again."""
    tx.publish(_opportunity(tx, run).request_link())


def why_refused(event: LinkRefused) -> str:
    return event.reason


def _opportunity(tx: Transaction, run: Run) -> Opportunity:
    opportunity = tx.find(Opportunity, int(run.correlation_id))
    if opportunity is None:
        raise NotFound(detail=f"No opportunity {run.correlation_id}")
    return opportunity


WIN = Flow(
    name="win",
    steps=[
        Step(
            name="customer",
            within=PATIENCE,
            answers={"customer.customer.opened": link_customer, "customer.customer.matched": link_customer},
            refusals={"customer.link.refused": why_refused},
            asks=ask_for_customer,
            # Refusals and customers are said about different aggregates, so either may be heard first.
            takes_late_answers=True,
        )
    ],
)
"""Won, customer opened or found, linked. The opportunity stays won whatever becomes of the flow."""


def wait_for_earlier_wins(tx: Transaction, _settings: Settings) -> None:
    """Once after an upgrade: opportunities that were won before there were flows, and are not linked yet."""
    waiting = sa.select(Opportunity.id).where(Opportunity.status == Status.WON, Opportunity.customer_no.is_(None))
    flowing.start_all(tx, WIN, {row.id: {} for row in tx.rows(waiting)})
