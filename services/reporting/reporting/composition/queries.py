"""Looking at the composition of our customers; deleted ones are left out."""

from __future__ import annotations

import dataclasses

import sqlalchemy as sa

from chassis.transaction import Row, Transaction
from reporting.completeness import Completeness, complete_up_to
from reporting.facts.customer import DELETED, customer_fact

ASPECTS = {name: customer_fact.c[name] for name in ("level", "credit", "satisfaction", "region")}


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


def composition_report(tx: Transaction, by: str = "level") -> Composition:
    """How many customers there are of each level, credit, satisfaction or region."""
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
