"""Changing requests: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis import dictionary, people
from chassis.transaction import Transaction
from service_desk import copies
from service_desk.request.model import ASSIGNEE_ROLE, SERVICE_TYPE, Request


def create_request(tx: Transaction, fields: Mapping[str, Any]) -> Request:
    """Record what a customer asks; who is signed in becomes the creator."""
    dictionary.must_be_known(tx, SERVICE_TYPE, fields["kind"], "/kind")
    customer = copies.get_customer(tx, fields["customer_no"])
    request = tx.add(Request.begin(fields, customer_name=customer.name, by=tx.principal, at=tx.now))
    tx.publish(request.created())
    return request


def allocate_request(tx: Transaction, request_id: int, assignee_id: int) -> Request:
    """Give a new request to an active account manager."""
    request = tx.get(Request, request_id)
    request.must_be_new()
    assignee = people.get_active(tx, assignee_id, ASSIGNEE_ROLE)
    tx.publish(request.allocate(to_id=assignee.user_id, to_name=assignee.full_name, at=tx.now))
    return request


def handle_request(tx: Transaction, request_id: int, handling: str) -> Request:
    """Record what was done about an allocated request."""
    request = tx.get(Request, request_id)
    tx.publish(request.handle(handling, by=tx.principal, at=tx.now))
    return request


def record_feedback(tx: Transaction, request_id: int, result: str, satisfaction: int) -> Request:
    """Record what the customer says: 3 to 5 archives the request, 1 or 2 sends it back."""
    request = tx.get(Request, request_id)
    tx.publish(request.record_feedback(result=result, satisfaction=satisfaction, by=tx.principal, at=tx.now))
    return request


def delete_request(tx: Transaction, request_id: int) -> None:
    """Throw a new request away."""
    request = tx.get(Request, request_id)
    tx.publish_removal(request, request.delete(by=tx.principal))
