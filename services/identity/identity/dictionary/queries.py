"""Looking at the dictionary."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal
from chassis.problems import NotFound
from chassis.transaction import Transaction
from identity.dictionary.model import DictionaryItem

SHOWN = ("id", "kind", "value", "parent", "text", "text_en", "position", "is_editable", "version")

ITEMS = Listing(
    columns={name: getattr(DictionaryItem, name) for name in SHOWN},
    key=DictionaryItem.id,
    filters={
        "kind": equal(DictionaryItem.kind),
        "value": equal(DictionaryItem.value),
        "parent": equal(DictionaryItem.parent),
        "text": contains(DictionaryItem.text),
        "is_editable": equal(DictionaryItem.is_editable),
    },
    sorts={name: getattr(DictionaryItem, name) for name in ("id", "kind", "position", "value")},
    default_sort="position",
    search=(DictionaryItem.value, DictionaryItem.text, DictionaryItem.text_en),
)


def get_item(tx: Transaction, item_id: int) -> DictionaryItem:
    """One item. Raises NotFound."""
    found: DictionaryItem | None = tx.scalar(sa.select(DictionaryItem).where(DictionaryItem.id == item_id))
    if found is None:
        raise NotFound(detail=f"No dictionary item {item_id}")
    return found


def item_history(tx: Transaction, item_id: int) -> dict[str, Any]:
    """Everything that happened to one item."""
    return history_of(tx, DictionaryItem.noun, get_item(tx, item_id).id)
