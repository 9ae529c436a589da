"""Changing the dictionary: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.transaction import Transaction
from identity.dictionary.model import DictionaryItem


def add_item(tx: Transaction, fields: Mapping[str, Any]) -> DictionaryItem:
    """Offer one more value."""
    item = tx.add(DictionaryItem.begin(fields))
    tx.publish(item.added())
    return item


def edit_item(tx: Transaction, item_id: int, fields: Mapping[str, Any]) -> DictionaryItem:
    """Call a value otherwise."""
    item = tx.get(DictionaryItem, item_id)
    tx.publish(item.edit(fields))
    return item


def remove_item(tx: Transaction, item_id: int) -> None:
    """Offer a value no longer."""
    item = tx.get(DictionaryItem, item_id)
    tx.publish_removal(item, item.remove())
