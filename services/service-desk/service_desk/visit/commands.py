"""Changing visits: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis import people
from chassis.transaction import Transaction
from service_desk import copies
from service_desk.visit.life_cycle import LIFE_CYCLE, OPEN
from service_desk.visit.model import AFTER_DEAL, AFTER_REQUEST, Visit

MOST_AT_ONCE = 500


def plan_visit(tx: Transaction, fields: Mapping[str, Any]) -> Visit:
    """Plan a visit; who is signed in makes it."""
    customer = copies.get_customer(tx, fields["customer_no"])
    owner = {"owner_id": tx.principal.user_id, "owner_name": tx.principal.name, "customer_name": customer.name}
    visit = tx.add(Visit.begin({**fields, **owner}, at=tx.now))
    tx.publish(visit.planned())
    return visit


def plan_visit_after(tx: Transaction, request: Any) -> None:
    """Ask some days after a request was archived whether all is still well."""
    fields = {
        "subject": f"回访：{request.title}"[:200],
        "customer_no": request.customer_no,
        "customer_name": request.customer_name,
        "request_id": request.id,
        "planned_for": tx.now + AFTER_REQUEST,
        "owner_id": request.handler_id,
        "owner_name": request.handler_name,
    }
    visit = tx.add(Visit.begin(fields, at=tx.now))
    tx.publish(visit.planned())


def plan_visit_after_deal(tx: Transaction, deal: Any) -> None:
    """Ask some days after a deal was won whether the customer is content; heard again, nothing more."""
    if tx.row(sa.select(Visit.id).where(Visit.deal_id == deal.deal_id)):
        return
    fields = {
        "subject": f"回访：{deal.name}"[:200],
        "customer_no": copies.present_number(tx, deal.customer_no) if deal.customer_no else "",
        "customer_name": deal.customer_name,
        "contact_name": deal.contact_name,
        "deal_id": deal.deal_id,
        "planned_for": tx.now + AFTER_DEAL,
        "owner_id": deal.owner_id,
        "owner_name": deal.owner_name,
    }
    visit = tx.add(Visit.begin(fields, at=tx.now))
    tx.publish(visit.planned())


def edit_visit(tx: Transaction, visit_id: int, fields: Mapping[str, Any]) -> Visit:
    """Plan it otherwise."""
    visit = _allowed(tx, visit_id, "edit")
    tx.publish(visit.edit(fields))
    return visit


def assign_visit(tx: Transaction, visit_id: int, owner_id: int) -> Visit:
    """Let somebody else make the visit."""
    visit = _allowed(tx, visit_id, "assign")
    owner = people.get_at_work(tx, owner_id)
    tx.publish(visit.assign(to_id=owner.user_id, to_name=owner.full_name))
    return visit


def start_visit(tx: Transaction, visit_id: int) -> Visit:
    """Begin with it."""
    visit = _allowed(tx, visit_id, "start")
    tx.publish(visit.start())
    return visit


def defer_visit(tx: Transaction, visit_id: int, planned_for: datetime) -> Visit:
    """Make it later."""
    visit = _allowed(tx, visit_id, "defer")
    tx.publish(visit.defer(to=planned_for, at=tx.now))
    return visit


def wait_with_visit(tx: Transaction, visit_id: int, waiting_for: str) -> Visit:
    """Wait until somebody else has acted."""
    visit = _allowed(tx, visit_id, "wait")
    tx.publish(visit.wait(waiting_for=waiting_for))
    return visit


def complete_visit(tx: Transaction, visit_id: int, result: str, satisfaction: int | None = None) -> Visit:
    """Record what the customer says; a visit that repeats is planned again."""
    visit = _allowed(tx, visit_id, "complete")
    tx.publish(visit.complete(result=result, satisfaction=satisfaction, at=tx.now))
    following = visit.following(at=tx.now)
    if following:
        tx.publish(tx.add(following).planned())
    return visit


def delete_visit(tx: Transaction, visit_id: int) -> None:
    """Do not make it after all."""
    visit = _allowed(tx, visit_id, "delete")
    tx.publish_removal(visit, visit.delete())


def remind_of_visits(tx: Transaction) -> str:
    """Say of each open visit once that its time has come."""
    due = (Visit.remind_at <= tx.now, Visit.reminded_at.is_(None), Visit.status.in_(OPEN))
    visits = tx.load(Visit, sa.select(Visit).where(*due).order_by(Visit.remind_at).limit(MOST_AT_ONCE))
    tx.publish_all([(visit.fall_due(at=tx.now), None) for visit in visits])
    return f"{len(visits)} reminded of"


def _allowed(tx: Transaction, visit_id: int, action: str) -> Visit:
    visit = tx.get(Visit, visit_id)
    LIFE_CYCLE.must_allow(action, tx.case(visit))
    return visit
