"""Looking at losses: the confirmed ones, newest first, and what became of all warnings."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.pages import Listing, contains, equal
from chassis.transaction import Transaction
from reporting.completeness import Completeness, complete_up_to
from reporting.facts.customer import customer_fact
from reporting.facts.person import in_unit
from reporting.loss.model import loss
from reporting.report import Cells, Figure, Records

NAME = sa.func.coalesce(customer_fact.c.name, loss.c.customer_name)
"""The customer's present name, or the one of the time of the warning until we heard of the customer."""

SOURCE = loss.outerjoin(customer_fact, customer_fact.c.customer_no == loss.c.customer_no)
LOSSES = Listing(
    source=SOURCE,
    columns={
        "loss_id": loss.c.loss_id,
        "customer_no": loss.c.customer_no,
        "customer_name": NAME,
        "manager_id": loss.c.manager_id,
        "manager_name": loss.c.manager_name,
        "last_order_at": loss.c.last_order_at,
        "alerted_at": loss.c.alerted_at,
        "measures": loss.c.measures,
        "reason": loss.c.reason,
        "lost_at": loss.c.lost_at,
        "recovered_at": loss.c.recovered_at,
    },
    key=loss.c.loss_id,
    owners=(loss.c.manager_id,),
    filters={
        "manager_id": equal(loss.c.manager_id),
        "manager_name": contains(loss.c.manager_name),
        "unit_id": in_unit(loss.c.manager_id),
        "customer_no": equal(loss.c.customer_no),
        "customer_name": contains(NAME),
    },
    sorts={"lost_at": loss.c.lost_at, "last_order_at": loss.c.last_order_at, "loss_id": loss.c.loss_id},
    default_sort="-lost_at",
)
STEPS = {
    "alerted": loss.c.alerted_year,
    "delayed": loss.c.delayed_year,
    "confirmed": loss.c.lost_year,
    "recovered": loss.c.recovered_year,
}
"""By how far a warning got: the year in which it did."""
FIGURES = {
    name: Figure(
        Records(
            noun="loss",
            id=loss.c.loss_id,
            source=SOURCE,
            owners=LOSSES.owners,
            where=(step.is_not(None),),
            filters={**LOSSES.filters, "year": equal(step)},
            customer_no=loss.c.customer_no,
            customer_name=NAME,
            person_id=loss.c.manager_id,
        )
    )
    for name, step in STEPS.items()
}
CELLS = Cells(
    figures={"total": "confirmed"},
    within={"counts": Cells(figures={name: name for name in STEPS})},
)


@dataclasses.dataclass(frozen=True)
class LossCounts:
    """How many warnings got that far, each in the year in which it did."""

    alerted: int
    delayed: int
    confirmed: int
    recovered: int


@dataclasses.dataclass(frozen=True)
class Losses:
    """A page of confirmed losses, and what became of all warnings."""

    year: int | None
    items: Sequence[Any]
    page: int
    size: int
    total: int
    next_cursor: str | None
    counts: LossCounts
    complete_up_to: Completeness


def loss_report(tx: Transaction, fields: Mapping[str, Any]) -> Losses:
    """Confirmed losses with reason, newest first: of one year, or of all."""
    year = fields.get("year")
    asked = {name: value for name, value in fields.items() if name != "year"}
    page = LOSSES.page(tx, asked | {"total": False}, _reached(loss.c.lost_year, year))
    counts = _counts(tx, asked, year)
    return Losses(
        year=year,
        items=page.items,
        page=page.page,
        size=page.size,
        total=counts.confirmed,
        next_cursor=page.next_cursor,
        counts=counts,
        complete_up_to=complete_up_to(tx, "customer"),
    )


def _reached(column: sa.Column[Any], year: int | None) -> sa.ColumnElement[bool]:
    return column.is_not(None) if year is None else column == year


def _counts(tx: Transaction, asked: Mapping[str, Any], year: int | None) -> LossCounts:
    steps = STEPS.values()
    numbers = [sa.func.coalesce(sa.func.sum(sa.case((_reached(step, year), 1), else_=0)), 0) for step in steps]
    statement = sa.select(*numbers).select_from(SOURCE).where(*LOSSES.conditions(tx, asked))
    row = tx.row(statement)
    assert row is not None  # noqa: S101  (an aggregate without groups always gives a row)
    return LossCounts(*(int(number) for number in row))
