"""Changing campaigns: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from chassis import dictionary
from chassis.dialect import insert
from chassis.events import Event
from chassis.row_blanking import must_not_be_erased
from chassis.transaction import Transaction
from marketing.campaign.life_cycle import LIFE_CYCLE
from marketing.campaign.model import Campaign, Cost, Member, MemberAdded, MemberRemoved, Response

KIND = "campaign kind"


def create_campaign(tx: Transaction, fields: Mapping[str, Any]) -> Campaign:
    """Plan a campaign; who is signed in owns it."""
    dictionary.must_all_be_known(tx, [(KIND, fields.get("kind", ""), "/kind")])
    campaign = tx.add(Campaign.begin(fields, by=tx.principal, at=tx.now))
    tx.publish(campaign.created())
    return campaign


def edit_campaign(tx: Transaction, campaign_id: int, fields: Mapping[str, Any]) -> Campaign:
    """Plan it otherwise."""
    campaign = _allowed(tx, campaign_id, "edit")
    dictionary.must_all_be_known(tx, [(KIND, fields.get("kind", ""), "/kind")])
    tx.publish(campaign.edit(fields))
    return campaign


def delete_campaign(tx: Transaction, campaign_id: int) -> None:
    """Throw a draft away."""
    campaign = _allowed(tx, campaign_id, "delete")
    tx.publish_removal(campaign, campaign.delete())


def _moving(action: str, decide: Callable[[Campaign], Event], meaning: str) -> Callable[[Transaction, int], Campaign]:
    """A command for a move that needs no words."""

    def move(tx: Transaction, campaign_id: int) -> Campaign:
        campaign = _allowed(tx, campaign_id, action)
        tx.publish(decide(campaign))
        return campaign

    move.__doc__, move.__name__ = meaning, f"{action}_campaign"
    return move


submit_campaign = _moving("submit", Campaign.submit, "Ask for approval.")
approve_campaign = _moving("approve", Campaign.approve, "Let it begin.")
start_campaign = _moving("start", Campaign.start, "Begin.")
finish_campaign = _moving("finish", Campaign.finish, "End.")


def reject_campaign(tx: Transaction, campaign_id: int, note: str) -> Campaign:
    """Give it back to its owner."""
    campaign = _allowed(tx, campaign_id, "reject")
    tx.publish(campaign.reject(note=note))
    return campaign


def cancel_campaign(tx: Transaction, campaign_id: int, reason: str) -> Campaign:
    """Let it not take place."""
    campaign = _allowed(tx, campaign_id, "cancel")
    tx.publish(campaign.cancel(reason=reason))
    return campaign


def evaluate_campaign(tx: Transaction, campaign_id: int, evaluation: str, score: int) -> Campaign:
    """Say what came of it."""
    campaign = _allowed(tx, campaign_id, "evaluate")
    tx.publish(campaign.evaluate(evaluation=evaluation, score=score))
    return campaign


def add_member(tx: Transaction, campaign_id: int, kind: str, reference: str, name: str) -> Campaign:
    """Let somebody or something take part; twice is once."""
    campaign = _allowed(tx, campaign_id, "change-members")
    must_not_be_erased(tx, kind, reference)
    row: dict[str, Any] = {"campaign_id": campaign_id, "kind": kind, "reference": reference, "name": name}
    statement = insert(tx.session, Member.__table__).values(row).on_conflict_do_nothing()
    if tx.row(statement.returning(Member.id)):
        tx.publish(MemberAdded(**row))
    return campaign


def remove_member(tx: Transaction, campaign_id: int, member_id: int) -> Campaign:
    """Let somebody or something take part no longer."""
    campaign = _allowed(tx, campaign_id, "change-members")
    mine = (Member.id == member_id, Member.campaign_id == campaign_id)
    gone = tx.row(sa.delete(Member).where(*mine).returning(Member.kind, Member.reference))
    if gone:
        tx.publish(MemberRemoved(campaign_id=campaign_id, kind=gone.kind, reference=gone.reference))
    return campaign


def record_cost(tx: Transaction, campaign_id: int, description: str, amount_minor: int, spent_on: date) -> Campaign:
    """Note what it cost."""
    campaign = _allowed(tx, campaign_id, "record-cost")
    what = {"description": description, "amount_minor": amount_minor, "spent_on": spent_on}
    cost = Cost(campaign_id=campaign_id, by_name=tx.principal.name, **what)
    tx.keep(cost)
    tx.flush()
    tx.publish(campaign.spend(cost))
    return campaign


def record_response(tx: Transaction, campaign_id: int, fields: Mapping[str, Any]) -> Campaign:
    """Note who answered; one with an outside id that is known already changes nothing."""
    campaign = _allowed(tx, campaign_id, "record-response")
    if fields.get("outside_id"):
        mine = (Response.campaign_id == campaign_id, Response.channel == fields["channel"])
        if tx.row(sa.select(Response.id).where(*mine, Response.outside_id == fields["outside_id"])):
            return campaign
    response = Response(campaign_id=campaign_id, **{"number": 1, "note": "", "received_on": tx.now.date(), **fields})
    tx.keep(response)
    tx.flush()
    tx.publish(campaign.count(response))
    return campaign


def _allowed(tx: Transaction, campaign_id: int, action: str) -> Campaign:
    campaign = tx.get(Campaign, campaign_id)
    LIFE_CYCLE.must_allow(action, tx.case(campaign))
    return campaign
