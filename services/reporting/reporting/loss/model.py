"""What is known of a warning that a customer may leave: delayed, confirmed, recovered, and when."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from functools import singledispatch
from typing import Annotated, Any

from chassis.events import Heard, PersonalText
from chassis.personal import free_text, personal
from reporting.projection import Projection


class LossAlerted(Heard, type="customer.loss.alerted"):
    """A customer has not ordered for a long time."""

    loss_id: int
    customer_no: str
    customer_name: PersonalText
    manager_id: int
    manager_name: PersonalText
    last_order_at: datetime | None
    alerted_at: datetime


class LossDelayed(Heard, type="customer.loss.delayed"):
    """The account manager does something about it."""

    loss_id: int


class LossConfirmed(Heard, type="customer.loss.confirmed"):
    """The customer is lost."""

    loss_id: int
    reason: str
    lost_at: datetime


class LossRecovered(Heard, type="customer.loss.recovered"):
    """The customer buys again."""

    loss_id: int
    recovered_at: datetime


class LossWonBack(Heard, type="customer.loss.won-back"):
    """Somebody won the customer back."""

    loss_id: int
    recovered_at: datetime


class LossMoved(Heard, type="customer.loss.moved"):
    """The warning is about another customer now, because the two turned out to be one."""

    loss_id: int
    customer_no: str
    customer_name: PersonalText


class LossHandedOver(Heard, type="customer.loss.handed-over"):
    """Somebody else looks after the customer."""

    loss_id: int
    manager_id: int
    manager_name: PersonalText


@dataclasses.dataclass(frozen=True, slots=True)
class LossRow:
    """One warning; each year is the one in which it got that far, None while it has not."""

    loss_id: int
    customer_no: str = ""
    customer_name: Annotated[str, personal(customer="customer_no")] = ""
    manager_id: int | None = None
    manager_name: Annotated[str, personal(user="manager_id")] = ""
    last_order_at: datetime | None = None
    alerted_at: datetime | None = None
    alerted_year: int | None = None
    measures: int = 0
    delayed_year: int | None = None
    reason: Annotated[str, free_text(loss="loss_id", customer="customer_no")] = ""
    lost_at: datetime | None = None
    lost_year: int | None = None
    recovered_at: datetime | None = None
    recovered_year: int | None = None
    version: int = 0


@singledispatch
def fold(event: Any, row: LossRow, at: datetime) -> LossRow:
    raise NotImplementedError(event)


@fold.register
def _(event: LossAlerted, row: LossRow, at: datetime) -> LossRow:
    return dataclasses.replace(
        row,
        customer_no=event.customer_no,
        customer_name=event.customer_name,
        manager_id=event.manager_id,
        manager_name=event.manager_name,
        last_order_at=event.last_order_at,
        alerted_at=event.alerted_at,
        alerted_year=event.alerted_at.astimezone(UTC).year,
    )


@fold.register
def _(event: LossMoved, row: LossRow, at: datetime) -> LossRow:
    return dataclasses.replace(row, customer_no=event.customer_no, customer_name=event.customer_name)


@fold.register
def _(event: LossHandedOver, row: LossRow, at: datetime) -> LossRow:
    return dataclasses.replace(row, manager_id=event.manager_id, manager_name=event.manager_name)


@fold.register
def _(event: LossDelayed, row: LossRow, at: datetime) -> LossRow:
    """The year of the first measure counts."""
    first = row.delayed_year or at.astimezone(UTC).year
    return dataclasses.replace(row, measures=row.measures + 1, delayed_year=first)


@fold.register
def _(event: LossConfirmed, row: LossRow, at: datetime) -> LossRow:
    year = event.lost_at.astimezone(UTC).year
    return dataclasses.replace(row, reason=event.reason, lost_at=event.lost_at, lost_year=year)


@fold.register(LossRecovered)
@fold.register(LossWonBack)
def _(event: LossRecovered | LossWonBack, row: LossRow, at: datetime) -> LossRow:
    year = event.recovered_at.astimezone(UTC).year
    return dataclasses.replace(row, recovered_at=event.recovered_at, recovered_year=year)


LOSSES = Projection(
    "loss",
    ["lost_at"],
    row=LossRow,
    heard=[LossAlerted, LossDelayed, LossConfirmed, LossRecovered, LossWonBack, LossMoved, LossHandedOver],
    fold=fold,
)
loss = LOSSES.table
