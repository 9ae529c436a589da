"""Changing plans: every change asks the opportunity first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.machine import Guard
from chassis.problems import NotFound
from chassis.transaction import Transaction
from marketing.opportunity.life_cycle import is_assigned, is_developed_by, must_be_in_development
from marketing.opportunity.model import Opportunity
from marketing.plan.model import PlanItem


def add_plan_item(tx: Transaction, opportunity_id: int, planned_for: datetime, todo: str) -> PlanItem:
    """Plan something to do."""
    _must_be_in_development(tx, opportunity_id, is_developed_by)
    item = tx.add(PlanItem(opportunity_id=opportunity_id, planned_for=planned_for, todo=todo, result=""))
    tx.publish(item.added())
    return item


def edit_plan_item(tx: Transaction, opportunity_id: int, item_id: int, fields: Mapping[str, Any]) -> PlanItem:
    """Plan it otherwise."""
    _must_be_in_development(tx, opportunity_id, is_developed_by)
    item = _item_of(tx, opportunity_id, item_id)
    tx.publish(item.edit(fields))
    return item


def delete_plan_item(tx: Transaction, opportunity_id: int, item_id: int) -> None:
    """Do not do it after all."""
    _must_be_in_development(tx, opportunity_id, is_developed_by)
    item = _item_of(tx, opportunity_id, item_id)
    tx.publish_removal(item, item.delete())


def execute_plan_item(tx: Transaction, opportunity_id: int, item_id: int, result: str) -> PlanItem:
    """Record what came of it; only the assignee can know."""
    _must_be_in_development(tx, opportunity_id, is_assigned)
    item = _item_of(tx, opportunity_id, item_id)
    tx.publish(item.execute(result=result, at=tx.now))
    return item


def _must_be_in_development(tx: Transaction, opportunity_id: int, guard: Guard) -> None:
    expected, tx.expected_version = tx.expected_version, None  # If-Match speaks of the item, not of this
    opportunity = tx.get(Opportunity, opportunity_id)
    tx.expected_version = expected
    must_be_in_development(opportunity)
    opportunity.must_take_text()
    guard(tx.case(opportunity))


def _item_of(tx: Transaction, opportunity_id: int, item_id: int) -> PlanItem:
    item = tx.get(PlanItem, item_id)
    if item.opportunity_id != opportunity_id:
        raise NotFound(detail=f"No plan item {item_id} in opportunity {opportunity_id}")
    return item
