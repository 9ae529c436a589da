"""Looking at campaigns in the month in which they begin; whoever sees a campaign sees all that came of it."""

from __future__ import annotations

from typing import Any

from reporting.facts.campaign import campaign_cost, campaign_fact, campaign_response
from reporting.facts.customer import customer_fact
from reporting.facts.deal import WON, deal_fact
from reporting.facts.lead import CONVERTED, lead_fact, lead_of_campaign
from reporting.grouped import IN_A_MONTH, PERSON, Dimension, Grouping, share, to_be_grouped
from reporting.report import Figure, How, Records

TABLE = campaign_fact.c
CAMPAIGN = Dimension("A campaign's id", (TABLE.campaign_id, TABLE.name))


def of_campaigns(*where: Any, **known: Any) -> Records:
    """Records that belong to a campaign that was not thrown away."""
    return to_be_grouped(
        {"campaign": TABLE.campaign_id, "kind": TABLE.kind, "person": TABLE.owner_id, "month": TABLE.starts_month},
        month=TABLE.starts_month,
        person=TABLE.owner_id,
        owners=(TABLE.owner_id,),
        where=(~TABLE.is_deleted, *where),
        **known,
    )


CAMPAIGNS = of_campaigns(
    noun="campaign",
    id=TABLE.campaign_id,
    source=campaign_fact,
    amount_minor=TABLE.budget_minor,
    currency=TABLE.currency,
)
COSTS = of_campaigns(
    noun="campaign-cost",
    part_of=("campaign", campaign_cost.c.campaign_id),
    id=campaign_cost.c.cost_id,
    source=campaign_cost.join(campaign_fact, TABLE.campaign_id == campaign_cost.c.campaign_id),
    amount_minor=campaign_cost.c.amount_minor,
    currency=campaign_cost.c.currency,
)
RESPONSES = of_campaigns(
    noun="campaign-response",
    part_of=("campaign", campaign_response.c.campaign_id),
    id=campaign_response.c.response_id,
    source=campaign_response.join(campaign_fact, TABLE.campaign_id == campaign_response.c.campaign_id),
)
LEADS = of_campaigns(
    lead_of_campaign.c.is_linked,
    ~lead_fact.c.is_deleted,
    noun="lead-of-campaign",
    part_of=("lead", lead_of_campaign.c.lead_id),
    id=lead_of_campaign.c.link_id,
    source=lead_of_campaign.join(campaign_fact, TABLE.campaign_id == lead_of_campaign.c.campaign_id).join(
        lead_fact, lead_fact.c.lead_id == lead_of_campaign.c.lead_id
    ),
)
DEALS = of_campaigns(
    noun="deal",
    id=deal_fact.c.deal_id,
    source=deal_fact.join(campaign_fact, TABLE.campaign_id == deal_fact.c.campaign_id).outerjoin(
        customer_fact, customer_fact.c.customer_no == deal_fact.c.customer_no
    ),
    customer_no=deal_fact.c.customer_no,
    customer_name=customer_fact.c.name,
    amount_minor=deal_fact.c.amount_minor,
    currency=deal_fact.c.currency,
)
IS_WON = (deal_fact.c.status == WON,)
GROUPING = Grouping(
    figures={
        "campaigns": Figure(CAMPAIGNS),
        "target_responses": Figure(CAMPAIGNS, (TABLE.target_responses > 0,), How.SUM, TABLE.target_responses),
        "responses": Figure(RESPONSES, how=How.SUM, measured=campaign_response.c.responses),
        "leads": Figure(LEADS),
        "converted": Figure(LEADS, (lead_fact.c.status_code == CONVERTED,)),
        "deals": Figure(DEALS),
        "won": Figure(DEALS, IS_WON),
        "budget": Figure(CAMPAIGNS, how=How.MONEY),
        "cost": Figure(COSTS, how=How.MONEY),
        "won_amount": Figure(DEALS, IS_WON, How.MONEY),
    },
    dimensions={"campaign": CAMPAIGN, "kind": Dimension("A kind of campaign"), "person": PERSON, "month": IN_A_MONTH},
    sources=("marketing", "identity"),
    parts={
        "response_rate": ("Of the responses aimed at", lambda one: share(one.responses, one.target_responses)),
        "conversion": ("Of the leads", lambda one: share(one.converted, one.leads)),
    },
    parts_of_amounts={
        "budget_used": ("Cost, of the budget", lambda one: share(one.cost, one.budget)),
        "return_on_cost": ("What was won beyond the cost, of the cost",
                           lambda one: share(one.won_amount - one.cost, one.cost)),
    },
)  # fmt: skip
