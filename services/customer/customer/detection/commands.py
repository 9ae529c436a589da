"""Detecting losses: the loss rule applied to every customer, daily or when somebody asks."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from chassis.problems import wrong_field
from chassis.transaction import Transaction
from customer import copies
from customer.customer.life_cycle import Stage
from customer.detection import queries
from customer.loss.model import Loss, is_about_to_be_lost, is_watched, months_before


@dataclasses.dataclass(frozen=True)
class Detection:
    """What a look at all customers found."""

    as_of: datetime
    months: int
    alerted: int

    def __str__(self) -> str:
        return f"{self.alerted} customers about to be lost"


def detect_losses(tx: Transaction, as_of: datetime | None = None) -> Detection:
    """Warn of every customer who has not bought for months; who is warned of already is left alone."""
    moment = _moment(as_of, tx.now)
    tx.next_numbers("loss detection")  # its row stays locked until commit: two detections never overlap
    months = copies.loss_months(tx)
    watched = queries.customers_to_judge(tx, since=months_before(moment, months))
    found = [one for one in watched if is_about_to_be_lost(one, months=months, as_of=moment)]
    # Customers first, as orders lock them; who was deleted, merged or released meanwhile is left alone.
    customers = [one for one in queries.customers_warned_of(tx, [one.customer_no for one in found]) if is_watched(one)]
    there = {customer.customer_no for customer in customers}
    losses = tx.add_all([Loss.begin(one, months=months, at=moment) for one in found if one.customer_no in there])
    tx.publish_all([(loss.alerted(), moment) for loss in losses])
    tx.publish_all([(customer.move_to(Stage.DECLINING, at=moment), moment) for customer in customers])
    return Detection(as_of=moment, months=months, alerted=len(losses))


def _moment(as_of: datetime | None, now: datetime) -> datetime:
    """The moment that is "now" for the rule. Raises Invalid when it has not come yet."""
    if as_of is None or as_of.date() == now.date():
        return min(as_of or now, now)
    if as_of > now:
        raise wrong_field("/as_of", "Nobody knows yet who will have bought by then")
    return as_of
