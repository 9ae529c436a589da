"""Looking at plans."""

from __future__ import annotations

from chassis.pages import Listing, since, until
from marketing.opportunity.model import Opportunity
from marketing.plan.model import PlanItem

SHOWN = ["id", "opportunity_id", "planned_for", "todo", "result", "executed_at", "version"]

PLAN_ITEMS = Listing(
    columns={name: getattr(PlanItem, name) for name in SHOWN},
    key=PlanItem.id,
    filters={"planned_from": since(PlanItem.planned_for), "planned_to": until(PlanItem.planned_for)},
    sorts={"planned_for": PlanItem.planned_for, "id": PlanItem.id},
    default_sort="planned_for",
    search=(PlanItem.todo, PlanItem.result),
    owned_through=(PlanItem.opportunity_id, Opportunity.id, (Opportunity.creator_id, Opportunity.assignee_id)),
)
