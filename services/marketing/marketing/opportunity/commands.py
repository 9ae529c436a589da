"""Changing opportunities: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from chassis import dictionary, flowing, people
from chassis.transaction import Transaction
from marketing.flows import WIN
from marketing.opportunity.life_cycle import LIFE_CYCLE, Status
from marketing.opportunity.model import ASSIGNEE_ROLE, Opportunity
from marketing.opportunity.queries import must_be_new, plan_facts
from marketing.plan.model import PlanItem

IDLE_DAYS, DEFAULT_IDLE_DAYS = "idle days", 14
MOST_AT_ONCE = 500


def create_opportunity(tx: Transaction, fields: Mapping[str, Any]) -> Opportunity:
    """Record a new opportunity; who is signed in becomes its creator."""
    by = tx.principal
    must_be_new(tx, fields["customer_name"], fields.get("product", ""))
    opportunity = tx.add(Opportunity.begin(fields, by_id=by.user_id, by_name=by.name, at=tx.now))
    tx.publish(opportunity.created())
    return opportunity


def edit_opportunity(tx: Transaction, opportunity_id: int, fields: Mapping[str, Any]) -> Opportunity:
    """Correct an unassigned opportunity."""
    opportunity = tx.get(Opportunity, opportunity_id)
    tx.publish(opportunity.edit(fields))
    return opportunity


def delete_opportunity(tx: Transaction, opportunity_id: int) -> None:
    """Throw an unassigned opportunity away."""
    opportunity = tx.get(Opportunity, opportunity_id)
    tx.publish_removal(opportunity, opportunity.delete())


def assign_opportunity(tx: Transaction, opportunity_id: int, assignee_id: int, reason: str = "") -> Opportunity:
    """Give an opportunity to an active account manager."""
    opportunity = tx.get(Opportunity, opportunity_id)
    assignee = people.get_active(tx, assignee_id, ASSIGNEE_ROLE)
    tx.publish(opportunity.assign(to_id=assignee.user_id, to_name=assignee.full_name, reason=reason, at=tx.now))
    return opportunity


def progress_opportunity(tx: Transaction, opportunity_id: int, fields: Mapping[str, Any]) -> Opportunity:
    """Note what came of the work."""
    opportunity = tx.get(Opportunity, opportunity_id)
    LIFE_CYCLE.must_allow("progress", tx.case(opportunity))
    more = {name: value for name, value in fields.items() if name != "note"}
    tx.publish(opportunity.progress(more, note=fields.get("note", ""), at=tx.now))
    return opportunity


def find_idle_opportunities(tx: Transaction) -> str:
    """Say of each opportunity in development once that nothing has happened for as many days as the dictionary says."""
    days = next((int(value) for value in dictionary.newest(tx, IDLE_DAYS) if value.isdigit()), DEFAULT_IDLE_DAYS)
    limit = tx.now - timedelta(days=min(days, 3650))
    worked_on = sa.select(PlanItem.id).where(PlanItem.opportunity_id == Opportunity.id, PlanItem.executed_at > limit)
    idle = (
        Opportunity.status == Status.IN_DEVELOPMENT,
        Opportunity.idle_since.is_(None),
        Opportunity.moved_at <= limit,
    )
    found = sa.select(Opportunity).where(*idle, ~worked_on.exists()).order_by(Opportunity.moved_at).limit(MOST_AT_ONCE)
    opportunities = tx.load(Opportunity, found)
    tx.publish_all([(one.fall_idle(since=one.moved_at or tx.now), None) for one in opportunities])
    return f"{len(opportunities)} idle"


def win_opportunity(tx: Transaction, opportunity_id: int) -> Opportunity:
    """The customer buys: close the opportunity, and wait for the customer that comes of it."""
    opportunity = tx.get(Opportunity, opportunity_id)
    LIFE_CYCLE.must_allow("win", tx.case(opportunity, **plan_facts(tx, opportunity)))
    tx.publish(opportunity.win(at=tx.now))
    flowing.start(tx, WIN, opportunity_id)
    return opportunity


def fail_opportunity(tx: Transaction, opportunity_id: int, reason: str) -> Opportunity:
    """Stop the development."""
    opportunity = tx.get(Opportunity, opportunity_id)
    LIFE_CYCLE.must_allow("fail", tx.case(opportunity))
    tx.publish(opportunity.fail(reason=reason, at=tx.now))
    return opportunity
