"""Orders by the table: this is how the sales system's orders come in."""

from __future__ import annotations

from chassis.bulk import Batch, in_bulk
from chassis.transaction import Transaction
from customer.order import queries
from customer.order.commands import judge, keep
from customer.order.model import Order, OrderCancelled, Placement


@in_bulk
def import_orders(tx: Transaction, batch: Batch) -> None:
    """Place many orders; those that are here already are left alone, others of their numbers refused."""
    known = queries.known_about(tx, [row.values for row in batch])
    placements: list[Placement] = []
    for row in batch:
        with batch.judging(row):
            placement = judge(row.values, known, tx.now)
            if not batch.permits(row, is_new=placement is not None):
                continue
            if placement is None:
                batch.unchanged += 1
            else:
                placements.append(placement)
    keep(tx, placements)
    batch.created = len(placements)


def withdraw_order(tx: Transaction, order: Order) -> OrderCancelled:
    """An imported order does not count any more; the record stays."""
    return order.cancel(reason="The import was taken back", at=tx.now)
