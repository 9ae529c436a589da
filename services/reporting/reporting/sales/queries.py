"""Looking at sales: opportunities counted by status, by salesperson, by product, or by all three at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.pages import equal
from chassis.transaction import Row, Transaction
from reporting.completeness import Completeness, complete_up_to
from reporting.facts.person import in_unit, person_fact
from reporting.report import Cells, Figure, How, Records, exactly
from reporting.sales.model import GONE, WON, sales, sales_opportunity

PERSON = (sales.c.salesperson_id, person_fact.c.full_name.label("salesperson_name"))
GROUPS: Mapping[str, Sequence[Any]] = {
    "status": (sales.c.status,),
    "salesperson": PERSON,
    "product": (sales.c.product,),
    "cross": (sales.c.status, *PERSON, sales.c.product),
}
FILTERS = ("status", "salesperson_id", "product", "currency")
RECORDS = Records(
    noun="opportunity",
    id=sales_opportunity.c.opportunity_id,
    source=sales_opportunity,
    owners=(sales_opportunity.c.salesperson_id,),
    where=(sales_opportunity.c.status != GONE,),
    filters={
        "status": equal(sales_opportunity.c.status),
        "salesperson_id": equal(sales_opportunity.c.salesperson_id),
        "unit_id": in_unit(sales_opportunity.c.salesperson_id),
        "product": exactly(sales_opportunity.c.product),
        "currency": exactly(sales_opportunity.c.currency),
    },
    person_id=sales_opportunity.c.salesperson_id,
    amount_minor=sales_opportunity.c.amount_minor,
    currency=sales_opportunity.c.currency,
)
FIGURES = {
    "opportunities": Figure(RECORDS),
    "won": Figure(RECORDS, (sales_opportunity.c.status == WON,), How.MONEY),
}
OF_A_GROUP = Cells(
    figures={"opportunities": "opportunities"},
    by=("status", "salesperson_id", "product"),
    within={"won": Cells(figures={"amount": "won"}, by=("currency",))},
)
CELLS = Cells(figures={"total": "opportunities"}, within={"items": OF_A_GROUP})


@dataclasses.dataclass(frozen=True)
class WonAmount:
    """What the won ones are worth, in one currency."""

    currency: str
    amount_minor: int


@dataclasses.dataclass
class Sold:
    """The opportunities of one group; what the group is not about is None."""

    status: int | None
    salesperson_id: int | None
    salesperson_name: str | None
    product: str | None
    opportunities: int = 0
    won: list[WonAmount] = dataclasses.field(default_factory=list)


ABOUT = ("status", "salesperson_id", "salesperson_name", "product")


@dataclasses.dataclass(frozen=True)
class Sales:
    """All groups, ordered by what they are about."""

    by: str
    items: list[Sold]
    total: int
    complete_up_to: Completeness


def sales_report(tx: Transaction, fields: Mapping[str, Any]) -> Sales:
    """How many opportunities there are, and what the won ones are worth."""
    by = fields.get("by", "status")
    items = _together(tx.rows(_counted(tx, GROUPS[by], fields)))
    return Sales(
        by=by,
        items=items,
        total=sum(item.opportunities for item in items),
        complete_up_to=complete_up_to(tx, "marketing", "identity"),
    )


def _counted(tx: Transaction, group: Sequence[Any], fields: Mapping[str, Any]) -> sa.Select[Any]:
    """A row per group and currency."""
    conditions = [sales.c.opportunities > 0, tx.principal.only_seen(sales.c.salesperson_id)]
    conditions += [sales.c[name] == fields[name] for name in FILTERS if name in fields]
    if "unit_id" in fields:
        conditions.append(in_unit(sales.c.salesperson_id)(str(fields["unit_id"])))
    source = sales.outerjoin(person_fact, person_fact.c.user_id == sales.c.salesperson_id)
    sums = (sa.func.sum(sales.c.opportunities), sa.func.sum(sales.c.won_amount_minor))
    columns = (*group, sales.c.currency, sums[0].label("opportunities"), sums[1].label("won_amount_minor"))
    statement = sa.select(*columns).select_from(source).where(*conditions)
    return statement.group_by(*group, sales.c.currency).order_by(*group, sales.c.currency)


def _together(rows: Sequence[Row]) -> list[Sold]:
    """The rows of one group that differ in currency, as one item."""
    found: dict[tuple[Any, ...], Sold] = {}
    for row in rows:
        group: dict[str, Any] = {name: row._mapping.get(name) for name in ABOUT}
        item = found.setdefault(tuple(group.values()), Sold(**group))
        item.opportunities += int(row.opportunities)
        if row.won_amount_minor:
            item.won.append(WonAmount(row.currency, int(row.won_amount_minor)))
    return list(found.values())
