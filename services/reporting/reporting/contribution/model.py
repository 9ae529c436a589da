"""What an order counts for: its amount, for its customer, in the year it was placed and in all years together."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from functools import singledispatch
from typing import Any, NamedTuple

import sqlalchemy as sa

from chassis.events import Heard
from reporting.months import month_of
from reporting.projection import Projection, Tally, total

ALL_YEARS = 0
"""The year under which every year is summed, so that no answer has to add years up."""
CREDIT_NOTE = "credit_note"


class OrderPlaced(Heard, type="customer.order.placed", key="order_no"):
    """A customer ordered something, or gave something back (a credit note, its amount negative)."""

    order_no: str
    customer_no: str
    ordered_at: datetime
    kind: str
    amount_minor: int
    currency: str


class OrderCancelled(Heard, type="customer.order.cancelled", key="order_no"):
    """An order came to nothing."""

    order_no: str


class OrderMoved(Heard, type="customer.order.moved", key="order_no"):
    """An order is another customer's now, because the two turned out to be one."""

    order_no: str
    customer_no: str


@dataclasses.dataclass(frozen=True, slots=True)
class OrderRow:
    """What is counted of one order; a cancelled one stays on record and counts for nothing."""

    order_no: str
    customer_no: str = ""
    year: int = ALL_YEARS
    currency: str = ""
    amount_minor: int = 0
    is_credit_note: bool = False
    is_counted: bool = False
    month: str | None = None
    version: int = 0


class Place(NamedTuple):
    """Contribution is summed per year, customer and currency."""

    year: int
    customer_no: str
    currency: str


class Bought(NamedTuple):
    """What is summed; ``orders`` counts credit notes too."""

    amount_minor: int
    orders: int
    credit_notes: int


class Everybody(NamedTuple):
    """Where all customers are summed."""

    year: int
    currency: str


@singledispatch
def fold(event: Any, row: OrderRow, at: datetime) -> OrderRow:
    raise NotImplementedError(event)


@fold.register
def _(event: OrderPlaced, row: OrderRow, at: datetime) -> OrderRow:
    return dataclasses.replace(
        row,
        customer_no=event.customer_no,
        year=event.ordered_at.astimezone(UTC).year,
        currency=event.currency,
        amount_minor=event.amount_minor,
        is_credit_note=event.kind == CREDIT_NOTE,
        is_counted=True,
        month=month_of(event.ordered_at),
    )


@fold.register
def _(event: OrderCancelled, row: OrderRow, at: datetime) -> OrderRow:
    return dataclasses.replace(row, is_counted=False)


@fold.register
def _(event: OrderMoved, row: OrderRow, at: datetime) -> OrderRow:
    return dataclasses.replace(row, customer_no=event.customer_no)


def counts_of(row: OrderRow) -> dict[Place, Bought]:
    """Where an order counts: for its customer, in its year and in all years."""
    if not row.is_counted:
        return {}
    bought, who = Bought(row.amount_minor, 1, int(row.is_credit_note)), (row.customer_no, row.currency)
    return {Place(row.year, *who): bought, Place(ALL_YEARS, *who): bought}


def totals_of(row: OrderRow) -> dict[Everybody, Bought]:
    """The same for all customers together."""
    if not row.is_counted:
        return {}
    bought = Bought(row.amount_minor, 1, int(row.is_credit_note))
    return {Everybody(row.year, row.currency): bought, Everybody(ALL_YEARS, row.currency): bought}


def _summed(rows: sa.FromClause, *by: str) -> sa.CompoundSelect[Any]:
    """The same in SQL: once in the order's year, once in all years."""
    who = [rows.c[name] for name in by]
    credit_notes = total(sa.case((rows.c.is_credit_note, 1), else_=0))
    bought = (total(rows.c.amount_minor), sa.func.count(), credit_notes)
    sums = [one.label(name) for one, name in zip(bought, Bought._fields, strict=True)]
    counted = sa.select(*who, *sums).where(rows.c.is_counted)
    in_its_year = counted.with_only_columns(rows.c.year, *who, *sums).group_by(rows.c.year, *who)
    in_all = counted.with_only_columns(sa.literal(ALL_YEARS).label("year"), *who, *sums).group_by(*who)
    return sa.union_all(in_its_year, in_all)


def counts_selected(rows: sa.FromClause) -> sa.CompoundSelect[Any]:
    return _summed(rows, "customer_no", "currency")


def totals_selected(rows: sa.FromClause) -> sa.CompoundSelect[Any]:
    return _summed(rows, "currency")


CONTRIBUTION = Tally(
    "contribution",
    ["year", "amount_minor", "orders"],
    place=Place,
    counts=Bought,
    of=counts_of,
    selected=counts_selected,
)
TOTAL = Tally("contribution_total", place=Everybody, counts=Bought, of=totals_of, selected=totals_selected)
ORDERS = Projection(
    "contribution_order",
    ["customer_no"],
    row=OrderRow,
    heard=[OrderPlaced, OrderCancelled, OrderMoved],
    fold=fold,
    tallies=[CONTRIBUTION, TOTAL],
)
contribution_order = ORDERS.table
contribution = CONTRIBUTION.table
contribution_total = TOTAL.table
