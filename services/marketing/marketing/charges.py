"""What salespeople and marketers have in charge, and how it goes to others when they leave."""

from __future__ import annotations

from chassis.events import Event
from chassis.handing_over import Charge, Giving, HandOver
from marketing.campaign.life_cycle import OPEN as CAMPAIGN_OPEN
from marketing.campaign.life_cycle import Status as CampaignStatus
from marketing.campaign.model import Campaign
from marketing.deal.life_cycle import Status as DealStatus
from marketing.deal.model import Deal
from marketing.lead.life_cycle import OPEN as LEAD_OPEN
from marketing.lead.model import Lead
from marketing.marketing_plan.life_cycle import OPEN as MARKETING_PLAN_OPEN
from marketing.marketing_plan.model import MarketingPlan
from marketing.opportunity.life_cycle import Status as OpportunityStatus
from marketing.opportunity.model import ASSIGNEE_ROLE, Opportunity
from marketing.task.model import Status as TaskStatus
from marketing.task.model import Task


def give_opportunity(one: Opportunity, giving: Giving) -> Event:
    return one.assign(to_id=giving.to_id, to_name=giving.to_name, reason=giving.reason, at=giving.at)


def give_task(one: Task, giving: Giving) -> Event | None:
    return one.edit({"owner_id": giving.to_id, "owner_name": giving.to_name})


def give_lead(one: Lead, giving: Giving) -> Event | None:
    return one.transfer(to_id=giving.to_id, to_name=giving.to_name)


def give_deal(one: Deal, giving: Giving) -> Event | None:
    return one.transfer(to_id=giving.to_id, to_name=giving.to_name)


def give_campaign(one: Campaign, giving: Giving) -> Event:
    return one.hand_over(to_id=giving.to_id, to_name=giving.to_name)


def give_marketing_plan(one: MarketingPlan, giving: Giving) -> Event:
    return one.hand_over(to_id=giving.to_id, to_name=giving.to_name)


HAND_OVER = HandOver(
    "marketing",
    [
        Charge(
            "opportunity",
            Opportunity,
            whose=Opportunity.assignee_id,
            where=[Opportunity.status == OpportunityStatus.IN_DEVELOPMENT],
            gives=give_opportunity,
            role=ASSIGNEE_ROLE,
        ),
        Charge("lead", Lead, whose=Lead.owner_id, where=[Lead.status.in_(LEAD_OPEN)], gives=give_lead),
        Charge("deal", Deal, whose=Deal.owner_id, where=[Deal.status == DealStatus.OPEN], gives=give_deal),
        Charge(
            "campaign",
            Campaign,
            whose=Campaign.owner_id,
            where=[Campaign.status.in_((*CAMPAIGN_OPEN, CampaignStatus.FINISHED))],
            gives=give_campaign,
        ),
        Charge(
            "marketing-plan",
            MarketingPlan,
            whose=MarketingPlan.owner_id,
            where=[MarketingPlan.status.in_(MARKETING_PLAN_OPEN)],
            gives=give_marketing_plan,
        ),
        Charge("task", Task, whose=Task.owner_id, where=[Task.status == TaskStatus.OPEN], gives=give_task),
    ],
)
