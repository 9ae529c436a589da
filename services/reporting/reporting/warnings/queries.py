"""Looking at what is late or in danger: each warning is a figure, and the question's moment says what is late."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from chassis.pages import Condition
from chassis.titles import Title
from chassis.transaction import Transaction
from reporting.as_of import moment_of
from reporting.completeness import Completeness, complete_up_to
from reporting.facts.complaint import complaint_fact
from reporting.facts.customer import customer_fact
from reporting.facts.deal import OPEN, deal_fact
from reporting.facts.lead import lead_fact
from reporting.facts.person import in_unit
from reporting.facts.visit import visit_fact
from reporting.loss.model import loss
from reporting.months import month_of
from reporting.report import Cells, Figure, Records
from reporting.request_load.model import request_load

NOT_CONTACTED = 6
"""Marketing's code of a lead that nobody has tried to reach."""
At = Callable[[datetime], sa.ColumnElement[bool]]
CELLS = Cells(figures={}, within={"items": Cells(figures={"records": ""}, by=("at",), called_in="warning")})


def _moment(text: str) -> datetime:
    """Raises ValueError for what is no moment with a zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is beyond the calendar") from error


def warned_of(noun: str, key: Any, owners: tuple[Any, ...], at: At, *where: Any, of_customers: bool = True) -> Figure:
    """Records that wait at a moment; the last of the owners is the one who is asked to do something."""
    table = key.table
    known: dict[str, Any] = {"source": table}
    if of_customers:
        source = table.outerjoin(customer_fact, customer_fact.c.customer_no == table.c.customer_no)
        known = {"source": source, "customer_no": table.c.customer_no, "customer_name": customer_fact.c.name}
    filters: dict[str, Condition] = {"at": lambda text: at(_moment(text)), "unit_id": in_unit(*owners)}
    return Figure(
        Records(noun=noun, id=key, owners=owners, filters=filters, where=where, person_id=owners[-1], **known)
    )


R, C, V, L, D, P = request_load.c, complaint_fact.c, visit_fact.c, loss.c, deal_fact.c, lead_fact.c
OF_SERVICE = {
    "requests_overdue": warned_of("request", R.request_id, (R.creator_id, R.assignee_id), lambda at: R.due_at < at,
                                  R.status.in_(("new", "allocated"))),
    "complaints_overdue": warned_of("complaint", C.complaint_id, (C.creator_id, C.assignee_id),
                                    lambda at: C.due_at < at, C.status.in_(("entered", "assigned"))),
    "visits_overdue": warned_of("visit", V.visit_id, (V.owner_id,), lambda at: V.planned_for < at,
                                V.done_month.is_(None), ~V.is_deleted),
}  # fmt: skip
OF_CUSTOMERS = {
    "customers_at_risk": warned_of("loss", L.loss_id, (L.manager_id,), lambda at: L.alerted_at <= at,
                                   L.lost_at.is_(None), L.recovered_at.is_(None)),
}  # fmt: skip
OF_SALES = {
    "deals_overdue": warned_of("deal", D.deal_id, (D.owner_id,), lambda at: D.expected_month < month_of(at),
                               D.status == OPEN),
    "leads_waiting": warned_of("lead", P.lead_id, (P.owner_id,), lambda at: P.created_month < month_of(at),
                               P.status_code == NOT_CONTACTED, ~P.is_deleted, of_customers=False),
}  # fmt: skip


RULES: Mapping[str, Title] = {
    "requests_overdue": ("服务请求已过应完成时间，还没有处理",
                         "The request is past its due time, and nobody has handled it"),
    "complaints_overdue": ("投诉已过应完成时间，还没有处理",
                           "The complaint is past its due time, and nobody has handled it"),
    "visits_overdue": ("回访已过计划时间，还没有完成",
                       "The visit is past the time it was planned for, and was not made"),
    "customers_at_risk": ("客户超过规定的月数没有下单，预警既未确认流失，也未解除",
                          "The customer has not ordered for as many months as are allowed, and the warning is open"),
    "deals_overdue": ("交易的预计成交月份已过，仍在跟进中",
                      "The month in which the deal was to be closed is over, and it is still open"),
    "leads_waiting": ("线索创建于上月或更早，还没有人联系过",
                      "The lead was created before this month, and nobody has tried to reach it"),
}  # fmt: skip
"""Why there is a warning: what is true of each of its records."""


@dataclasses.dataclass(frozen=True)
class Warned:
    """How many records a warning is about, and what is true of each."""

    warning: str
    rule: str
    rule_en: str
    at: datetime
    records: int


@dataclasses.dataclass(frozen=True)
class Warnings:
    """All of one kind, also those about nothing."""

    items: list[Warned]
    total: int
    complete_up_to: Completeness


@dataclasses.dataclass(frozen=True)
class Watching:
    """What the route of a kind of warning calls."""

    figures: Mapping[str, Figure]
    source: str

    def __call__(self, tx: Transaction, fields: Mapping[str, Any]) -> Warnings:
        """What is late or in danger, and how much of it."""
        at = moment_of(tx)
        items = [
            Warned(name, *RULES[name], at, _counted(tx, figure, fields, at)) for name, figure in self.figures.items()
        ]
        return Warnings(items, sum(one.records for one in items), complete_up_to(tx, self.source))


def _counted(tx: Transaction, figure: Figure, fields: Mapping[str, Any], at: datetime) -> int:
    conditions = figure.records.conditions(tx, {**fields, "at": at.isoformat()})
    return int(tx.scalar(sa.select(sa.func.count()).select_from(figure.records.source).where(*conditions)))
