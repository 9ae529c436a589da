"""Looking at marketing plans, and at who was where."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis import people
from chassis.fields import amount_text
from chassis.history import history_of
from chassis.pages import Listing, contains, equal, present, since, until
from chassis.problems import NotFound
from chassis.transaction import Transaction
from marketing.marketing_plan.model import CheckIn, MarketingPlan

SHOWN = [
    "id",
    "plan_no",
    "title",
    "kind",
    "sub_kind",
    "goal",
    "status",
    "owner_id",
    "owner_name",
    "starts_on",
    "ends_on",
    "cost_minor",
    "currency",
    "needs_second_review",
    "reviewer_id",
    "reviewer_name",
    "check_ins",
    "first_check_in_at",
    "late_at",
    "achievement",
    "created_at",
    "version",
]

MARKETING_PLANS = Listing(
    columns={name: getattr(MarketingPlan, name) for name in SHOWN},
    key=MarketingPlan.id,
    owners=(MarketingPlan.owner_id,),
    filters={
        "status": equal(MarketingPlan.status),
        "kind": equal(MarketingPlan.kind),
        "sub_kind": equal(MarketingPlan.sub_kind),
        "plan_no": equal(MarketingPlan.plan_no),
        "title": contains(MarketingPlan.title),
        "owner_id": equal(MarketingPlan.owner_id),
        "unit_id": people.in_unit(MarketingPlan.owner_id),
        "starts_from": since(MarketingPlan.starts_on),
        "starts_to": until(MarketingPlan.starts_on),
        "created_from": since(MarketingPlan.created_at),
        "created_to": until(MarketingPlan.created_at),
        "late": present(MarketingPlan.late_at),
    },
    sorts={name: getattr(MarketingPlan, name) for name in ("created_at", "starts_on", "ends_on", "cost_minor", "id")},
    default_sort="-created_at",
    search=(MarketingPlan.title, MarketingPlan.plan_no, MarketingPlan.owner_name),
)
_shown = ("id", "marketing_plan_id", "kind", "at", "latitude", "longitude", "region", "note", "photo_id", "is_late",
          "by_id", "by_name")  # fmt: skip
CHECK_INS = Listing(
    columns={name: getattr(CheckIn, name) for name in _shown},
    key=CheckIn.id,
    owned_through=(CheckIn.marketing_plan_id, MarketingPlan.id, (MarketingPlan.owner_id,)),
    filters={
        "marketing_plan_id": equal(CheckIn.marketing_plan_id),
        "kind": equal(CheckIn.kind),
        "by_id": equal(CheckIn.by_id),
        "unit_id": people.in_unit(CheckIn.by_id),
        "region": contains(CheckIn.region),
        "is_late": equal(CheckIn.is_late),
        "from": since(CheckIn.at),
        "to": until(CheckIn.at),
    },
    sorts={"at": CheckIn.at, "id": CheckIn.id},
    default_sort="-at",
    search=(CheckIn.by_name, CheckIn.region, CheckIn.note),
)


def get_marketing_plan(tx: Transaction, marketing_plan_id: int) -> MarketingPlan:
    """One marketing plan in the data scope. Raises NotFound."""
    mine = (MarketingPlan.id == marketing_plan_id, tx.principal.only_seen(*MARKETING_PLANS.owners))
    found: MarketingPlan | None = tx.scalar(sa.select(MarketingPlan).where(*mine))
    if found is None:
        raise NotFound(detail=f"No marketing plan {marketing_plan_id}")
    return found


def marketing_plan_history(tx: Transaction, marketing_plan_id: int) -> dict[str, Any]:
    """Everything that happened to one marketing plan."""
    return history_of(tx, MarketingPlan.noun, get_marketing_plan(tx, marketing_plan_id).id)


def sum_up(tx: Transaction, **asked: Any) -> dict[str, Any]:
    """How many marketing plans there are of each kind and state, in the data scope; the list's filters hold here too.

    ``achievement`` is the average of those who said how far the goal was reached.
    """
    group = (MarketingPlan.kind, MarketingPlan.status, MarketingPlan.currency)
    sums = (
        sa.func.count().label("plans"),
        sa.func.count(MarketingPlan.late_at).label("late"),
        sa.func.sum(MarketingPlan.check_ins).label("check_ins"),
        sa.func.sum(MarketingPlan.cost_minor).label("cost_minor"),
        sa.func.avg(MarketingPlan.achievement).label("achievement"),
    )
    mine = MARKETING_PLANS.conditions(tx, asked)
    rows = tx.rows(sa.select(*group, *sums).where(*mine).group_by(*group).order_by(*group))
    return {"items": [_summed(row) for row in rows]}


def _summed(row: Any) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in ("kind", "status", "currency", "plans", "late")}
    reached = None if row.achievement is None else round(float(row.achievement), 1)
    return {**kept, "check_ins": int(row.check_ins), "cost": amount_text(int(row.cost_minor)), "achievement": reached}
