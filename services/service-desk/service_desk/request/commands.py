"""Changing requests: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis import dictionary, people
from chassis.transaction import Transaction
from service_desk import copies
from service_desk.promise.model import About
from service_desk.promise.queries import promises
from service_desk.request.life_cycle import LIFE_CYCLE, Status
from service_desk.request.model import ASSIGNEE_ROLE, SERVICE_TYPE, Promised, Request
from service_desk.visit.commands import plan_visit_after

MOST_AT_ONCE = 500


def create_request(tx: Transaction, fields: Mapping[str, Any]) -> Request:
    """Record what a customer asks; who is signed in becomes the creator."""
    dictionary.must_be_known(tx, SERVICE_TYPE, fields["kind"], "/kind")
    customer = copies.get_customer(tx, fields["customer_no"])
    promised = Promised(customer.name, *promises(tx).due(About.REQUEST, fields["kind"], tx.now))
    request = tx.add(Request.begin(fields, promised=promised, by=tx.principal, at=tx.now))
    tx.publish(request.created())
    return request


def allocate_request(tx: Transaction, request_id: int, assignee_id: int) -> Request:
    """Give a new request to an active account manager."""
    request = tx.get(Request, request_id)
    LIFE_CYCLE.must_allow("allocate", tx.case(request))
    assignee = people.get_active(tx, assignee_id, ASSIGNEE_ROLE)
    tx.publish(request.allocate(to_id=assignee.user_id, to_name=assignee.full_name, at=tx.now))
    return request


def handle_request(tx: Transaction, request_id: int, handling: str) -> Request:
    """Record what was done about an allocated request."""
    request = tx.get(Request, request_id)
    LIFE_CYCLE.must_allow("handle", tx.case(request))
    tx.publish(request.handle(handling, by=tx.principal, at=tx.now))
    return request


def record_feedback(tx: Transaction, request_id: int, result: str, satisfaction: int) -> Request:
    """Record what the customer says: 3 to 5 archives the request and plans a visit, 1 or 2 sends it back."""
    request = tx.get(Request, request_id)
    LIFE_CYCLE.must_allow("record-feedback", tx.case(request))
    tx.publish(request.record_feedback(result=result, satisfaction=satisfaction, at=tx.now))
    if request.status == Status.ARCHIVED:
        plan_visit_after(tx, request)
    return request


def delete_request(tx: Transaction, request_id: int) -> None:
    """Throw a new request away."""
    request = tx.get(Request, request_id)
    LIFE_CYCLE.must_allow("delete", tx.case(request))
    tx.publish_removal(request, request.delete())


def escalate_overdue_requests(tx: Transaction) -> str:
    """Tell the superior of whoever has an open request whose time has passed; each is told once."""
    waiting = (Request.status != Status.ARCHIVED, Request.due_at <= tx.now, Request.overdue_at.is_(None))
    overdue = tx.load(Request, sa.select(Request).where(*waiting).order_by(Request.due_at).limit(MOST_AT_ONCE))
    superiors = people.superiors_of(tx, [request.assignee_id or request.creator_id for request in overdue])
    for request in overdue:
        superior = superiors[request.assignee_id or request.creator_id]
        tx.publish(request.become_overdue(escalated_to_id=superior, at=tx.now))
    return f"{len(overdue)} overdue"
