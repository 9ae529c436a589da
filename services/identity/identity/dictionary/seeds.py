"""The values that the product brings along."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.settings import Settings
from chassis.transaction import Transaction
from identity.dictionary.model import ITEMS, DictionaryItem


def seed_dictionary(tx: Transaction, _settings: Settings) -> None:
    """Kinds that are not there yet; what people changed or removed since stays as they left it."""
    known = {row.kind for row in tx.rows(sa.select(DictionaryItem.kind).distinct())}
    missing = [kind for kind in ITEMS if kind not in known]
    new = [DictionaryItem.built_in(kind, place) for kind in missing for place in range(len(ITEMS[kind]))]
    tx.add_all(new)
    tx.publish_all([(item.added(), None) for item in new])
