"""Marketing: who may buy, and what we do about it."""

from __future__ import annotations

from pathlib import Path

from chassis import dictionary, numbering, people
from chassis.flow_desk import routes_of
from chassis.manifest import Service
from marketing.base import Base
from marketing.flows import WIN, wait_for_earlier_wins
from marketing.opportunity import model as opportunity
from marketing.opportunity.resources import routes as opportunity_routes
from marketing.plan import model as plan
from marketing.plan.resources import routes as plan_routes
from marketing.reactions import CustomerMatched, CustomerOpened, LinkRefused, go_on_with_win

service = Service(
    name="marketing",
    title="Guanxi marketing",
    metadata=Base.metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    routes=[*opportunity_routes, *plan_routes, *routes_of(WIN)],
    machines=[opportunity.LIFE_CYCLE],
    says=[
        opportunity.OpportunityCreated,
        opportunity.OpportunityEdited,
        opportunity.OpportunityDeleted,
        opportunity.OpportunityAssigned,
        opportunity.OpportunityWon,
        opportunity.OpportunityFailed,
        opportunity.OpportunityLinked,
        opportunity.OpportunityLinkRequested,
        plan.PlanItemAdded,
        plan.PlanItemEdited,
        plan.PlanItemDeleted,
        plan.PlanItemExecuted,
    ],
    hears={
        **people.REACTIONS,
        **dictionary.REACTIONS,
        **numbering.REACTIONS,
        CustomerOpened: go_on_with_win,
        CustomerMatched: go_on_with_win,
        LinkRefused: go_on_with_win,
    },
    flows=[WIN],
    seeds=[wait_for_earlier_wins],
)
