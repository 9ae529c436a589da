"""Webhooks over HTTP."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from chassis.effects import EffectSettled
from chassis.fields import Body, Required, Text, View
from chassis.history import History
from chassis.routes import Route
from chassis.tables import external_effect
from customer.webhook import commands, queries
from customer.webhook.model import OFFERED, InDoubt, UrlUnusable

READ, WRITE = "webhook:read", "webhook:write"
HELP = {
    "description": "When no answer came: ask the address with GET, or repeat the delivery under the same webhook-id"
}


def _events(**more: Any) -> ma.fields.List[Any]:
    return ma.fields.List(Text(40, choices=OFFERED), validate=validate.Length(min=1, max=len(OFFERED)), **more)


class WebhookFields(Body):
    """Which address is told what."""

    url = Required(500)
    events = _events(required=True)
    when_in_doubt = Text(10, choices=[one.value for one in InDoubt], metadata=HELP)


class WebhookEdit(Body):
    """Any part of it."""

    url = Text(500, shortest=1)
    events = _events()
    when_in_doubt = Text(10, choices=[one.value for one in InDoubt], metadata=HELP)
    is_active = ma.fields.Boolean(truthy={True}, falsy={False})


class WebhookView(View):
    """An address outside, and what it is told."""

    id = ma.fields.Integer(required=True)
    url = ma.fields.String(required=True)
    events = ma.fields.List(ma.fields.String(), required=True)
    when_in_doubt = ma.fields.String(required=True, metadata=HELP)
    is_active = ma.fields.Boolean(required=True)
    registered_at = ma.fields.AwareDateTime(required=True)
    version = ma.fields.Integer(required=True)


class NewWebhookView(WebhookView):
    """The same with the secret, this once."""

    secret = ma.fields.String(required=True, metadata={"description": "Signs each delivery (Standard Webhooks)"})


class DeliveryView(View):
    """What became of telling one event."""

    delivery_id = ma.fields.String(required=True, metadata={"description": "Sent as webhook-id, the same each time"})
    state = ma.fields.String(required=True)
    attempts = ma.fields.Integer(required=True)
    response = ma.fields.String(required=True)
    next_at = ma.fields.AwareDateTime(allow_none=True, required=True)
    made_at = ma.fields.AwareDateTime(required=True)
    updated_at = ma.fields.AwareDateTime(required=True)


ALL = "/webhooks"
ONE = ALL + "/<int:webhook_id>"
DELIVERIES = ALL + "/<webhook_id>/deliveries"

routes = [
    Route(method="GET", path=ALL, lists=queries.WEBHOOKS, gives=WebhookView, needs=READ),
    Route(method="POST", path=ALL, calls=commands.register_webhook, takes=WebhookFields, gives=NewWebhookView,
          needs=WRITE, status=201, refuses=(UrlUnusable,)),
    Route(method="GET", path=ONE, calls=queries.get_webhook, gives=WebhookView, needs=READ),
    Route(method="GET", path=ONE + "/history", calls=queries.webhook_history, gives=History, needs=READ),
    Route(method="PATCH", path=ONE, calls=commands.edit_webhook, takes=WebhookEdit, gives=WebhookView, needs=WRITE,
          needs_version=True, refuses=(UrlUnusable,)),
    Route(method="DELETE", path=ONE, calls=commands.remove_webhook, needs=WRITE, status=204, needs_version=True),
    Route(method="GET", path=DELIVERIES, lists=queries.DELIVERIES, within={"webhook_id": external_effect.c.subject},
          gives=DeliveryView, needs=READ),
    Route(method="POST", path=ONE + "/deliveries/<delivery_id>/retry", calls=commands.retry_delivery,
          gives=DeliveryView, needs=WRITE, refuses=(EffectSettled,)),
]  # fmt: skip
