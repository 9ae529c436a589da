"""Looking at the dictionary."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, contains, equal
from chassis.problems import NotFound
from chassis.transaction import Transaction
from identity.dictionary.model import PROTECTED_KINDS, DictionaryItem

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


def list_kinds(tx: Transaction) -> dict[str, Any]:
    """Every kind with how many values it has, and whether people may add to it."""
    number = sa.func.count().label("number")
    rows = tx.rows(sa.select(DictionaryItem.kind, number).group_by(DictionaryItem.kind).order_by(DictionaryItem.kind))
    return {"items": [{**row._mapping, "is_extensible": row.kind not in PROTECTED_KINDS} for row in rows]}


def get_item(tx: Transaction, item_id: int) -> DictionaryItem:
    """One item. Raises NotFound."""
    found: DictionaryItem | None = tx.scalar(sa.select(DictionaryItem).where(DictionaryItem.id == item_id))
    if found is None:
        raise NotFound(detail=f"No dictionary item {item_id}")
    return found


def item_history(tx: Transaction, item_id: int) -> dict[str, Any]:
    """Everything that happened to one item."""
    return history_of(tx, DictionaryItem.noun, get_item(tx, item_id).id)
