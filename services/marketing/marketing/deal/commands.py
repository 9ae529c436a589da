"""Changing deals: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis import dictionary, flowing, people
from chassis.transaction import Transaction
from marketing import copies
from marketing.campaign.queries import must_take_deals
from marketing.deal.life_cycle import LIFE_CYCLE
from marketing.deal.model import Deal
from marketing.flows import DEAL_CUSTOMER
from marketing.pipeline.model import STANDARD
from marketing.pipeline.queries import way

OF_THE_PARTNER = ("customer_no", "customer_name", "contact_id", "contact_name")


def create_deal(tx: Transaction, fields: Mapping[str, Any]) -> Deal:
    """Record a deal; who is signed in owns it, and a customer nobody knows is opened."""
    _must_be_known(tx, fields)
    return begin_deal(tx, fields, copies.partner_of(tx, fields))


def begin_deal(tx: Transaction, fields: Mapping[str, Any], partner: copies.Partner) -> Deal:
    """Keep a new deal with this partner, and wait for a customer that is not known yet."""
    own = {name: value for name, value in fields.items() if name not in OF_THE_PARTNER}
    pipeline = way(tx, fields.get("pipeline", STANDARD))
    deal = tx.add(Deal.begin(own, partner, pipeline, by=tx.principal, at=tx.now))
    tx.publish(deal.created())
    if deal.customer_no is None:
        flowing.start(tx, DEAL_CUSTOMER, deal.id)
    return deal


def edit_deal(tx: Transaction, deal_id: int, fields: Mapping[str, Any]) -> Deal:
    """Correct what we know of it."""
    deal = _allowed(tx, deal_id, "edit")
    _must_be_known(tx, fields)
    tx.publish(deal.edit(fields))
    deal.must_have(way(tx, deal.pipeline).stage(deal.stage).required)
    return deal


def change_stage(tx: Transaction, deal_id: int, fields: Mapping[str, Any]) -> Deal:
    """Move it to another open stage, together with what that stage asks for."""
    deal = _allowed(tx, deal_id, "change-stage")
    more = {name: value for name, value in fields.items() if name != "stage"}
    tx.publish(deal.change_stage(way(tx, deal.pipeline).stage(fields["stage"]), more, at=tx.now))
    return deal


def win_deal(tx: Transaction, deal_id: int) -> Deal:
    """The customer buys."""
    deal = _allowed(tx, deal_id, "win")
    tx.publish(deal.win(way(tx, deal.pipeline), at=tx.now))
    return deal


def lose_deal(tx: Transaction, deal_id: int, reason: str, competitor: str = "") -> Deal:
    """Nothing comes of it."""
    deal = _allowed(tx, deal_id, "lose")
    tx.publish(deal.lose(way(tx, deal.pipeline), reason=reason, competitor=competitor, at=tx.now))
    return deal


def transfer_deal(tx: Transaction, deal_id: int, owner_id: int) -> Deal:
    """Let somebody else go on with it."""
    deal = _allowed(tx, deal_id, "transfer")
    owner = people.get_at_work(tx, owner_id)
    tx.publish(deal.transfer(to_id=owner.user_id, to_name=owner.full_name))
    return deal


def _allowed(tx: Transaction, deal_id: int, action: str) -> Deal:
    deal = tx.get(Deal, deal_id)
    LIFE_CYCLE.must_allow(action, tx.case(deal))
    return deal


def _must_be_known(tx: Transaction, fields: Mapping[str, Any]) -> None:
    kinds = (("deal kind", "kind"), ("opportunity source", "source"))
    dictionary.must_all_be_known(tx, [(kind, fields.get(name, ""), f"/{name}") for kind, name in kinds])
    if fields.get("campaign_id"):
        must_take_deals(tx, fields["campaign_id"])
