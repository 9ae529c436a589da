"""Looking at leads."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal, since, until
from chassis.problems import NotFound
from chassis.transaction import Transaction
from marketing.campaign.model import Campaign
from marketing.lead.model import Lead, lead_campaign
from marketing.remark.model import Remark

MOST_REMARKS = 100
SHOWN = [
    "id",
    "reference",
    "full_name",
    "salutation",
    "company",
    "job",
    "email",
    "phone",
    "mobile",
    "source",
    "status",
    "contact_summary",
    "next_contact_on",
    "owner_id",
    "owner_name",
    "created_at",
    "customer_no",
    "deal_id",
    "erased",
    "version",
]

LEADS = Listing(
    columns={name: getattr(Lead, name) for name in SHOWN},
    key=Lead.id,
    owners=(Lead.owner_id,),
    filters={
        "status": equal(Lead.status),
        "owner_id": equal(Lead.owner_id),
        "source": equal(Lead.source),
        "reference": equal(Lead.reference),
        "company": contains(Lead.company),
        "full_name": contains(Lead.full_name),
        "phone": equal(Lead.phone),
        "campaign_id": lambda text: Lead.id.in_(
            sa.select(lead_campaign.c.lead_id).where(equal(lead_campaign.c.campaign_id)(text))
        ),
        "next_contact_to": until(Lead.next_contact_on),
        "created_from": since(Lead.created_at),
        "created_to": until(Lead.created_at),
    },
    sorts={name: getattr(Lead, name) for name in ("created_at", "company", "full_name", "next_contact_on", "id")},
    default_sort="-created_at",
    search=(Lead.full_name, Lead.company, Lead.phone, Lead.mobile),
)

LINKED_CAMPAIGNS = Listing(
    columns={name: getattr(Campaign, name) for name in ("id", "name", "kind", "status", "starts_on", "ends_on")},
    key=Campaign.id,
    source=sa.join(Campaign, lead_campaign, lead_campaign.c.campaign_id == Campaign.id),
    filters={"name": contains(Campaign.name)},
    sorts={"name": Campaign.name, "id": Campaign.id},
    default_sort="id",
    search=(Campaign.name,),
    owned_through=(lead_campaign.c.lead_id, Lead.id, (Lead.owner_id,)),
)


def get_lead(tx: Transaction, lead_id: int) -> Lead:
    """One lead in the data scope. Raises NotFound."""
    found: Lead | None = tx.scalar(sa.select(Lead).where(Lead.id == lead_id, tx.principal.only_seen(*LEADS.owners)))
    if found is None:
        raise NotFound(detail=f"No lead {lead_id}")
    return found


def lead_history(tx: Transaction, lead_id: int) -> dict[str, Any]:
    """Everything that happened to one lead."""
    return history_of(tx, Lead.noun, get_lead(tx, lead_id).id)


def remarks_of(tx: Transaction, lead_id: int) -> list[str]:
    """What was written beside a lead, oldest first: it goes along when the lead is converted."""
    mine = (Remark.about == Lead.noun, Remark.record_id == lead_id)
    rows = tx.rows(sa.select(Remark.text).where(*mine).order_by(Remark.id).limit(MOST_REMARKS))
    return [row.text for row in rows]


def campaigns_of(tx: Transaction, lead_id: int) -> list[int]:
    """The campaigns a lead came of."""
    mine = sa.select(lead_campaign.c.campaign_id).where(lead_campaign.c.lead_id == lead_id)
    return [row.campaign_id for row in tx.rows(mine.order_by(lead_campaign.c.campaign_id))]
