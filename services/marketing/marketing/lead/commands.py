"""Changing leads: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from chassis import dictionary, flowing, people
from chassis.dialect import insert
from chassis.transaction import Transaction
from marketing import copies
from marketing.campaign.queries import must_take_deals
from marketing.flows import CONVERSION
from marketing.lead.life_cycle import LIFE_CYCLE, OPEN
from marketing.lead.model import CompanyKnown, Lead, LeadCampaignLinked, LeadCampaignUnlinked, lead_campaign
from marketing.lead.queries import remarks_of

MOST_AT_ONCE = 500
SALUTATION, SOURCE = "salutation", "opportunity source"


def create_lead(tx: Transaction, fields: Mapping[str, Any]) -> Lead:
    """Write down somebody who may become a customer; who is signed in owns the lead."""
    _must_be_known(tx, fields)
    lead = tx.add(Lead.begin(fields, by=tx.principal, at=tx.now))
    tx.publish(lead.created())
    return lead


def edit_lead(tx: Transaction, lead_id: int, fields: Mapping[str, Any]) -> Lead:
    """Correct what we know."""
    lead = _allowed(tx, lead_id, "edit")
    _must_be_known(tx, fields)
    tx.publish(lead.edit(fields))
    return lead


def try_lead(tx: Transaction, lead_id: int) -> Lead:
    """Note that somebody called and reached nobody."""
    lead = _allowed(tx, lead_id, "try")
    tx.publish(lead.try_to_reach())
    return lead


def contact_lead(
    tx: Transaction, lead_id: int, status: int, summary: str = "", next_contact_on: date | None = None
) -> Lead:
    """Note what was talked about."""
    lead = _allowed(tx, lead_id, "contact")
    tx.publish(lead.contact(status=status, summary=summary, next_contact_on=next_contact_on))
    return lead


def reject_lead(tx: Transaction, lead_id: int, status: int, reason: str) -> Lead:
    """Nothing comes of it."""
    lead = _allowed(tx, lead_id, "reject")
    tx.publish(lead.reject(status=status, reason=reason))
    return lead


def reopen_lead(tx: Transaction, lead_id: int) -> Lead:
    """Something comes of it after all."""
    lead = _allowed(tx, lead_id, "reopen")
    tx.publish(lead.reopen())
    return lead


def transfer_lead(tx: Transaction, lead_id: int, owner_id: int) -> Lead:
    """Let somebody else go on with it."""
    lead = _allowed(tx, lead_id, "transfer")
    owner = people.get_at_work(tx, owner_id)
    tx.publish(lead.transfer(to_id=owner.user_id, to_name=owner.full_name))
    return lead


def delete_lead(tx: Transaction, lead_id: int) -> None:
    """Throw a lead away that nobody has called."""
    lead = _allowed(tx, lead_id, "delete")
    tx.publish_removal(lead, lead.delete())


def link_campaign(tx: Transaction, lead_id: int, campaign_id: int) -> Lead:
    """Note that it came of a campaign; twice is once."""
    lead = _allowed(tx, lead_id, "link-campaign")
    must_take_deals(tx, campaign_id)
    statement = insert(tx.session, lead_campaign).values(lead_id=lead_id, campaign_id=campaign_id)
    if tx.execute(statement.on_conflict_do_nothing()).rowcount:
        tx.publish(LeadCampaignLinked(lead_id=lead_id, campaign_id=campaign_id))
    return lead


def unlink_campaign(tx: Transaction, lead_id: int, campaign_id: int) -> Lead:
    """Note that it did not."""
    lead = _allowed(tx, lead_id, "link-campaign")
    mine = (lead_campaign.c.lead_id == lead_id, lead_campaign.c.campaign_id == campaign_id)
    if tx.execute(sa.delete(lead_campaign).where(*mine)).rowcount:
        tx.publish(LeadCampaignUnlinked(lead_id=lead_id, campaign_id=campaign_id))
    return lead


def convert_lead(
    tx: Transaction, lead_id: int, customer_no: str | None = None, deal: Mapping[str, Any] | None = None
) -> Lead:
    """Make a customer, a contact and, if asked, a deal of it; the answer comes within moments."""
    lead = _allowed(tx, lead_id, "convert")
    known = None if customer_no else copies.find_by_name(tx, lead.company)
    if known:
        raise CompanyKnown(customer_no=known)
    tx.publish(lead.convert(customer_no=customer_no, remarks=remarks_of(tx, lead_id)))
    by = {"user_id": tx.principal.user_id, "name": tx.principal.name}
    flowing.start_again(tx, CONVERSION, lead_id, {"customer_no": customer_no, "deal": dict(deal or {}), "by": by})
    return lead


def remind_of_leads(tx: Transaction) -> str:
    """Say of each open lead once that the day to contact it has come."""
    waiting = (Lead.reminded_on.is_(None), Lead.status.in_(OPEN), Lead.erased == "")
    due = (Lead.next_contact_on <= tx.now.date(), *waiting)
    leads = tx.load(Lead, sa.select(Lead).where(*due).order_by(Lead.next_contact_on).limit(MOST_AT_ONCE))
    tx.publish_all([(lead.remind(on=tx.now.date()), None) for lead in leads])
    return f"{len(leads)} to contact"


def _allowed(tx: Transaction, lead_id: int, action: str) -> Lead:
    lead = tx.get(Lead, lead_id)
    LIFE_CYCLE.must_allow(action, tx.case(lead))
    return lead


def _must_be_known(tx: Transaction, fields: Mapping[str, Any]) -> None:
    kinds = ((SALUTATION, "salutation"), (SOURCE, "source"))
    dictionary.must_all_be_known(tx, [(kind, fields.get(name, ""), f"/{name}") for kind, name in kinds])
