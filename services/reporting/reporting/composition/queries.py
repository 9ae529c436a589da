"""Looking at the composition of our customers; deleted ones are left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.transaction import Row, Transaction
from reporting.completeness import Completeness, complete_up_to
from reporting.facts.customer import DELETED, customer_fact
from reporting.report import Cells, Figure, Records, exactly

ASPECTS = {name: customer_fact.c[name] for name in ("level", "credit", "satisfaction", "region")}
RECORDS = Records(
    noun="customer",
    id=customer_fact.c.customer_no,
    source=customer_fact,
    owners=(customer_fact.c.manager_id,),
    where=(customer_fact.c.status != DELETED,),
    filters={name: exactly(column) for name, column in ASPECTS.items()},
    customer_no=customer_fact.c.customer_no,
    customer_name=customer_fact.c.name,
    person_id=customer_fact.c.manager_id,
)
FIGURES = {"customers": Figure(RECORDS)}
CELLS = Cells(
    figures={"total": "customers"},
    within={"items": Cells(figures={"customers": "customers"}, aspects=tuple(ASPECTS))},
)


@dataclasses.dataclass(frozen=True)
class Part:
    """The customers that have something in common; ``value`` is None where it is not known."""

    value: str | None
    customers: int
    share: float


@dataclasses.dataclass(frozen=True)
class Composition:
    """All customers in parts; the shares add up to one."""

    by: str
    items: list[Part]
    total: int
    complete_up_to: Completeness


def composition_report(tx: Transaction, fields: Mapping[str, Any]) -> Composition:
    """How many customers there are of each level, credit, satisfaction or region."""
    by = fields.get("by", "level")
    value, customers = ASPECTS[by].label("value"), sa.func.count().label("customers")
    counted = (customer_fact.c.status != DELETED, tx.principal.only_seen(customer_fact.c.manager_id))
    statement = sa.select(value, customers).where(*counted).group_by(ASPECTS[by]).order_by(ASPECTS[by].nulls_last())
    rows = tx.rows(statement)
    total = sum(row.customers for row in rows)
    return Composition(
        by=by, items=[_part(row, total) for row in rows], total=total, complete_up_to=complete_up_to(tx, "customer")
    )


def _part(row: Row, total: int) -> Part:
    return Part(None if row.value is None else str(row.value), row.customers, row.customers / total)
