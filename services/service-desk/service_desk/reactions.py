"""What the service desk hears from others: whom it may serve, and which kinds of request there are."""

from __future__ import annotations

import dataclasses

from chassis.events import Heard
from chassis.transaction import Transaction
from service_desk import copies


@dataclasses.dataclass(frozen=True, kw_only=True)
class Standing:
    """What every event about a customer tells us."""

    customer_no: str
    name: str
    status: int
    manager_id: int | None = None


class CustomerOpened(Standing, Heard, type="customer.customer.opened", key="customer_no"):
    """There is a customer to serve."""


class CustomerEdited(Standing, Heard, type="customer.customer.edited", key="customer_no"):
    """What is known of a customer was corrected."""


class CustomerDeleted(Standing, Heard, type="customer.customer.deleted", key="customer_no"):
    """The customer is to be served no more."""


class CustomerLost(Standing, Heard, type="customer.customer.lost", key="customer_no"):
    """The customer left us, but may still ask something of us."""


class CustomerRecovered(Standing, Heard, type="customer.customer.recovered", key="customer_no"):
    """The customer came back."""


class ItemAdded(Heard, type="identity.dictionary.item-added", key="item_id"):
    """The dictionary has a new item."""

    item_id: int
    kind: str
    value: str
    text: str


class ItemEdited(Heard, type="identity.dictionary.item-edited", key="item_id"):
    """An item of the dictionary was changed."""

    item_id: int
    kind: str
    value: str
    text: str


class ItemRemoved(Heard, type="identity.dictionary.item-removed", key="item_id"):
    """An item is no longer in the dictionary."""

    item_id: int


def know_customer(tx: Transaction, event: Standing) -> None:
    """Keep the customer as it is described now."""
    copies.keep_customer(tx, dataclasses.asdict(event))


def know_item(tx: Transaction, event: ItemAdded | ItemEdited) -> None:
    """Keep the dictionary item as it is described now, as long as it is a kind of request."""
    if event.kind != copies.SERVICE_TYPE:
        copies.drop_item(tx, event.item_id)
        return
    copies.keep_item(tx, {"item_id": event.item_id, "kind": event.kind, "value": event.value, "text": event.text})


def drop_item(tx: Transaction, event: ItemRemoved) -> None:
    copies.drop_item(tx, event.item_id)
