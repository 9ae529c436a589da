"""Changing losses: delayed or confirmed by whoever looks after the customer, recovered by a new order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from chassis.transaction import Transaction
from customer.customer.commands import customer_of
from customer.customer.model import Customer
from customer.loss import queries
from customer.loss.life_cycle import LIFE_CYCLE, UNSETTLED
from customer.loss.model import Loss, Measure, Purchase


def delay_loss(tx: Transaction, loss_id: int, text: str) -> Loss:
    """Do something to keep the customer."""
    loss, _ = _in_own_hands(tx, loss_id, "delay")
    by = tx.principal
    tx.publish(loss.delay(Measure(text=text, by_id=by.user_id, by_name=by.name, at=tx.now)))
    return loss


def confirm_loss(tx: Transaction, loss_id: int, reason: str) -> Loss:
    """Give the customer up."""
    loss, customer = _in_own_hands(tx, loss_id, "confirm")
    tx.publish(loss.confirm(customer, reason=reason, at=tx.now))
    tx.publish(customer.lose(loss_id=loss.id, reason=reason, at=tx.now))
    return loss


def win_back_customer(tx: Transaction, loss_id: int, how: str) -> Loss:
    """A lost customer comes back, though there is no order yet."""
    loss, customer = _in_own_hands(tx, loss_id, "win-back")
    tx.publish(loss.win_back(how=how, at=tx.now))
    tx.publish(customer.recover(order_no="", at=tx.now))
    return loss


def unsettled_losses(tx: Transaction, customer_nos: Collection[str]) -> list[Loss]:
    """The losses that new orders of these customers may end, locked; one select."""
    if not customer_nos:
        return []
    unsettled = (Loss.customer_no.in_(customer_nos), Loss.status.in_(UNSETTLED))
    return tx.load(Loss, sa.select(Loss).where(*unsettled).order_by(Loss.id))


def recover_customers(tx: Transaction, losses: Sequence[Loss], newest: Mapping[str, Purchase]) -> None:
    """End the losses of customers who bought again, and win back those who were given up."""
    ended = [(loss, found) for loss in losses if (found := loss.recover(newest[loss.customer_no], at=tx.now))]
    tx.publish_all([(found, tx.now) for _, found in ended])
    bought = {loss.customer_no for loss, _ in ended}
    mine = sa.select(Customer).where(Customer.customer_no.in_(bought)).order_by(Customer.customer_no)
    customers = tx.load(Customer, mine) if bought else []
    back = [one.recover(order_no=newest[one.customer_no].order_no, at=tx.now) for one in customers]
    tx.publish_all([(event, tx.now) for event in back])


def _in_own_hands(tx: Transaction, loss_id: int, action: str) -> tuple[Loss, Customer]:
    """The loss and its customer, if the one who asks may do this. Raises NotFound, NotTheManager or LossClosed."""
    loss = tx.pick(Loss, queries.in_scope(tx, loss_id))
    customer = customer_of(tx, loss.customer_no)
    LIFE_CYCLE.must_allow(action, tx.case(loss, manager_id=customer.manager_id))
    return loss, customer
