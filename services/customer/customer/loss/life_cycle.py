"""The states of a loss: warned, delayed, lost, and won back."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from chassis.machine import Case, Machine, Move
from chassis.problems import Conflict
from customer.customer.model import NotTheManager


class Status(IntEnum):
    """Alert and delayed are open; lost ends when the customer buys again."""

    ALERT = 1
    DELAYED = 2
    LOST = 3
    RECOVERED = 4


OPEN = (Status.ALERT, Status.DELAYED)
UNSETTLED = (*OPEN, Status.LOST)
"""What a new order changes."""


class LossClosed(Conflict):
    """The customer is lost or has come back; the record can only be read."""

    loss_id: int
    status_code: int


def is_manager(case: Case) -> None:
    """Whoever looks after the customer now; ``manager_id`` is looked up, because it may have changed."""
    if case.who.user_id != case.facts["manager_id"]:
        raise NotTheManager(detail=f"{case.record.customer_no} is looked after by somebody else")


def _because_closed(loss: Any) -> Conflict:
    return LossClosed(loss_id=loss.id, status_code=loss.status)


LIFE_CYCLE = Machine(
    noun="loss",
    states=Status,
    final=(Status.RECOVERED,),
    moves=[
        Move("warn", to=Status.ALERT, by_itself=True),
        Move("delay", OPEN, to=Status.DELAYED, needs="loss:handle", guards=[is_manager], refuses=_because_closed),
        Move("confirm", OPEN, to=Status.LOST, needs="loss:handle", guards=[is_manager], refuses=_because_closed),
        Move("win-back", Status.LOST, to=Status.RECOVERED, needs="loss:handle", guards=[is_manager]),
        Move("recover", UNSETTLED, to=Status.RECOVERED, by_itself=True),
    ],
)
