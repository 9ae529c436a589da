"""Looking at complaints."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal, present, since, until
from chassis.problems import NotFound
from chassis.transaction import Transaction
from service_desk.complaint.model import Complaint

SHOWN = [
    "id",
    "complaint_no",
    "title",
    "severity",
    "customer_no",
    "customer_name",
    "status",
    "creator_id",
    "creator_name",
    "entered_at",
    "assignee_id",
    "assignee_name",
    "handler_id",
    "handler_name",
    "answer_by",
    "due_at",
    "answered_at",
    "overdue_at",
    "satisfaction",
    "closed_at",
    "version",
]

COMPLAINTS = Listing(
    columns={name: getattr(Complaint, name) for name in SHOWN},
    key=Complaint.id,
    owners=(Complaint.creator_id, Complaint.assignee_id),
    filters={
        "status": equal(Complaint.status),
        "severity": equal(Complaint.severity),
        "complaint_no": equal(Complaint.complaint_no),
        "customer_no": equal(Complaint.customer_no),
        "customer_name": contains(Complaint.customer_name),
        "title": contains(Complaint.title),
        "assignee_id": equal(Complaint.assignee_id),
        "creator_id": equal(Complaint.creator_id),
        "entered_from": since(Complaint.entered_at),
        "entered_to": until(Complaint.entered_at),
        "due_to": until(Complaint.due_at),
        "overdue": present(Complaint.overdue_at),
    },
    sorts={name: getattr(Complaint, name) for name in ("entered_at", "due_at", "severity", "status", "id")},
    default_sort="-entered_at",
    search=(Complaint.title, Complaint.customer_name, Complaint.complaint_no),
)


def get_complaint(tx: Transaction, complaint_id: int) -> Complaint:
    """One complaint in the data scope. Raises NotFound."""
    mine = (Complaint.id == complaint_id, tx.principal.only_seen(*COMPLAINTS.owners))
    found: Complaint | None = tx.scalar(sa.select(Complaint).where(*mine))
    if found is None:
        raise NotFound(detail=f"No complaint {complaint_id}")
    return found


def complaint_history(tx: Transaction, complaint_id: int) -> dict[str, Any]:
    """Everything that happened to one complaint."""
    return history_of(tx, Complaint.noun, get_complaint(tx, complaint_id).id)
