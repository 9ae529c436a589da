"""What account managers have in charge here, and how it goes to others when they leave."""

from __future__ import annotations

from chassis.events import Event
from chassis.handing_over import Charge, Giving, HandOver
from customer.customer.model import MANAGER_ROLE, Customer, Status
from customer.loss.life_cycle import OPEN
from customer.loss.model import Loss
from customer.transfer.model import transfer


def give_customer(one: Customer, giving: Giving) -> Event | None:
    """What others have under way with the customer is handed over by itself."""
    to = (giving.to_id, giving.to_name)
    return transfer(one, to=to, reason=giving.reason, with_open_work=False, at=giving.at)


def give_loss(one: Loss, giving: Giving) -> Event | None:
    return one.hand_over(to_id=giving.to_id, to_name=giving.to_name)


HAND_OVER = HandOver(
    "customer",
    [
        Charge("loss", Loss, whose=Loss.manager_id, where=[Loss.status.in_(OPEN)], gives=give_loss, follows="customer"),
        Charge(
            "customer",
            Customer,
            whose=Customer.manager_id,
            where=[Customer.status != Status.DELETED],
            gives=give_customer,
            role=MANAGER_ROLE,
        ),
    ],
)
"""A warning goes wherever its customer goes."""
