"""What becomes of our records when a customer becomes part of another one, or goes to another account manager."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.people import person
from chassis.transaction import Transaction
from marketing.deal.life_cycle import Status as DealStatus
from marketing.deal.model import Deal
from marketing.lead.model import Lead
from marketing.opportunity.model import Opportunity


def relink(tx: Transaction, customer_no: str, *, to: str) -> None:
    """Opportunities, leads and deals with one customer are with another; each says so, once."""
    opportunities = sa.select(Opportunity).where(Opportunity.customer_no == customer_no).order_by(Opportunity.id)
    tx.publish_all([(one.link(to), None) for one in tx.load(Opportunity, opportunities)])
    leads = sa.select(Lead).where(Lead.customer_no == customer_no).order_by(Lead.id)
    tx.publish_all([(one.relink(to), None) for one in tx.load(Lead, leads)])
    deals = sa.select(Deal).where(Deal.customer_no == customer_no).order_by(Deal.id)
    tx.publish_all([(one.link(customer_no=to, contact_id=None), None) for one in tx.load(Deal, deals)])


def hand_over(tx: Transaction, customer_no: str, from_id: int, to_id: int) -> None:
    """The open deals that somebody has with a customer are somebody else's; nobody whom we do not know gets any."""
    name = tx.scalar(sa.select(person.c.full_name).where(person.c.user_id == to_id, person.c.is_active))
    if name is None:
        return
    mine = (Deal.customer_no == customer_no, Deal.owner_id == from_id, Deal.status == DealStatus.OPEN)
    deals = tx.load(Deal, sa.select(Deal).where(*mine).order_by(Deal.id))
    tx.publish_all([(one.transfer(to_id=to_id, to_name=name), None) for one in deals])
