"""What an opportunity counts for: its status, who works on it, the product, and the amount once it is won."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from functools import singledispatch
from typing import Any, NamedTuple

import sqlalchemy as sa

from chassis.events import Heard
from reporting.months import month_of
from reporting.projection import Projection, Tally, total

UNASSIGNED, IN_DEVELOPMENT, WON, FAILED = 1, 2, 3, 4
"""Marketing's codes."""
GONE = 0
"""Our code for an opportunity that was deleted, or of which nothing was heard."""


class OpportunityCreated(Heard, type="marketing.opportunity.created"):
    """Somebody may buy."""

    opportunity_id: int
    owner_id: int
    product: str
    amount_minor: int
    currency: str


class OpportunityEdited(Heard, type="marketing.opportunity.edited"):
    """It was described wrongly before."""

    opportunity_id: int
    product: str
    amount_minor: int
    currency: str


class OpportunityAssigned(Heard, type="marketing.opportunity.assigned"):
    """Somebody is to develop it."""

    opportunity_id: int
    assignee_id: int


class OpportunityWon(Heard, type="marketing.opportunity.won"):
    """They buy."""

    opportunity_id: int
    product: str
    amount_minor: int
    currency: str


class OpportunityFailed(Heard, type="marketing.opportunity.failed"):
    """They do not."""

    opportunity_id: int


class OpportunityDeleted(Heard, type="marketing.opportunity.deleted"):
    """It was thrown away."""

    opportunity_id: int


@dataclasses.dataclass(frozen=True, slots=True)
class OpportunityRow:
    """One opportunity; ``salesperson_id`` is the assignee, and the creator until there is one."""

    opportunity_id: int
    status: int = GONE
    salesperson_id: int = 0
    product: str = ""
    currency: str = ""
    amount_minor: int = 0
    created_month: str | None = None
    closed_month: str | None = None
    version: int = 0


class Place(NamedTuple):
    """Opportunities are counted by status, salesperson, product and currency."""

    status: int
    salesperson_id: int
    product: str
    currency: str


class Sold(NamedTuple):
    """How many, and what the won ones are worth."""

    opportunities: int
    won_amount_minor: int


@singledispatch
def fold(event: Any, row: OpportunityRow, at: datetime) -> OpportunityRow:
    raise NotImplementedError(event)


@fold.register
def _(event: OpportunityCreated, row: OpportunityRow, at: datetime) -> OpportunityRow:
    began = dataclasses.replace(_described(event, row), created_month=month_of(at))
    return dataclasses.replace(began, status=UNASSIGNED, salesperson_id=event.owner_id)


@fold.register
def _(event: OpportunityEdited, row: OpportunityRow, at: datetime) -> OpportunityRow:
    return _described(event, row)


@fold.register
def _(event: OpportunityAssigned, row: OpportunityRow, at: datetime) -> OpportunityRow:
    return dataclasses.replace(row, status=IN_DEVELOPMENT, salesperson_id=event.assignee_id)


@fold.register
def _(event: OpportunityWon, row: OpportunityRow, at: datetime) -> OpportunityRow:
    return dataclasses.replace(_described(event, row), status=WON, closed_month=month_of(at))


@fold.register
def _(event: OpportunityFailed, row: OpportunityRow, at: datetime) -> OpportunityRow:
    return dataclasses.replace(row, status=FAILED, closed_month=month_of(at))


@fold.register
def _(event: OpportunityDeleted, row: OpportunityRow, at: datetime) -> OpportunityRow:
    return dataclasses.replace(row, status=GONE)


def _described(event: OpportunityCreated | OpportunityEdited | OpportunityWon, row: OpportunityRow) -> OpportunityRow:
    return dataclasses.replace(row, product=event.product, amount_minor=event.amount_minor, currency=event.currency)


def counts_of(row: OpportunityRow) -> dict[Place, Sold]:
    """Where an opportunity counts: nowhere once it is gone."""
    if row.status == GONE:
        return {}
    place = Place(row.status, row.salesperson_id, row.product, row.currency)
    return {place: Sold(1, row.amount_minor if row.status == WON else 0)}


def counts_selected(rows: sa.FromClause) -> sa.Select[Any]:
    """The same in SQL."""
    place = [rows.c[name] for name in Place._fields]
    won = total(sa.case((rows.c.status == WON, rows.c.amount_minor), else_=0))
    sold = (sa.func.count().label("opportunities"), won.label("won_amount_minor"))
    return sa.select(*place, *sold).where(rows.c.status != GONE).group_by(*place)


SALES = Tally("sales", place=Place, counts=Sold, of=counts_of, selected=counts_selected)
OPPORTUNITIES = Projection(
    "sales_opportunity",
    row=OpportunityRow,
    heard=[
        OpportunityCreated,
        OpportunityEdited,
        OpportunityAssigned,
        OpportunityWon,
        OpportunityFailed,
        OpportunityDeleted,
    ],
    fold=fold,
    tallies=[SALES],
)
sales_opportunity = OPPORTUNITIES.table
sales = SALES.table
