"""Looking at contribution: customers by what they bought, highest first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.pages import Listing, contains, equal
from chassis.transaction import Row, Transaction
from reporting.completeness import Completeness, complete_up_to
from reporting.contribution.model import ALL_YEARS, contribution, contribution_order, contribution_total
from reporting.facts.customer import customer_fact
from reporting.facts.person import in_unit
from reporting.report import Cells, Figure, How, Records

SOURCE = contribution.outerjoin(customer_fact, customer_fact.c.customer_no == contribution.c.customer_no)
CONTRIBUTIONS = Listing(
    source=SOURCE,
    columns={
        "customer_no": contribution.c.customer_no,
        "customer_name": customer_fact.c.name,
        "manager_id": customer_fact.c.manager_id,
        "currency": contribution.c.currency,
        "amount_minor": contribution.c.amount_minor,
        "orders": contribution.c.orders,
        "credit_notes": contribution.c.credit_notes,
    },
    key=contribution.c.customer_no + "/" + contribution.c.currency,
    owners=(customer_fact.c.manager_id,),
    where=(contribution.c.orders > 0,),
    filters={
        "name": contains(customer_fact.c.name),
        "customer_no": equal(contribution.c.customer_no),
        "currency": equal(contribution.c.currency),
        "manager_id": equal(customer_fact.c.manager_id),
        "unit_id": in_unit(customer_fact.c.manager_id),
    },
    sorts={
        "amount": contribution.c.amount_minor,
        "orders": contribution.c.orders,
        "customer_no": contribution.c.customer_no,
    },
    default_sort="-amount",
)
NARROWING = set(CONTRIBUTIONS.filters)
SUMMED = ("amount_minor", "orders", "credit_notes")
RECORDS = Records(
    noun="order",
    id=contribution_order.c.order_no,
    source=contribution_order.outerjoin(customer_fact, customer_fact.c.customer_no == contribution_order.c.customer_no),
    owners=(customer_fact.c.manager_id,),
    where=(contribution_order.c.is_counted,),
    filters={
        **CONTRIBUTIONS.filters,
        "customer_no": equal(contribution_order.c.customer_no),
        "currency": equal(contribution_order.c.currency),
        "year": equal(contribution_order.c.year),
    },
    customer_no=contribution_order.c.customer_no,
    customer_name=customer_fact.c.name,
    person_id=customer_fact.c.manager_id,
    amount_minor=contribution_order.c.amount_minor,
    currency=contribution_order.c.currency,
)
FIGURES = {
    "orders": Figure(RECORDS),
    "credit_notes": Figure(RECORDS, (contribution_order.c.is_credit_note,)),
    "amount": Figure(RECORDS, how=How.MONEY),
}
SUMS = {name: name for name in FIGURES}
CELLS = Cells(
    figures={},
    within={
        "items": Cells(figures=SUMS, by=("customer_no", "currency")),
        "totals": Cells(figures=SUMS, by=("currency",)),
    },
)


@dataclasses.dataclass(frozen=True)
class Total:
    """All customers of the list together, in one currency."""

    currency: str
    amount_minor: int
    orders: int
    credit_notes: int


@dataclasses.dataclass(frozen=True)
class Contribution:
    """A page of customers with the totals of all pages; ``total`` counts lines, one per customer and currency.

    It is None when the question said ``total=false``: of everybody, counting costs more than all the rest.
    """

    year: int | None
    items: Sequence[Any]
    page: int
    size: int
    total: int | None
    next_cursor: str | None
    totals: list[Total]
    complete_up_to: Completeness


def contribution_report(tx: Transaction, fields: Mapping[str, Any]) -> Contribution:
    """What customers bought, highest first: in one year, or in all."""
    year = fields.get("year", ALL_YEARS)
    asked = {name: value for name, value in fields.items() if name != "year"}
    page = CONTRIBUTIONS.page(tx, asked | {"total": False}, contribution.c.year == year)
    is_everybody = tx.principal.scope == "all" and not NARROWING & set(asked)
    totals, lines = _of_everybody(tx, asked, year) if is_everybody else _of_a_part(tx, asked, year)
    return Contribution(
        year=fields.get("year"),
        items=page.items,
        page=page.page,
        size=page.size,
        total=lines,
        next_cursor=page.next_cursor,
        totals=totals,
        complete_up_to=complete_up_to(tx, "customer"),
    )


def _of_everybody(tx: Transaction, asked: Mapping[str, Any], year: int) -> tuple[list[Total], int | None]:
    """The sums that are kept."""
    kept = contribution_total.c
    statement = sa.select(contribution_total).where(kept.year == year, kept.orders > 0).order_by(kept.currency)
    counted = sa.select(sa.func.count()).where(contribution.c.year == year, contribution.c.orders > 0)
    lines = tx.scalar(counted) if asked.get("total", True) else None
    return [_total(row) for row in tx.rows(statement)], lines


def _of_a_part(tx: Transaction, asked: Mapping[str, Any], year: int) -> tuple[list[Total], int | None]:
    """Sums made for this question."""
    table = contribution.c
    sums = [sa.func.sum(table[name]).label(name) for name in SUMMED]
    statement = sa.select(table.currency, sa.func.count().label("lines"), *sums).select_from(SOURCE)
    statement = statement.where(*CONTRIBUTIONS.conditions(tx, asked, [table.year == year]))
    rows = tx.rows(statement.group_by(table.currency).order_by(table.currency))
    return [_total(row) for row in rows], sum(row.lines for row in rows)


def _total(row: Row) -> Total:
    return Total(row.currency, **{name: int(row._mapping[name]) for name in SUMMED})
