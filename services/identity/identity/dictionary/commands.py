"""Changing the dictionary: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.transaction import Transaction
from identity.dictionary.model import DictionaryItem, ItemHasOthersBelow, must_not_circle


def add_item(tx: Transaction, fields: Mapping[str, Any]) -> DictionaryItem:
    """Offer one more value."""
    if fields.get("parent"):
        must_not_circle(fields["value"], fields["parent"], _parents(tx, fields["kind"]))
    item = tx.add(DictionaryItem.begin(fields))
    tx.publish(item.added())
    return item


def edit_item(tx: Transaction, item_id: int, fields: Mapping[str, Any]) -> DictionaryItem:
    """Call a value otherwise."""
    item = tx.get(DictionaryItem, item_id)
    if fields.get("parent"):
        must_not_circle(item.value, fields["parent"], _parents(tx, item.kind))
    if fields.get("value", item.value) != item.value and _others_below(tx, item):
        raise ItemHasOthersBelow(value=item.value)
    tx.publish(item.edit(fields))
    return item


def remove_item(tx: Transaction, item_id: int) -> None:
    """Offer a value no longer."""
    item = tx.get(DictionaryItem, item_id)
    tx.publish_removal(item, item.remove(others_below=_others_below(tx, item)))


def _parents(tx: Transaction, kind: str) -> dict[str, str]:
    rows = tx.rows(sa.select(DictionaryItem.value, DictionaryItem.parent).where(DictionaryItem.kind == kind))
    return {row.value: row.parent for row in rows}


def _others_below(tx: Transaction, item: DictionaryItem) -> int:
    below = (DictionaryItem.kind == item.kind, DictionaryItem.parent == item.value)
    return tx.scalar(sa.select(sa.func.count()).select_from(DictionaryItem).where(*below)) or 0
