"""Looking at visits."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal, present, since, until
from chassis.problems import NotFound
from chassis.transaction import Transaction
from service_desk.visit.model import Visit

SHOWN = [
    "id",
    "subject",
    "customer_no",
    "customer_name",
    "contact_name",
    "deal_id",
    "request_id",
    "complaint_id",
    "planned_for",
    "priority",
    "status",
    "owner_id",
    "owner_name",
    "satisfaction",
    "remind_at",
    "reminded_at",
    "done_at",
    "erased",
    "version",
]

VISITS = Listing(
    columns={name: getattr(Visit, name) for name in SHOWN},
    key=Visit.id,
    owners=(Visit.owner_id,),
    filters={
        "status": equal(Visit.status),
        "priority": equal(Visit.priority),
        "owner_id": equal(Visit.owner_id),
        "customer_no": equal(Visit.customer_no),
        "customer_name": contains(Visit.customer_name),
        "deal_id": equal(Visit.deal_id),
        "request_id": equal(Visit.request_id),
        "complaint_id": equal(Visit.complaint_id),
        "planned_from": since(Visit.planned_for),
        "planned_to": until(Visit.planned_for),
        "reminded": present(Visit.reminded_at),
    },
    sorts={name: getattr(Visit, name) for name in ("planned_for", "priority", "customer_name", "id")},
    default_sort="planned_for",
    search=(Visit.subject, Visit.customer_name),
)


def get_visit(tx: Transaction, visit_id: int) -> Visit:
    """One visit in the data scope. Raises NotFound."""
    mine = (Visit.id == visit_id, tx.principal.only_seen(*VISITS.owners))
    found: Visit | None = tx.scalar(sa.select(Visit).where(*mine))
    if found is None:
        raise NotFound(detail=f"No visit {visit_id}")
    return found


def visit_history(tx: Transaction, visit_id: int) -> dict[str, Any]:
    """Everything that happened to one visit."""
    return history_of(tx, Visit.noun, get_visit(tx, visit_id).id)
