"""The rule of a transfer: to whom, from whom, and what is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from chassis.events import Event
from chassis.personal import free_text, personal
from customer.customer.model import Customer, Standing


class CustomerTransferred(Standing, Event, type="customer.customer.transferred", key="customer_no"):
    """Somebody else looks after the customer now."""

    from_manager_id: int
    from_manager_name: Annotated[str, personal(user="from_manager_id")]
    reason: Annotated[str, free_text(customer="customer_no")]
    with_open_work: bool


def transfer(
    customer: Customer, *, to: tuple[int, str], reason: str, with_open_work: bool, at: datetime
) -> CustomerTransferred | None:
    """``to`` is number and name; nothing is said when that is who looks after it. Nobody is a manager, too."""
    customer.must_be_there()
    before: dict[str, Any] = {"from_manager_id": customer.manager_id, "from_manager_name": customer.manager_name}
    if customer.manager_id == to[0]:
        return None
    customer.change(manager_id=to[0], manager_name=to[1], held_since=at, pooled_at=None)
    return CustomerTransferred(**customer.standing(), **before, reason=reason, with_open_work=with_open_work)
