"""Changing marketing plans: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis import dictionary, numbering, people
from chassis.attachments import attachment
from chassis.fields import minor_units
from chassis.problems import wrong_field
from chassis.transaction import Transaction
from marketing.marketing_plan.life_cycle import LIFE_CYCLE, Status
from marketing.marketing_plan.model import NUMBERS, CheckIn, Kind, MarketingPlan

SUB_KINDS = {Kind.VISIT: "visit plan kind", Kind.PROMOTION: "promotion plan kind"}
"""Where the dictionary keeps what a plan of each kind may be."""
COST_LIMIT = "plan cost limit"
MOST_AT_ONCE = 500


def create_marketing_plan(tx: Transaction, fields: Mapping[str, Any]) -> MarketingPlan:
    """Plan visits or a promotion; who is signed in owns it."""
    _must_fit(tx, fields["kind"], fields["sub_kind"])
    (number,) = numbering.next_numbers(tx, NUMBERS)
    plan = tx.add(MarketingPlan.begin({**fields, "plan_no": number}, by=tx.principal, at=tx.now))
    tx.publish(plan.created())
    return plan


def edit_marketing_plan(tx: Transaction, marketing_plan_id: int, fields: Mapping[str, Any]) -> MarketingPlan:
    """Plan it otherwise."""
    plan = _allowed(tx, marketing_plan_id, "edit")
    if fields.keys() & {"kind", "sub_kind"}:
        _must_fit(tx, fields.get("kind", plan.kind), fields.get("sub_kind", plan.sub_kind))
    tx.publish(plan.edit(fields))
    return plan


def delete_marketing_plan(tx: Transaction, marketing_plan_id: int) -> None:
    """Throw a draft away."""
    plan = _allowed(tx, marketing_plan_id, "delete")
    tx.publish_removal(plan, plan.delete())


def submit_marketing_plan(tx: Transaction, marketing_plan_id: int) -> MarketingPlan:
    """Ask for the review."""
    plan = _allowed(tx, marketing_plan_id, "submit")
    tx.publish(plan.submit(limit_minor=_cost_limit(tx)))
    return plan


def approve_marketing_plan(tx: Transaction, marketing_plan_id: int, note: str = "") -> MarketingPlan:
    """Let it be carried out, or agree as the first of two."""
    plan = _allowed(tx, marketing_plan_id, "approve")
    tx.publish(plan.approve(by=tx.principal, note=note))
    return plan


def reject_marketing_plan(tx: Transaction, marketing_plan_id: int, note: str) -> MarketingPlan:
    """Give it back to its owner."""
    plan = _allowed(tx, marketing_plan_id, "reject")
    tx.publish(plan.reject(by=tx.principal, note=note))
    return plan


def check_in(tx: Transaction, marketing_plan_id: int, fields: Mapping[str, Any]) -> MarketingPlan:
    """Say where one is; the first time begins the plan."""
    plan = _allowed(tx, marketing_plan_id, "check-in")
    _must_be_its_photo(tx, marketing_plan_id, fields.get("photo_id"))
    at = fields.get("at", tx.now)
    if at > tx.now:
        raise wrong_field("/at", "Nobody checks in before being there")
    if plan.status == Status.APPROVED:
        tx.publish(plan.start())
    who = {"by_id": tx.principal.user_id, "by_name": tx.principal.name, "is_late": plan.is_late_at(at)}
    row = CheckIn(marketing_plan_id=plan.id, **{"region": "", "note": "", **fields, **who, "at": at})
    tx.keep(row)
    tx.flush()
    tx.publish(plan.note_check_in(row))
    return plan


def finish_marketing_plan(tx: Transaction, marketing_plan_id: int) -> MarketingPlan:
    """End it before its last day is over."""
    plan = _allowed(tx, marketing_plan_id, "finish")
    tx.publish(plan.finish())
    return plan


def save_feedback(tx: Transaction, marketing_plan_id: int, result: str, achievement: int) -> MarketingPlan:
    """Write down what came of it; it may be changed until it is submitted."""
    plan = _allowed(tx, marketing_plan_id, "save-feedback")
    tx.publish(plan.save_feedback(result=result, achievement=achievement))
    return plan


def submit_feedback(tx: Transaction, marketing_plan_id: int) -> MarketingPlan:
    """Let what was written down stand for good."""
    plan = _allowed(tx, marketing_plan_id, "submit-feedback")
    tx.publish(plan.submit_feedback())
    return plan


def cancel_marketing_plan(tx: Transaction, marketing_plan_id: int, reason: str) -> MarketingPlan:
    """Let it not be carried out."""
    plan = _allowed(tx, marketing_plan_id, "cancel")
    tx.publish(plan.cancel(reason=reason))
    return plan


def move_marketing_plans(tx: Transaction) -> str:
    """Begin those whose day has come, end those whose last day is over, and tell once of those that nobody began."""
    today = tx.now.date()
    waiting = (MarketingPlan.status == Status.APPROVED, MarketingPlan.starts_on <= today)
    begun = _some(tx, *waiting, order=MarketingPlan.starts_on)
    tx.publish_all([(plan.start(), None) for plan in begun])
    running = MarketingPlan.status == Status.RUNNING
    alone = (MarketingPlan.first_check_in_at.is_(None), MarketingPlan.late_at.is_(None))
    late = _some(tx, running, *alone, MarketingPlan.starts_on < today, order=MarketingPlan.starts_on)
    superiors = people.superiors_of(tx, [plan.owner_id for plan in late])
    said = [(plan.become_late(escalated_to_id=superiors[plan.owner_id], at=tx.now), None) for plan in late]
    tx.publish_all(said)
    over = _some(tx, running, MarketingPlan.ends_on < today, order=MarketingPlan.ends_on)
    tx.publish_all([(plan.finish(), None) for plan in over])
    return f"{len(begun)} begun, {len(late)} late, {len(over)} finished"


def _some(tx: Transaction, *conditions: Any, order: Any) -> list[MarketingPlan]:
    plans = sa.select(MarketingPlan).where(*conditions).order_by(order, MarketingPlan.id).limit(MOST_AT_ONCE)
    return tx.load(MarketingPlan, plans)


def _must_fit(tx: Transaction, kind: str, sub_kind: str) -> None:
    """The dictionary offers this sub-kind for plans of this kind. Raises ValueUnknown."""
    dictionary.must_be_known(tx, SUB_KINDS[Kind(kind)], sub_kind, "/sub_kind")


def _cost_limit(tx: Transaction) -> int | None:
    """Above which amount two people have to agree; None when nobody has set it, or not to an amount."""
    for text in dictionary.newest(tx, COST_LIMIT):
        try:
            return minor_units(text)
        except ValueError:
            continue
    return None


def _must_be_its_photo(tx: Transaction, marketing_plan_id: int, photo_id: int | None) -> None:
    if photo_id is None:
        return
    mine = (attachment.c.noun == MarketingPlan.noun, attachment.c.record == str(marketing_plan_id))
    if tx.row(sa.select(attachment.c.id).where(*mine, attachment.c.id == photo_id)) is None:
        raise wrong_field("/photo_id", "There is no such file on this plan; attach it first")


def _allowed(tx: Transaction, marketing_plan_id: int, action: str) -> MarketingPlan:
    plan = tx.get(MarketingPlan, marketing_plan_id)
    LIFE_CYCLE.must_allow(action, tx.case(plan))
    return plan
