"""Looking at the load of requests, kind by kind."""

from __future__ import annotations

import dataclasses
from typing import Any

import sqlalchemy as sa

from chassis.transaction import Row, Transaction
from reporting.completeness import Completeness, complete_up_to
from reporting.request_load.model import DELETED, request_load

STATES = ("new", "allocated", "handled", "archived")


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


def service_report(tx: Transaction, year: int | None = None) -> RequestLoad:
    """Requests per kind by year of creation, with states, satisfaction and time to handle."""
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
