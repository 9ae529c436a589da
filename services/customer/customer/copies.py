"""What others told us: the numbers that the administrator wrote in the dictionary for our rules."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from chassis import dictionary
from chassis.dictionary import dictionary_copy
from chassis.transaction import Transaction

LOSS_RULE = "loss rule"
"""The dictionary's name for the rule; the value of its item is the number of months."""
DEFAULT_MONTHS, MOST_MONTHS = 6, 120
LONGEST_NUMBER = 6


def loss_months(tx: Transaction) -> int:
    """After how many months without an order a customer is about to be lost; the newest sensible item counts."""
    numbers = [int(value) for value in dictionary.newest(tx, LOSS_RULE) if _is_number(value, len(str(MOST_MONTHS)))]
    return next((months for months in numbers if 1 <= months <= MOST_MONTHS), DEFAULT_MONTHS)


def numbers_of(tx: Transaction, kinds: Iterable[str]) -> dict[str, int]:
    """The number that stands in the dictionary under each of these kinds, the newest sensible item's; one select."""
    mine = dictionary_copy.c
    found = sa.select(mine.kind, mine.value).where(mine.kind.in_(list(kinds))).order_by(mine.item_id)
    return {row.kind: int(row.value) for row in tx.rows(found) if _is_number(row.value, LONGEST_NUMBER)}


def words_of(tx: Transaction, kind: str) -> str:
    """The newest value under a kind; empty when there is none."""
    return next(iter(dictionary.newest(tx, kind)), "")


def _is_number(value: str, longest: int) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= longest
