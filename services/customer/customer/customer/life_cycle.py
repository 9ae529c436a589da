"""The stages of a customer's life with us: from a mere name to a regular buyer, to the end, and back."""

from __future__ import annotations

from enum import IntEnum

STEADY_AFTER = 5
"""Orders that make a regular of a buyer: fewer may still be chance."""


class Stage(IntEnum):
    """Moved by what happens, never by hand."""

    POTENTIAL = 1
    NEW = 2
    GROWING = 3
    STEADY = 4
    DECLINING = 5
    ENDED = 6
    RECOVERED = 7


MOVED_BY_ORDERS = (Stage.POTENTIAL, Stage.NEW, Stage.GROWING, Stage.RECOVERED)
"""A steady customer can buy no steadier; who declines or has ended comes back by way of its loss."""


def stage_of_buyer(orders: int) -> Stage:
    """What so many orders make of a customer; credit notes and cancelled orders are none."""
    if orders == 0:
        return Stage.POTENTIAL
    if orders == 1:
        return Stage.NEW
    return Stage.GROWING if orders < STEADY_AFTER else Stage.STEADY
