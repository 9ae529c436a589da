"""Looking at requests."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal, present, since, until
from chassis.people import in_unit, person
from chassis.problems import NotFound
from chassis.transaction import Transaction
from service_desk.request.model import ASSIGNEE_ROLE, Request

SHOWN = [
    "id",
    "kind",
    "title",
    "customer_no",
    "customer_name",
    "status",
    "creator_id",
    "creator_name",
    "created_at",
    "assignee_id",
    "assignee_name",
    "allocated_at",
    "handler_id",
    "handler_name",
    "handled_at",
    "satisfaction",
    "archived_at",
    "answer_by",
    "due_at",
    "answered_at",
    "overdue_at",
    "version",
]

REQUESTS = Listing(
    columns={name: getattr(Request, name) for name in SHOWN},
    key=Request.id,
    owners=(Request.creator_id, Request.assignee_id),
    filters={
        "status": equal(Request.status),
        "kind": equal(Request.kind),
        "customer_no": equal(Request.customer_no),
        "customer_name": contains(Request.customer_name),
        "title": contains(Request.title),
        "assignee_id": equal(Request.assignee_id),
        "creator_id": equal(Request.creator_id),
        "handler_id": equal(Request.handler_id),
        "unit_id": in_unit(Request.assignee_id, Request.creator_id),
        "created_from": since(Request.created_at),
        "created_to": until(Request.created_at),
        "due_to": until(Request.due_at),
        "overdue": present(Request.overdue_at),
    },
    sorts={name: getattr(Request, name) for name in ("id", "created_at", "due_at", "customer_name", "kind", "status")},
    default_sort="-created_at",
    search=(Request.customer_name, Request.title),
)
"""Work lists follow the status (rule 17): allocation = new, handling = allocated, feedback = handled."""


def get_request(tx: Transaction, request_id: int) -> Request:
    """One request in the data scope. Raises NotFound."""
    mine = (Request.id == request_id, tx.principal.only_seen(*REQUESTS.owners))
    found = tx.session.scalar(sa.select(Request).where(*mine))
    if found is None:
        raise NotFound(detail=f"No request {request_id}")
    return found


def request_history(tx: Transaction, request_id: int) -> dict[str, Any]:
    """Everything that happened to one request."""
    return history_of(tx, Request.noun, get_request(tx, request_id).id)


ASSIGNEES = Listing(
    columns={"user_id": person.c.user_id, "login": person.c.login, "full_name": person.c.full_name},
    key=person.c.user_id,
    where=(person.c.role == ASSIGNEE_ROLE, person.c.is_active),
    filters={"login": equal(person.c.login), "full_name": contains(person.c.full_name)},
    sorts={"full_name": person.c.full_name, "user_id": person.c.user_id},
    default_sort="full_name",
    search=(person.c.full_name,),
)
"""To whom a request may be allocated: active account managers, as far as identity has told us."""
