"""Plans over HTTP: the items of one opportunity."""

from __future__ import annotations

import marshmallow as ma

from chassis.fields import Body, Required, Text, View, When
from chassis.personal import PersonErased
from chassis.routes import Route
from marketing.opportunity.life_cycle import NotTheAssignee, OpportunityClosed, OpportunityNotInDevelopment
from marketing.plan import commands, queries
from marketing.plan.model import PlanItem, PlanItemExecutedAlready


class PlanItemFields(Body):
    """What is to be done, and when."""

    planned_for = When(required=True)
    todo = Required(500)


class PlanItemEdit(Body):
    """Another time, or something else to do."""

    planned_for = When()
    todo = Text(500, shortest=1)


class Execution(Body):
    """What came of it."""

    result = Required(500)


class PlanItemView(View):
    """One item of a plan."""

    id = ma.fields.Integer(required=True)
    opportunity_id = ma.fields.Integer(required=True)
    planned_for = ma.fields.AwareDateTime(required=True)
    todo = ma.fields.String(required=True)
    result = ma.fields.String(required=True)
    executed_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    version = ma.fields.Integer(required=True)


ALL = "/opportunities/<int:opportunity_id>/plan"
ONE = ALL + "/<int:item_id>"
READ_ONLY = (OpportunityClosed, OpportunityNotInDevelopment, NotTheAssignee, PersonErased)

routes = [
    Route(method="GET", path=ALL, lists=queries.PLAN_ITEMS, within={"opportunity_id": PlanItem.opportunity_id},
          gives=PlanItemView, needs="plan:read"),
    Route(method="POST", path=ALL, calls=commands.add_plan_item, takes=PlanItemFields, gives=PlanItemView,
          needs="plan:write", status=201, refuses=READ_ONLY),
    Route(method="PATCH", path=ONE, calls=commands.edit_plan_item, takes=PlanItemEdit, gives=PlanItemView,
          needs="plan:write", needs_version=True, refuses=(*READ_ONLY, PlanItemExecutedAlready)),
    Route(method="DELETE", path=ONE, calls=commands.delete_plan_item, needs="plan:write", status=204,
          needs_version=True, refuses=(*READ_ONLY, PlanItemExecutedAlready)),
    Route(method="POST", path=ONE + "/execution", calls=commands.execute_plan_item, takes=Execution,
          gives=PlanItemView, needs="plan:execute", refuses=READ_ONLY),
]  # fmt: skip
