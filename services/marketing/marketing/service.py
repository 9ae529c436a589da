"""Marketing: who may buy, and what we do about it."""

from __future__ import annotations

from pathlib import Path

from chassis import people
from chassis.manifest import Service
from marketing.base import Base
from marketing.opportunity import model as opportunity
from marketing.opportunity.resources import routes as opportunity_routes
from marketing.plan import model as plan
from marketing.plan.resources import routes as plan_routes
from marketing.reactions import CustomerMatched, CustomerOpened, link_customer

service = Service(
    name="marketing",
    title="Guanxi marketing",
    metadata=Base.metadata,
    migrations=Path(__file__).parent.parent / "migrations",
    routes=[*opportunity_routes, *plan_routes],
    says=[
        opportunity.OpportunityCreated,
        opportunity.OpportunityEdited,
        opportunity.OpportunityDeleted,
        opportunity.OpportunityAssigned,
        opportunity.OpportunityWon,
        opportunity.OpportunityFailed,
        opportunity.OpportunityLinked,
        plan.PlanItemAdded,
        plan.PlanItemEdited,
        plan.PlanItemDeleted,
        plan.PlanItemExecuted,
    ],
    hears={
        **people.REACTIONS,
        CustomerOpened: link_customer,
        CustomerMatched: link_customer,
    },
)
