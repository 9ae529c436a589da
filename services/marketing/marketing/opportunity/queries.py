"""Looking at opportunities."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal, present, since, until
from chassis.people import in_unit, person
from chassis.problems import NotFound
from chassis.transaction import Transaction
from marketing.opportunity.life_cycle import OpportunityAlreadyOpen, Status
from marketing.opportunity.model import ASSIGNEE_ROLE, Opportunity

SHOWN = [
    "id",
    "reference",
    "source",
    "customer_name",
    "title",
    "success_rate",
    "product",
    "amount_minor",
    "currency",
    "contact_name",
    "contact_phone",
    "creator_id",
    "creator_name",
    "created_at",
    "assignee_id",
    "assignee_name",
    "assigned_at",
    "status",
    "closed_at",
    "customer_no",
    "heat",
    "expected_on",
    "idle_since",
    "erased",
    "version",
]

OPPORTUNITIES = Listing(
    columns={name: getattr(Opportunity, name) for name in SHOWN},
    key=Opportunity.id,
    owners=(Opportunity.creator_id, Opportunity.assignee_id),
    filters={
        "status": equal(Opportunity.status),
        "assignee_id": equal(Opportunity.assignee_id),
        "creator_id": equal(Opportunity.creator_id),
        "unit_id": in_unit(Opportunity.assignee_id, Opportunity.creator_id),
        "product": equal(Opportunity.product),
        "heat": equal(Opportunity.heat),
        "idle": present(Opportunity.idle_since),
        "expected_from": since(Opportunity.expected_on),
        "expected_to": until(Opportunity.expected_on),
        "reference": equal(Opportunity.reference),
        "customer_name": contains(Opportunity.customer_name),
        "title": contains(Opportunity.title),
        "contact_name": contains(Opportunity.contact_name),
        "created_from": since(Opportunity.created_at),
        "created_to": until(Opportunity.created_at),
    },
    sorts={
        name: getattr(Opportunity, name) for name in ("id", "created_at", "customer_name", "success_rate", "status")
    },
    default_sort="-created_at",
    search=(Opportunity.customer_name, Opportunity.title, Opportunity.contact_name),
)


def get_opportunity(tx: Transaction, opportunity_id: int) -> Opportunity:
    """One opportunity in the data scope. Raises NotFound."""
    mine = (Opportunity.id == opportunity_id, tx.principal.only_seen(*OPPORTUNITIES.owners))
    found: Opportunity | None = tx.scalar(sa.select(Opportunity).where(*mine))
    if found is None:
        raise NotFound(detail=f"No opportunity {opportunity_id}")
    return found


def must_be_new(tx: Transaction, customer_name: str, product: str) -> None:
    """One open opportunity per customer and product; one statement. Raises OpportunityAlreadyOpen."""
    if not product:
        return
    same = (sa.func.lower(Opportunity.customer_name) == customer_name.lower(), Opportunity.product == product)
    still_open = Opportunity.status.in_((Status.UNASSIGNED, Status.IN_DEVELOPMENT))
    found = tx.scalar(sa.select(Opportunity.id).where(*same, still_open).limit(1))
    if found is not None:
        raise OpportunityAlreadyOpen(opportunity_id=found)


def plan_facts(_tx: Transaction, opportunity: Opportunity) -> dict[str, Any]:
    """What the plan says about winning; looked at only while somebody could win."""
    is_open = opportunity.status == Status.IN_DEVELOPMENT
    return {"plan_items_with_result": opportunity.plan_items_with_result if is_open else 0}


def opportunity_history(tx: Transaction, opportunity_id: int) -> dict[str, Any]:
    """Everything that happened to one opportunity."""
    return history_of(tx, Opportunity.noun, get_opportunity(tx, opportunity_id).id)


ASSIGNEES = Listing(
    columns={"user_id": person.c.user_id, "login": person.c.login, "full_name": person.c.full_name},
    key=person.c.user_id,
    where=(person.c.role == ASSIGNEE_ROLE, person.c.is_active),
    filters={"login": equal(person.c.login), "full_name": contains(person.c.full_name)},
    sorts={"full_name": person.c.full_name, "user_id": person.c.user_id},
    default_sort="full_name",
    search=(person.c.full_name,),
)
"""Who may be assigned: active account managers, as far as identity has told us."""
