"""Correcting stock by hand: load, decide, keep, publish."""

from __future__ import annotations

from chassis.transaction import Row, Transaction
from customer.stock.model import Stock
from customer.stock.queries import get_stock


def adjust_stock(tx: Transaction, stock_id: int, quantity: int, reason: str) -> Row:
    """Write down that another number lies there, and why."""
    stock = tx.get(Stock, stock_id)
    tx.publish(stock.adjust(quantity, reason=reason))
    tx.flush()
    return get_stock(tx, stock_id)
