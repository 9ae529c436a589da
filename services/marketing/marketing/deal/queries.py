"""Looking at deals: lists, the board, and how long each was in which stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.fields import amount_text
from chassis.history import history_of
from chassis.pages import Listing, contains, equal, since, until
from chassis.problems import NotFound
from chassis.transaction import Transaction
from marketing.deal.model import Deal

SHOWN = [
    "id",
    "name",
    "customer_no",
    "customer_name",
    "contact_id",
    "contact_name",
    "amount_minor",
    "currency",
    "expected_on",
    "kind",
    "source",
    "campaign_id",
    "pipeline",
    "stage",
    "stage_position",
    "probability",
    "status",
    "next_contact_on",
    "owner_id",
    "owner_name",
    "created_at",
    "entered_at",
    "closed_at",
    "erased",
    "version",
]

DEALS = Listing(
    columns={name: getattr(Deal, name) for name in SHOWN},
    key=Deal.id,
    owners=(Deal.owner_id,),
    filters={
        "status": equal(Deal.status),
        "pipeline": equal(Deal.pipeline),
        "stage": equal(Deal.stage),
        "owner_id": equal(Deal.owner_id),
        "customer_no": equal(Deal.customer_no),
        "customer_name": contains(Deal.customer_name),
        "name": contains(Deal.name),
        "source": equal(Deal.source),
        "kind": equal(Deal.kind),
        "campaign_id": equal(Deal.campaign_id),
        "currency": equal(Deal.currency),
        "expected_from": since(Deal.expected_on),
        "expected_to": until(Deal.expected_on),
        "created_from": since(Deal.created_at),
        "created_to": until(Deal.created_at),
    },
    sorts={
        name: getattr(Deal, name)
        for name in ("created_at", "amount_minor", "expected_on", "stage_position", "customer_name", "id")
    },
    default_sort="-created_at",
    search=(Deal.name, Deal.customer_name, Deal.contact_name),
)


def get_deal(tx: Transaction, deal_id: int) -> Deal:
    """One deal in the data scope. Raises NotFound."""
    found: Deal | None = tx.scalar(sa.select(Deal).where(Deal.id == deal_id, tx.principal.only_seen(*DEALS.owners)))
    if found is None:
        raise NotFound(detail=f"No deal {deal_id}")
    return found


def deal_history(tx: Transaction, deal_id: int) -> dict[str, Any]:
    """Everything that happened to one deal."""
    return history_of(tx, Deal.noun, get_deal(tx, deal_id).id)


MOVES = ("created", "stage-changed", "won", "lost")


def deal_stages(tx: Transaction, deal_id: int) -> dict[str, Any]:
    """The stages a deal went through, oldest first, with who moved it and how long it stayed; from its events."""
    happened = history_of(tx, Deal.noun, get_deal(tx, deal_id).id)["items"]
    moves = [one for one in happened if one["type"].rpartition(".")[2] in MOVES]
    steps = [_step(one) for one in moves]
    for step, following in zip(steps, moves[1:], strict=False):
        step["seconds"] = following["data"]["left_after_seconds"]
    return {"items": steps}


def board(tx: Transaction, pipeline: str = "standard") -> dict[str, Any]:
    """Number and amount of the deals in each stage of a pipeline, in the data scope, by currency."""
    place = (Deal.stage, Deal.stage_position, Deal.currency)
    sums = (sa.func.count().label("deals"), sa.func.sum(Deal.amount_minor).label("amount_minor"))
    mine = (Deal.pipeline == pipeline, tx.principal.only_seen(*DEALS.owners))
    rows = tx.rows(sa.select(*place, *sums).where(*mine).group_by(*place).order_by(Deal.stage_position, Deal.currency))
    shown = [
        {"stage": row.stage, "currency": row.currency, "deals": row.deals, "amount": amount_text(int(row.amount_minor))}
        for row in rows
    ]
    return {"pipeline": pipeline, "items": shown}


def _step(one: Mapping[str, Any]) -> dict[str, Any]:
    data = one["data"]
    kept = {name: data[name] for name in ("stage", "currency", "expected_on", "probability", "entered_at")}
    return {**kept, "amount": amount_text(data["amount_minor"]), "by_name": one["by_name"]}
