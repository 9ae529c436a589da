"""Changing opportunities: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis import flowing, people
from chassis.transaction import Transaction
from marketing.flows import WIN
from marketing.opportunity.model import ASSIGNEE_ROLE, LIFE_CYCLE, Opportunity
from marketing.opportunity.queries import plan_facts


def create_opportunity(tx: Transaction, fields: Mapping[str, Any]) -> Opportunity:
    """Record a new opportunity; who is signed in becomes its creator."""
    by = tx.principal
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
