"""What others told us: how many months without an order make a loss, as the administrator wrote in the dictionary.

Written by reactions only; each row names the version of its source.
"""

from __future__ import annotations

import sqlalchemy as sa

from chassis.dialect import insert
from chassis.transaction import Transaction
from customer.base import Base

LOSS_RULE = "loss rule"
"""The dictionary's name for the rule; the value of its item is the number of months."""
DEFAULT_MONTHS, MOST_MONTHS = 6, 120

loss_rule_copy = sa.Table(
    "loss_rule_copy",
    Base.metadata,
    sa.Column("item_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("months", sa.Integer, nullable=False),
    sa.Column("source_version", sa.BigInteger, nullable=False),
)


def keep_loss_rule(tx: Transaction, item_id: int, value: str) -> None:
    """Keep what the item says now; an item that names no number of months says nothing."""
    months = int(value) if value.isascii() and value.isdigit() and len(value) <= len(str(MOST_MONTHS)) else 0
    if not 1 <= months <= MOST_MONTHS:
        drop_loss_rule(tx, item_id)
        return
    row = {"item_id": item_id, "months": months, "source_version": tx.heard_version}
    statement = insert(tx.session, loss_rule_copy).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=["item_id"], set_=row))


def drop_loss_rule(tx: Transaction, item_id: int) -> None:
    tx.execute(sa.delete(loss_rule_copy).where(loss_rule_copy.c.item_id == item_id))


def loss_months(tx: Transaction) -> int:
    """After how many months without an order a customer is about to be lost; the newest item counts."""
    newest = sa.select(loss_rule_copy.c.months).order_by(loss_rule_copy.c.item_id.desc()).limit(1)
    return tx.scalar(newest) or DEFAULT_MONTHS
