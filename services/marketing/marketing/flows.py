"""The long flows of marketing: a won opportunity, a deal and a converted lead wait for their customer."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from chassis import flowing
from chassis.flows import Flow, Run, Step
from chassis.principal import Principal
from chassis.problems import NotFound
from chassis.settings import Settings
from chassis.transaction import Aggregate, Transaction
from marketing.copies import present_number
from marketing.opportunity.life_cycle import Status
from marketing.opportunity.model import Opportunity

if TYPE_CHECKING:
    from marketing.deal.model import Deal
    from marketing.reactions import CustomerMatched, CustomerOpened, IntakeReceived, IntakeRefused, LinkRefused

A = TypeVar("A", bound=Aggregate)
PATIENCE = timedelta(minutes=15)
"""The link usually takes less than a second; after this long somebody should look why it does not come."""
CONVERSION_PATIENCE = timedelta(minutes=10)
"""A lead that is being converted cannot be worked on, so somebody looks sooner."""


def link_customer(tx: Transaction, run: Run, event: CustomerOpened | CustomerMatched) -> None:
    """Remember which customer came of it."""
    customer_no = present_number(tx, event.customer_no)
    tx.publish(_of(tx, Opportunity, run).link(customer_no))
    run.data["customer_no"] = customer_no


def ask_for_customer(tx: Transaction, run: Run) -> None:
    """Ask the customer service again."""
    tx.publish(_of(tx, Opportunity, run).request_link())


def why_refused(event: LinkRefused | IntakeRefused) -> str:
    return event.reason


def link_deal(tx: Transaction, run: Run, event: IntakeReceived) -> None:
    """Remember the customer that was opened for a deal."""
    from marketing.deal.model import Deal

    customer_no = present_number(tx, event.customer_no)
    tx.publish(_of(tx, Deal, run).link(customer_no=customer_no, contact_id=event.contact_id))


def ask_for_deals_customer(tx: Transaction, run: Run) -> None:
    from marketing.deal.model import Deal

    tx.publish(_of(tx, Deal, run).request_customer())


def finish_conversion(tx: Transaction, run: Run, event: IntakeReceived) -> None:
    """The customer and the contact are there: begin the deal, if one was asked for, and close the lead."""
    from marketing.lead.model import Lead
    from marketing.lead.queries import campaigns_of

    lead = _of(tx, Lead, run)
    event = dataclasses.replace(event, customer_no=present_number(tx, event.customer_no))
    campaigns = campaigns_of(tx, lead.id)
    deal = _deal_of(tx, run, lead, event, campaigns)
    said: dict[str, Any] = {"customer_no": event.customer_no, "contact_id": event.contact_id}
    said["deal_id"] = deal.id if deal else None
    run.data |= said
    tx.publish(lead.become_customer(**said, campaign_ids=campaigns, at=tx.now))


def _deal_of(tx: Transaction, run: Run, lead: Any, event: IntakeReceived, campaigns: list[int]) -> Deal | None:
    """The deal that was asked for, owned by whoever converted the lead, with the lead's remarks."""
    from marketing.copies import Partner
    from marketing.deal.commands import begin_deal
    from marketing.lead.queries import remarks_of
    from marketing.remark.model import Remark

    asked = dict(run.data.get("deal") or {})
    if not asked:
        return None
    asked["expected_on"] = date.fromisoformat(asked["expected_on"])
    asked.setdefault("campaign_id", campaigns[0] if campaigns else None)
    by, heard_by = run.data["by"], tx.principal
    tx.principal = Principal(user_id=by["user_id"], name=by["name"], kind="user")
    partner = Partner(event.customer_no, lead.company, event.contact_id, lead.full_name)
    deal = begin_deal(tx, {**asked, "source": lead.source, "lead_id": lead.id}, partner)
    texts = remarks_of(tx, lead.id)
    remarks = [Remark.begin("deal", deal.id, text, by=tx.principal, at=tx.now) for text in texts]
    tx.add_all(remarks)
    tx.publish_all([(remark.written(), None) for remark in remarks])
    tx.principal = heard_by
    return deal


def ask_for_conversion(tx: Transaction, run: Run) -> None:
    """Ask the customer service again to take the lead in."""
    from marketing.lead.model import Lead
    from marketing.lead.queries import remarks_of

    lead = _of(tx, Lead, run)
    remarks = remarks_of(tx, lead.id)
    tx.publish(lead.request_conversion(customer_no=run.data.get("customer_no"), remarks=remarks))


def give_lead_back(tx: Transaction, run: Run, reason: str) -> None:
    """Nothing was kept of it there; here somebody can work on the lead again."""
    from marketing.lead.life_cycle import Status as LeadStatus
    from marketing.lead.model import Lead

    lead = _of(tx, Lead, run)
    if lead.status == LeadStatus.CONVERTING:
        tx.publish(lead.come_back(reason=reason[:500]))


def _of(tx: Transaction, kind: type[A], run: Run) -> A:
    found = tx.find(kind, int(run.correlation_id))
    if found is None:
        raise NotFound(detail=f"No {kind.noun} {run.correlation_id}")
    return found


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
    about=("opportunity", "prospect"),
)
"""Won, customer opened or found, linked. The opportunity stays won whatever becomes of the flow."""
DEAL_CUSTOMER = Flow(
    name="deal-customer",
    steps=[
        Step(
            name="customer",
            within=PATIENCE,
            answers={"customer.intake.received": link_deal},
            refusals={"customer.intake.refused": why_refused},
            asks=ask_for_deals_customer,
            takes_late_answers=True,
        )
    ],
    about=("deal", "buyer"),
)
"""A deal with somebody we do not know: customer opened or found, linked. The deal goes on meanwhile."""
CONVERSION = Flow(
    name="conversion",
    steps=[
        Step(
            name="customer",
            within=CONVERSION_PATIENCE,
            answers={"customer.intake.received": finish_conversion},
            refusals={"customer.intake.refused": why_refused},
            asks=ask_for_conversion,
        )
    ],
    gives_back=give_lead_back,
    about=("lead",),
)
"""A lead becomes a customer, a contact and perhaps a deal; refused or cancelled, it is open again."""


def wait_for_earlier_wins(tx: Transaction, _settings: Settings) -> None:
    """Once after an upgrade: opportunities that were won before there were flows, and are not linked yet."""
    waiting = sa.select(Opportunity.id).where(Opportunity.status == Status.WON, Opportunity.customer_no.is_(None))
    flowing.start_all(tx, WIN, {row.id: {} for row in tx.rows(waiting)})
