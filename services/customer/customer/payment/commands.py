"""Recording payments: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.problems import NotFound
from chassis.transaction import Transaction
from customer.order import queries
from customer.order.life_cycle import LIFE_CYCLE, Status
from customer.order.model import Order, Receipt


def record_payment(tx: Transaction, order_no: str, fields: Mapping[str, Any]) -> Order:
    """Note that a customer paid; said again with the same outside id, it is left alone.

    The last payment of an order that was delivered settles it.
    """
    outside_id = fields.get("outside_id")
    if outside_id and tx.row(sa.select(Receipt.id).where(Receipt.outside_id == outside_id)):
        return queries.get_order(tx, order_no)
    order = _allowed(tx, order_no)
    what = {"method": "", "outside_id": None, **fields}
    receipt = Receipt(order_no=order_no, note="", by_name=tx.principal.name, **what)
    tx.keep(receipt)
    tx.flush()
    tx.publish(order.receive(receipt))
    if order.open_minor == 0 and order.status == Status.ON_DELIVERY:
        tx.publish(order.advance("settle", Status.PAID))
    return order


def reverse_payment(tx: Transaction, order_no: str, receipt_id: int, reason: str) -> Order:
    """Note that a payment did not stand; reversing it twice changes nothing."""
    order = _allowed(tx, order_no)
    receipt: Receipt | None = tx.scalar(
        sa.select(Receipt).where(Receipt.id == receipt_id, Receipt.order_no == order_no)
    )
    if receipt is None:
        raise NotFound(detail=f"No payment {receipt_id} of order {order_no}")
    if receipt.reversed_at is None:
        receipt.reversed_at, receipt.note = tx.now, reason
        tx.publish(order.reverse(receipt, reason=reason))
    return order


def _allowed(tx: Transaction, order_no: str) -> Order:
    queries.get_order(tx, order_no)
    order = tx.get(Order, order_no)
    LIFE_CYCLE.must_allow("record-payment", tx.case(order))
    return order
