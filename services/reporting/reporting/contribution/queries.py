"""Looking at contribution: customers by what they bought, highest first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.pages import Listing, contains, equal
from chassis.transaction import Transaction
from reporting.completeness import Completeness, complete_up_to
from reporting.contribution.model import ALL_YEARS, contribution, contribution_total
from reporting.facts.customer import customer_fact

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


@dataclasses.dataclass(frozen=True)
class Total:
    """All customers of the list together, in one currency."""

    currency: str
    customers: int
    amount_minor: int
    orders: int
    credit_notes: int


@dataclasses.dataclass(frozen=True)
class Contribution:
    """A page of customers with the totals of all pages; ``total`` counts lines, one per customer and currency."""

    year: int | None
    items: Sequence[Any]
    page: int
    size: int
    total: int
    next_cursor: str | None
    totals: list[Total]
    complete_up_to: Completeness


def contribution_report(tx: Transaction, fields: Mapping[str, Any]) -> Contribution:
    """What customers bought, highest first: in one year, or in all."""
    asked = {name: value for name, value in fields.items() if name != "year"}
    in_year = contribution.c.year == fields.get("year", ALL_YEARS)
    page = CONTRIBUTIONS.page(tx, asked | {"total": False}, in_year)
    totals = _totals(tx, asked, fields.get("year", ALL_YEARS))
    return Contribution(
        year=fields.get("year"),
        items=page.items,
        page=page.page,
        size=page.size,
        total=sum(one.customers for one in totals),
        next_cursor=page.next_cursor,
        totals=totals,
        complete_up_to=complete_up_to(tx, "customer"),
    )


def _totals(tx: Transaction, asked: Mapping[str, Any], year: int) -> list[Total]:
    """Of everybody the sums are kept; of a part they are made."""
    is_everybody = tx.principal.scope == "all" and not NARROWING & set(asked)
    rows = tx.rows(_kept(year) if is_everybody else _made(tx, asked, year))
    return [Total(row.currency, row.customers, **{name: int(row._mapping[name]) for name in SUMMED}) for row in rows]


def _kept(year: int) -> sa.Select[Any]:
    table = contribution_total.c
    return sa.select(contribution_total).where(table.year == year, table.customers > 0).order_by(table.currency)


def _made(tx: Transaction, asked: Mapping[str, Any], year: int) -> sa.Select[Any]:
    table = contribution.c
    sums = [sa.func.sum(table[name]).label(name) for name in SUMMED]
    statement = sa.select(table.currency, sa.func.count().label("customers"), *sums).select_from(SOURCE)
    statement = statement.where(*CONTRIBUTIONS.conditions(tx, asked, [table.year == year]))
    return statement.group_by(table.currency).order_by(table.currency)
