"""The patterns that the product brings along."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.settings import Settings
from chassis.transaction import Transaction
from identity.numbering.model import SERIES, NumberRule


def seed_numbering(tx: Transaction, _settings: Settings) -> None:
    """A rule for each series that has none; what an administrator set stays."""
    present = {row.series for row in tx.rows(sa.select(NumberRule.series))}
    new = [NumberRule.begin(series) for name, series in SERIES.items() if name not in present]
    tx.add_all(new)
    tx.publish_all([(rule.said(), None) for rule in new])
