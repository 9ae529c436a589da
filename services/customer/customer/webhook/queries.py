"""Looking at webhooks, and at what became of deliveries."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.effects import EffectNotFound
from chassis.history import history_of
from chassis.pages import Listing, contains, equal
from chassis.problems import NotFound
from chassis.tables import external_effect
from chassis.transaction import Row, Transaction
from customer.webhook.model import Webhook

KIND = "webhook"
SHOWN = ("id", "url", "events", "when_in_doubt", "is_active", "registered_at", "version")
WEBHOOKS = Listing(
    columns={name: getattr(Webhook, name) for name in SHOWN},
    key=Webhook.id,
    filters={"url": contains(Webhook.url), "is_active": equal(Webhook.is_active)},
    sorts={"id": Webhook.id, "url": Webhook.url},
    default_sort="id",
    search=(Webhook.url,),
)

effect = external_effect.c
DELIVERY = {
    "delivery_id": effect.idempotency_key,
    "state": effect.state,
    "attempts": effect.attempts,
    "response": effect.response,
    "next_at": effect.next_at,
    "made_at": effect.made_at,
    "updated_at": effect.updated_at,
}
DELIVERIES = Listing(
    columns=DELIVERY,
    key=effect.idempotency_key,
    filters={"state": equal(effect.state)},
    sorts={"made_at": effect.made_at, "updated_at": effect.updated_at},
    default_sort="-made_at",
    where=(effect.kind == KIND,),
)


def get_webhook(tx: Transaction, webhook_id: int) -> Webhook:
    """One webhook. Raises NotFound."""
    found: Webhook | None = tx.scalar(sa.select(Webhook).where(Webhook.id == webhook_id))
    if found is None:
        raise NotFound(detail=f"No webhook {webhook_id}")
    return found


def webhook_history(tx: Transaction, webhook_id: int) -> dict[str, Any]:
    """Everything that happened to one webhook."""
    return history_of(tx, Webhook.noun, get_webhook(tx, webhook_id).id)


def get_delivery(tx: Transaction, webhook_id: int, delivery_id: str) -> Row:
    """One delivery. Raises EffectNotFound."""
    mine = (effect.idempotency_key == delivery_id, effect.subject == str(webhook_id), effect.kind == KIND)
    found = tx.row(sa.select(*(column.label(name) for name, column in DELIVERY.items())).where(*mine))
    if found is None:
        raise EffectNotFound(detail=f"No delivery {delivery_id} to webhook {webhook_id}")
    return found
