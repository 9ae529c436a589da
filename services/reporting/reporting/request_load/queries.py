"""Looking at the load of requests, kind by kind."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.pages import equal
from chassis.transaction import Row, Transaction
from reporting.completeness import Completeness, complete_up_to
from reporting.facts.customer import customer_fact
from reporting.report import Cells, Figure, How, Records, exactly
from reporting.request_load.model import DELETED, request_load

STATES = ("new", "allocated", "handled", "archived")
RECORDS = Records(
    noun="request",
    id=request_load.c.request_id,
    source=request_load.outerjoin(customer_fact, customer_fact.c.customer_no == request_load.c.customer_no),
    owners=(request_load.c.creator_id, request_load.c.assignee_id),
    where=(request_load.c.status != DELETED,),
    filters={"year": equal(request_load.c.year), "kind": exactly(request_load.c.kind)},
    customer_no=request_load.c.customer_no,
    customer_name=customer_fact.c.name,
    person_id=request_load.c.assignee_id,
)
FIGURES = {
    "requests": Figure(RECORDS),
    **{state: Figure(RECORDS, (request_load.c.status == state,)) for state in STATES},
    "reopenings": Figure(RECORDS, (request_load.c.reopenings > 0,), How.SUM, request_load.c.reopenings),
    "average_satisfaction": Figure(
        RECORDS, (request_load.c.satisfaction.is_not(None),), How.MEAN, request_load.c.satisfaction
    ),
    "average_wait_seconds": Figure(
        RECORDS, (request_load.c.wait_seconds.is_not(None),), How.MEAN, request_load.c.wait_seconds
    ),
}
CELLS = Cells(
    figures={"total": "requests"},
    within={"items": Cells(figures={name: name for name in FIGURES}, by=("year", "kind"))},
)


@dataclasses.dataclass(frozen=True)
class Load:
    """The requests of one kind and year; averages are None where there is nothing to average."""

    year: int
    kind: str
    requests: int
    new: int
    allocated: int
    handled: int
    archived: int
    reopenings: int
    average_satisfaction: float | None
    average_wait_seconds: int | None


@dataclasses.dataclass(frozen=True)
class RequestLoad:
    """All kinds, the busiest first within a year."""

    year: int | None
    items: list[Load]
    total: int
    complete_up_to: Completeness


def service_report(tx: Transaction, fields: Mapping[str, Any]) -> RequestLoad:
    """Requests per kind by year of creation, with states, satisfaction and time to handle."""
    year = fields.get("year")
    rows = tx.rows(_loads(tx, year))
    return RequestLoad(
        year=year,
        items=[_load(row) for row in rows],
        total=sum(row.requests for row in rows),
        complete_up_to=complete_up_to(tx, "service-desk"),
    )


def _loads(tx: Transaction, year: int | None) -> sa.Select[Any]:
    table = request_load.c
    counted = [table.status != DELETED, tx.principal.only_seen(table.creator_id, table.assignee_id)]
    if year is not None:
        counted.append(table.year == year)
    number = sa.func.count().label("requests")
    statement = sa.select(
        table.year,
        table.kind,
        number,
        *(sa.func.sum(sa.case((table.status == state, 1), else_=0)).label(state) for state in STATES),
        sa.func.sum(table.reopenings).label("reopenings"),
        sa.func.avg(table.satisfaction).label("average_satisfaction"),
        sa.func.avg(table.wait_seconds).label("average_wait_seconds"),
    )
    statement = statement.where(*counted).group_by(table.year, table.kind)
    return statement.order_by(table.year.desc(), number.desc(), table.kind)


def _load(row: Row) -> Load:
    """PostgreSQL averages and sums to decimals, SQLite to floats and whole numbers."""
    counts = {name: int(row._mapping[name]) for name in ("requests", *STATES, "reopenings")}
    satisfaction, wait = row.average_satisfaction, row.average_wait_seconds
    return Load(
        year=row.year,
        kind=row.kind,
        **counts,
        average_satisfaction=None if satisfaction is None else round(float(satisfaction), 2),
        average_wait_seconds=None if wait is None else round(wait),
    )
