"""The states of an order: from new to settled, or cancelled."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from chassis.machine import Case, Machine, Move
from chassis.problems import Conflict


class Status(IntEnum):
    """How far the sales system has got with an order."""

    NEW = 1
    CONFIRMED = 2
    PICKING = 3
    SHIPPED = 4
    ON_DELIVERY = 5
    PAID = 6
    CANCELLED = 7


PLACEABLE = [status for status in Status if status != Status.CANCELLED]
"""An order that was cancelled elsewhere is placed first and cancelled then: two facts."""


class OrderDiffers(Conflict):
    """An order of this number exists with other content."""

    order_no: str


class OrderCancelledAlready(Conflict):
    """The order was cancelled before."""

    order_no: str


class OrderClosed(Conflict):
    """The order is settled or cancelled and can only be read."""

    order_no: str
    status_code: int


class NotPaidYet(Conflict):
    """An order is settled when it is paid."""

    order_no: str
    open_minor: int


def is_paid(case: Case) -> None:
    open_minor = case.record.amount_minor - case.record.received_minor
    if open_minor > 0:
        raise NotPaidYet(order_no=case.record.order_no, open_minor=open_minor)


def _because_closed(order: Any) -> Conflict:
    if order.status == Status.CANCELLED:
        return OrderCancelledAlready(order_no=order.order_no)
    return OrderClosed(order_no=order.order_no, status_code=order.status)


def _step(action: str, source: Any, to: Any) -> Move:
    return Move(action, source, to=to, needs="order:write")


OPEN = (Status.NEW, Status.CONFIRMED, Status.PICKING, Status.SHIPPED, Status.ON_DELIVERY)
LIFE_CYCLE = Machine(
    noun="order",
    states=Status,
    final=(Status.PAID, Status.CANCELLED),
    moves=[
        Move("place", to=tuple(PLACEABLE), needs="order:write"),
        _step("confirm", Status.NEW, Status.CONFIRMED),
        _step("pick", Status.CONFIRMED, Status.PICKING),
        _step("ship", Status.PICKING, Status.SHIPPED),
        _step("deliver", Status.SHIPPED, Status.ON_DELIVERY),
        Move("settle", Status.ON_DELIVERY, to=Status.PAID, needs="order:write", guards=[is_paid]),
        Move("cancel", OPEN, to=Status.CANCELLED, needs="order:write", refuses=_because_closed),
        Move("record-payment", OPEN, needs="payment:write", refuses=_because_closed),
    ],
)
NEXT = {
    "confirm": Status.CONFIRMED,
    "pick": Status.PICKING,
    "ship": Status.SHIPPED,
    "deliver": Status.ON_DELIVERY,
    "settle": Status.PAID,
}
"""Where each step leads."""
