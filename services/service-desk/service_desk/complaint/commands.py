"""Changing complaints: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis import numbering, people
from chassis.transaction import Transaction
from service_desk import copies
from service_desk.complaint.life_cycle import LIFE_CYCLE, Status
from service_desk.complaint.model import NUMBERS, Complaint
from service_desk.promise.model import About
from service_desk.promise.queries import promises

MOST_AT_ONCE = 500


def enter_complaint(tx: Transaction, fields: Mapping[str, Any]) -> Complaint:
    """Write down what a customer complains about, with the moments until which it is answered and settled."""
    customer = copies.get_customer(tx, fields["customer_no"])
    answer_by, due_at = promises(tx).due(About.COMPLAINT, fields["severity"], tx.now)
    (number,) = numbering.next_numbers(tx, NUMBERS)
    found = {"complaint_no": number, "customer_name": customer.name, "answer_by": answer_by, "due_at": due_at}
    complaint = tx.add(Complaint.begin({**fields, **found}, by=tx.principal, at=tx.now))
    tx.publish(complaint.entered())
    return complaint


def edit_complaint(tx: Transaction, complaint_id: int, fields: Mapping[str, Any]) -> Complaint:
    """Correct it; another severity is another promise, counted from the entry on."""
    complaint = _allowed(tx, complaint_id, "edit")
    if "severity" in fields:
        answer_by, due_at = promises(tx).due(About.COMPLAINT, fields["severity"], complaint.entered_at)
        fields = {**fields, "answer_by": answer_by, "due_at": due_at}
    tx.publish(complaint.edit(fields))
    return complaint


def assign_complaint(tx: Transaction, complaint_id: int, assignee_id: int) -> Complaint:
    """Let somebody who is at work settle it."""
    complaint = _allowed(tx, complaint_id, "assign")
    assignee = people.get_at_work(tx, assignee_id)
    tx.publish(complaint.assign(to_id=assignee.user_id, to_name=assignee.full_name))
    return complaint


def handle_complaint(tx: Transaction, complaint_id: int, handling: str) -> Complaint:
    """Record what was done."""
    complaint = _allowed(tx, complaint_id, "handle")
    tx.publish(complaint.handle(handling, by=tx.principal, at=tx.now))
    return complaint


def visit_complainant(tx: Transaction, complaint_id: int, result: str, satisfaction: int) -> Complaint:
    """Record what the customer says to what was done."""
    complaint = _allowed(tx, complaint_id, "visit")
    tx.publish(complaint.visit(result=result, satisfaction=satisfaction))
    return complaint


def close_complaint(tx: Transaction, complaint_id: int) -> Complaint:
    """Call it settled."""
    complaint = _allowed(tx, complaint_id, "close")
    tx.publish(complaint.close(at=tx.now))
    return complaint


def escalate_overdue_complaints(tx: Transaction) -> str:
    """Tell the superior of whoever has an open complaint whose time has passed; each is told once."""
    waiting = (Complaint.status != Status.CLOSED, Complaint.due_at <= tx.now, Complaint.overdue_at.is_(None))
    overdue = tx.load(Complaint, sa.select(Complaint).where(*waiting).order_by(Complaint.due_at).limit(MOST_AT_ONCE))
    superiors = people.superiors_of(tx, [one.assignee_id or one.creator_id for one in overdue])
    for complaint in overdue:
        superior = superiors[complaint.assignee_id or complaint.creator_id]
        tx.publish(complaint.become_overdue(escalated_to_id=superior, at=tx.now))
    return f"{len(overdue)} overdue"


def _allowed(tx: Transaction, complaint_id: int, action: str) -> Complaint:
    complaint = tx.get(Complaint, complaint_id)
    LIFE_CYCLE.must_allow(action, tx.case(complaint))
    return complaint
