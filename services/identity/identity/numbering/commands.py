"""Changing numbering rules: load, decide, keep, publish."""

from __future__ import annotations

from chassis.transaction import Transaction
from identity.numbering.model import NumberRule


def set_pattern(tx: Transaction, series: str, pattern: str) -> NumberRule:
    """Number new records of a series otherwise."""
    rule = tx.get(NumberRule, series)
    tx.publish(rule.set_pattern(pattern))
    return rule
