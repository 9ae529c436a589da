"""What becomes of our records when a customer becomes part of another one, or goes to another account manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from chassis.people import person
from chassis.transaction import Transaction
from marketing.copies import name_key
from marketing.deal.life_cycle import Status as DealStatus
from marketing.deal.model import Deal
from marketing.lead.model import Lead
from marketing.opportunity.life_cycle import Status as OpportunityStatus
from marketing.opportunity.model import Opportunity

if TYPE_CHECKING:
    from marketing.reactions import CustomerTransferred

FOLLOWS = "客户 {0} 已转移 (customer {0} was transferred)"
"""Why an opportunity has another assignee; what people wrote about the transfer stands at the customer alone."""


def relink(tx: Transaction, customer_no: str, *, to: str) -> None:
    """Opportunities, leads and deals with one customer are with another; each says so, once."""
    opportunities = sa.select(Opportunity).where(Opportunity.customer_no == customer_no).order_by(Opportunity.id)
    tx.publish_all([(one.link(to), None) for one in tx.load(Opportunity, opportunities)])
    leads = sa.select(Lead).where(Lead.customer_no == customer_no).order_by(Lead.id)
    tx.publish_all([(one.relink(to), None) for one in tx.load(Lead, leads)])
    deals = sa.select(Deal).where(Deal.customer_no == customer_no).order_by(Deal.id)
    tx.publish_all([(one.link(customer_no=to, contact_id=None), None) for one in tx.load(Deal, deals)])


def hand_over(tx: Transaction, transferred: CustomerTransferred) -> None:
    """What the old manager has under way with a customer is the new one's; nobody whom we do not know gets any."""
    to_id = transferred.manager_id or 0
    name = tx.scalar(sa.select(person.c.full_name).where(person.c.user_id == to_id, person.c.is_active))
    if name is None:
        return
    mine = (Deal.customer_no == transferred.customer_no, Deal.owner_id == transferred.from_manager_id)
    deals = tx.load(Deal, sa.select(Deal).where(*mine, Deal.status == DealStatus.OPEN).order_by(Deal.id))
    tx.publish_all([(one.transfer(to_id=to_id, to_name=name), None) for one in deals])
    to = {"to_id": to_id, "to_name": name, "reason": FOLLOWS.format(transferred.customer_no), "at": tx.now}
    opportunities = _developed_for(tx, transferred.name, transferred.from_manager_id)
    tx.publish_all([(one.assign(**to), None) for one in opportunities])


def _developed_for(tx: Transaction, customer_name: str, assignee_id: int) -> list[Opportunity]:
    """Until an opportunity is won it knows its customer by name."""
    mine = (Opportunity.assignee_id == assignee_id, Opportunity.status == OpportunityStatus.IN_DEVELOPMENT)
    named = tx.rows(sa.select(Opportunity.id, Opportunity.customer_name).where(*mine)) if customer_name else ()
    wanted = [row.id for row in named if name_key(row.customer_name) == name_key(customer_name)]
    meant = sa.select(Opportunity).where(Opportunity.id.in_(wanted), *mine).order_by(Opportunity.id)
    return tx.load(Opportunity, meant) if wanted else []
