"""What addresses outside are told: the service hears itself, so that telling is no part of what it does."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa

from chassis.database import Database
from chassis.effects import Answer, Effect, Kind, Outcome, request_effect
from chassis.events import PREFIX, Heard
from chassis.posting import Courier, Target
from chassis.reactions import Reacting
from chassis.settings import Settings
from chassis.transaction import Transaction
from customer.webhook.model import InDoubt, Webhook
from customer.webhook.queries import KIND

OWN = f"{PREFIX}customer."
MAY_REACH = "webhook_hosts"
BODY = ("id", "type", "timestamp", "subject", "version", "data")


class CustomerOpened(Heard, type="customer.customer.opened", key="customer_no"):
    customer_no: str


class CustomerMatched(Heard, type="customer.customer.matched", key="customer_no"):
    customer_no: str


class CustomerEdited(Heard, type="customer.customer.edited", key="customer_no"):
    customer_no: str


class CustomerDeleted(Heard, type="customer.customer.deleted", key="customer_no"):
    customer_no: str


class CustomerLost(Heard, type="customer.customer.lost", key="customer_no"):
    customer_no: str


class CustomerRecovered(Heard, type="customer.customer.recovered", key="customer_no"):
    customer_no: str


class OrderPlaced(Heard, type="customer.order.placed", key="order_no"):
    order_no: str


class OrderCancelled(Heard, type="customer.order.cancelled", key="order_no"):
    order_no: str


class OrderAdvanced(Heard, type="customer.order.advanced", key="order_no"):
    order_no: str


class PaymentReceived(Heard, type="customer.order.payment-received", key="order_no"):
    order_no: str


class PaymentReversed(Heard, type="customer.order.payment-reversed", key="order_no"):
    order_no: str


class ProductListed(Heard, type="customer.product.listed"):
    product_id: int


class ProductEdited(Heard, type="customer.product.edited"):
    product_id: int


HEARD = (CustomerOpened, CustomerMatched, CustomerEdited, CustomerDeleted, CustomerLost, CustomerRecovered,
         OrderPlaced, OrderCancelled, OrderAdvanced, PaymentReceived, PaymentReversed,
         ProductListed, ProductEdited)  # fmt: skip


class Listeners:
    """The webhooks that are active, read once in a transaction, however many events it hears."""

    def __init__(self, tx: Transaction) -> None:
        active = sa.select(Webhook.id, Webhook.events).where(Webhook.is_active)
        self.hooks = [(row.id, set(row.events)) for row in tx.rows(active)]

    def of(self, event: str) -> list[int]:
        return [webhook_id for webhook_id, events in self.hooks if event in events]

    def write(self) -> None:
        """Nothing: they are only read."""


def tell(tx: Transaction, _event: Heard) -> None:
    """Ask for a delivery to each address that wants to know; the event goes as it was said."""
    said = tx.cause
    assert said is not None  # noqa: S101  (a reaction has a cause)
    name = said.type.removeprefix(OWN)
    for webhook_id in tx.companion(Listeners).of(name):
        told = {"id": said.id, "type": said.type, "timestamp": said.time, "subject": said.subject}
        request = told | {"version": said.aggregateversion, "data": said.data}
        request_effect(tx, KIND, f"{said.id}.{webhook_id}", request, subject=str(webhook_id))


REACTIONS: Mapping[type[Heard], Reacting] = {heard: Reacting(tell, effects=True) for heard in HEARD}


class Delivery:
    """How a delivery is made: to where the webhook points now, signed with its secret."""

    def __init__(self, database: Database, courier: Courier) -> None:
        self.database, self.courier = database, courier

    def perform(self, effect: Effect) -> Answer:
        found = self._find(effect)
        if found is None:
            return Answer(Outcome.REFUSED, "the webhook was removed or is not active")
        target, _ = found
        return self.courier.deliver(target, effect.key, body_of(effect))

    def ask(self, effect: Effect) -> Answer:
        found = self._find(effect)
        if found is None:
            return Answer(Outcome.REFUSED, "the webhook was removed or is not active")
        target, when_in_doubt = found
        if when_in_doubt == InDoubt.REPEAT:
            return Answer(Outcome.NOT_DONE, "nobody knows; it throws repeats away")
        return self.courier.has_arrived(target, effect.key)

    def _find(self, effect: Effect) -> tuple[Target, str] | None:
        columns = (Webhook.url, Webhook.secret, Webhook.when_in_doubt)
        with self.database.reading() as session:
            mine = (Webhook.id == int(effect.subject), Webhook.is_active)
            row = session.execute(sa.select(*columns).where(*mine)).first()
        return (Target(row.url, row.secret), row.when_in_doubt) if row else None


def body_of(effect: Effect) -> bytes:
    """The very bytes that are signed and sent; a repeat sends the same, unless somebody was erased meanwhile."""
    told = {name: effect.request[name] for name in BODY}
    return msgspec.json.encode(told | {"type": told["type"].removeprefix(OWN)})


def effects(settings: Settings, database: Database) -> Mapping[str, Kind]:
    """For the service's page."""
    hosts = [host.strip() for host in settings.extra.get(MAY_REACH, "").split(",") if host.strip()]
    return {KIND: Delivery(database, Courier(hosts))}
