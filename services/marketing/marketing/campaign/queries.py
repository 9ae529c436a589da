"""Looking at campaigns; everybody with the right sees all, because leads and deals of anybody may come of one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal, since, until
from chassis.problems import Conflict, NotFound, wrong_field
from chassis.transaction import Transaction
from marketing.campaign.life_cycle import TAKES_DEALS
from marketing.campaign.model import Campaign, Cost, Member, Response

SHOWN = [
    "id",
    "name",
    "kind",
    "status",
    "owner_id",
    "owner_name",
    "starts_on",
    "ends_on",
    "budget_minor",
    "cost_minor",
    "currency",
    "target_responses",
    "responses",
    "score",
    "description",
    "created_at",
    "version",
]

CAMPAIGNS = Listing(
    columns={name: getattr(Campaign, name) for name in SHOWN},
    key=Campaign.id,
    filters={
        "status": equal(Campaign.status),
        "kind": equal(Campaign.kind),
        "owner_id": equal(Campaign.owner_id),
        "owner_name": contains(Campaign.owner_name),
        "name": contains(Campaign.name),
        "starts_from": since(Campaign.starts_on),
        "ends_to": until(Campaign.ends_on),
    },
    sorts={name: getattr(Campaign, name) for name in ("created_at", "name", "starts_on", "ends_on", "id")},
    default_sort="-created_at",
    search=(Campaign.name, Campaign.owner_name),
)
MEMBERS = Listing(
    columns={name: getattr(Member, name) for name in ("id", "kind", "reference", "name")},
    key=Member.id,
    filters={"kind": equal(Member.kind), "reference": equal(Member.reference)},
    sorts={"id": Member.id, "name": Member.name},
    default_sort="id",
    search=(Member.name,),
)
COSTS = Listing(
    columns={name: getattr(Cost, name) for name in ("id", "description", "amount_minor", "spent_on", "by_name")},
    key=Cost.id,
    filters={"spent_from": since(Cost.spent_on), "spent_to": until(Cost.spent_on)},
    sorts={"id": Cost.id, "spent_on": Cost.spent_on, "amount_minor": Cost.amount_minor},
    default_sort="-id",
    search=(Cost.description,),
)
RESPONSES = Listing(
    columns={
        name: getattr(Response, name) for name in ("id", "channel", "outside_id", "number", "note", "received_on")
    },
    key=Response.id,
    filters={"channel": equal(Response.channel)},
    sorts={"id": Response.id, "received_on": Response.received_on},
    default_sort="-id",
    search=(Response.note,),
)


class CampaignTakesNone(Conflict):
    """Leads and deals come of campaigns that are approved, running or finished."""

    campaign_id: int
    campaign_status: str


def get_campaign(tx: Transaction, campaign_id: int) -> Campaign:
    """One campaign. Raises NotFound."""
    found: Campaign | None = tx.scalar(sa.select(Campaign).where(Campaign.id == campaign_id))
    if found is None:
        raise NotFound(detail=f"No campaign {campaign_id}")
    return found


def campaign_history(tx: Transaction, campaign_id: int) -> dict[str, Any]:
    """Everything that happened to one campaign."""
    return history_of(tx, Campaign.noun, get_campaign(tx, campaign_id).id)


def must_take_deals(tx: Transaction, campaign_id: int) -> None:
    """Raises Invalid when there is no such campaign, CampaignTakesNone when nothing can come of it."""
    row = tx.row(sa.select(Campaign.status).where(Campaign.id == campaign_id))
    if row is None:
        raise wrong_field("/campaign_id", "There is no such campaign")
    if row.status not in TAKES_DEALS:
        raise CampaignTakesNone(campaign_id=campaign_id, campaign_status=row.status)


def campaign_return(tx: Transaction, campaign_id: int) -> dict[str, Any]:
    """Won and open amounts of the deals that came of a campaign in its currency, against what it cost."""
    from chassis.fields import amount_text
    from marketing.deal.model import Deal

    campaign = get_campaign(tx, campaign_id)
    mine = (Deal.campaign_id == campaign_id, Deal.currency == campaign.currency)
    sums = (sa.func.count().label("deals"), sa.func.coalesce(sa.func.sum(Deal.amount_minor), 0).label("amount"))
    rows = tx.rows(sa.select(Deal.status, *sums).where(*mine).group_by(Deal.status))
    by_status = {row.status: (row.deals, int(row.amount)) for row in rows}
    won_deals, won = by_status.get("won", (0, 0))
    open_deals, expected = by_status.get("open", (0, 0))
    return {
        "campaign_id": campaign_id,
        "currency": campaign.currency,
        "budget": amount_text(campaign.budget_minor),
        "cost": amount_text(campaign.cost_minor),
        "won_deals": won_deals,
        "won_amount": amount_text(won),
        "open_deals": open_deals,
        "open_amount": amount_text(expected),
        "return_on_investment": round((won - campaign.cost_minor) / campaign.cost_minor, 4)
        if campaign.cost_minor
        else None,
    }
