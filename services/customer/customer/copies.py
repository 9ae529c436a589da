"""What others told us: how many months without an order make a loss, as the administrator wrote in the dictionary."""

from __future__ import annotations

from chassis import dictionary
from chassis.transaction import Transaction

LOSS_RULE = "loss rule"
"""The dictionary's name for the rule; the value of its item is the number of months."""
DEFAULT_MONTHS, MOST_MONTHS = 6, 120


def loss_months(tx: Transaction) -> int:
    """After how many months without an order a customer is about to be lost; the newest sensible item counts."""
    numbers = [int(value) for value in dictionary.newest(tx, LOSS_RULE) if _is_number(value)]
    return next((months for months in numbers if 1 <= months <= MOST_MONTHS), DEFAULT_MONTHS)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= len(str(MOST_MONTHS))
