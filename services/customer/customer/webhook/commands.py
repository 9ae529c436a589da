"""Changing webhooks: load, decide, keep, publish."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from chassis import effects
from chassis.posting import new_secret
from chassis.transaction import Transaction
from customer.webhook import queries
from customer.webhook.model import Webhook

SECRET_BYTES = 32


def register_webhook(tx: Transaction, fields: Mapping[str, Any]) -> Webhook:
    """Tell an address outside what happens from now on; the secret is in this answer only."""
    secret = new_secret(secrets.token_bytes(SECRET_BYTES))
    webhook = tx.add(Webhook.begin(fields, secret=secret, at=tx.now))
    tx.publish(webhook.registered())
    return webhook


def edit_webhook(tx: Transaction, webhook_id: int, fields: Mapping[str, Any]) -> Webhook:
    """Tell it something else, elsewhere, or nothing for the time being."""
    webhook = tx.get(Webhook, webhook_id)
    tx.publish(webhook.edit(fields))
    return webhook


def remove_webhook(tx: Transaction, webhook_id: int) -> None:
    """Tell it nothing any more; what was not delivered yet is not."""
    webhook = tx.get(Webhook, webhook_id)
    tx.publish_removal(webhook, webhook.removed())


def retry_delivery(tx: Transaction, webhook_id: int, delivery_id: str) -> Any:
    """Deliver again what failed, or what nobody knows the fate of."""
    key = queries.get_delivery(tx, webhook_id, delivery_id).delivery_id
    effects.settle(tx, key, effects.State.PENDING)
    return queries.get_delivery(tx, webhook_id, delivery_id)
