"""Looking at how many customers come, buy, stay and leave.

A period is a row of a table of periods when the report is made, and a text when the records behind a figure are asked
for; either way the same conditions say who counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.pages import Condition
from chassis.problems import wrong_field
from chassis.transaction import Transaction
from reporting.completeness import Completeness, complete_up_to
from reporting.contribution.model import contribution_order
from reporting.facts.customer import DELETED, customer_fact
from reporting.facts.person import in_unit
from reporting.loss.model import loss
from reporting.months import month_text, months_between
from reporting.periods import Period, as_table, period, period_of
from reporting.report import Cells, Figure, Records, exactly

MOST_MONTHS = 36
During = Callable[[Period], sa.ColumnElement[bool]]
ORDER, EARLIER = contribution_order.alias("bought"), contribution_order.alias("bought_before")


def bought(order: Any, first: Any, last: Any) -> sa.ColumnElement[bool]:
    """An order, no credit note, in these months."""
    return sa.and_(order.c.is_counted, ~order.c.is_credit_note, order.c.month >= first, order.c.month <= last)


def _of_customer(order: Any, *conditions: Any) -> sa.ColumnElement[bool]:
    return sa.exists().where(order.c.customer_no == customer_fact.c.customer_no, *conditions)


def is_new(during: Period) -> sa.ColumnElement[bool]:
    return sa.and_(customer_fact.c.opened_at >= during.begins_at, customer_fact.c.opened_at < during.ends_before)


def is_active(during: Period) -> sa.ColumnElement[bool]:
    return _of_customer(ORDER, bought(ORDER, during.first, during.last))


def was_active(during: Period) -> sa.ColumnElement[bool]:
    return _of_customer(EARLIER, bought(EARLIER, during.first_before, during.last_before))


def is_kept(during: Period) -> sa.ColumnElement[bool]:
    return sa.and_(is_active(during), was_active(during))


def buys_again(during: Period) -> sa.ColumnElement[bool]:
    earlier = (EARLIER.c.is_counted, ~EARLIER.c.is_credit_note, EARLIER.c.month < during.first)
    return sa.and_(is_active(during), _of_customer(EARLIER, *earlier))


def is_lost(during: Period) -> sa.ColumnElement[bool]:
    return sa.and_(loss.c.lost_at >= during.begins_at, loss.c.lost_at < during.ends_before)


def is_won_back(during: Period) -> sa.ColumnElement[bool]:
    confirmed = loss.c.lost_at.is_not(None)
    return sa.and_(confirmed, loss.c.recovered_at >= during.begins_at, loss.c.recovered_at < during.ends_before)


CUSTOMERS: Mapping[str, During] = {
    "new": is_new,
    "active": is_active,
    "active_before": was_active,
    "kept": is_kept,
    "repeat": buys_again,
}
LOSSES: Mapping[str, During] = {"lost": is_lost, "won_back": is_won_back}


def _anything(_text: str) -> sa.ColumnElement[bool]:
    return sa.true()


def _records(noun: str, key: Any, source: Any, owner: Any, counts: During, **known: Any) -> Records:
    narrowing: dict[str, Condition] = {
        "person": exactly(owner),
        "unit_id": in_unit(owner),
        "region": exactly(customer_fact.c.region),
        "period": lambda text: counts(period_of(text)),
        "from": _anything,
        "to": _anything,
    }
    return Records(noun=noun, id=key, source=source, owners=(owner,), filters=narrowing, person_id=owner, **known)


def _of_customers(counts: During) -> Records:
    is_there = (customer_fact.c.status != DELETED,)
    known = {"customer_no": customer_fact.c.customer_no, "customer_name": customer_fact.c.name, "where": is_there}
    return _records(
        "customer", customer_fact.c.customer_no, customer_fact, customer_fact.c.manager_id, counts, **known
    )  # fmt: skip


def _of_losses(counts: During) -> Records:
    source = loss.outerjoin(customer_fact, customer_fact.c.customer_no == loss.c.customer_no)
    known = {"customer_no": loss.c.customer_no, "customer_name": customer_fact.c.name}
    return _records("loss", loss.c.loss_id, source, loss.c.manager_id, counts, **known)


FIGURES = {name: Figure(_of_customers(counts)) for name, counts in CUSTOMERS.items()}
FIGURES |= {name: Figure(_of_losses(counts)) for name, counts in LOSSES.items()}
OF_A_PERIOD = Cells(figures={name: name for name in FIGURES}, by=("period",))
CELLS = Cells(figures={}, within={"items": OF_A_PERIOD, "totals": OF_A_PERIOD})


@dataclasses.dataclass
class Growth:
    """The customers of one period; ``active_before`` bought in the one before, ``kept`` in both."""

    period: str
    new: int = 0
    active: int = 0
    active_before: int = 0
    kept: int = 0
    repeat: int = 0
    lost: int = 0
    won_back: int = 0

    @property
    def retention(self) -> float | None:
        return self.kept / self.active_before if self.active_before else None

    @property
    def repeat_rate(self) -> float | None:
        return self.repeat / self.active if self.active else None


@dataclasses.dataclass(frozen=True)
class CustomerGrowth:
    """Month by month, and all months as one period."""

    items: list[Growth]
    totals: Growth
    complete_up_to: Completeness


def growth_report(tx: Transaction, fields: Mapping[str, Any]) -> CustomerGrowth:
    """Customers who are new, buy, buy again, stay, leave and come back."""
    first, last = _months(fields)
    months = [period(month, month) for month in months_between(first, last)]
    whole = period(first, last)
    found = {one.name: Growth(one.name) for one in (*months, whole)}
    for statement in (_customers(tx, found, fields), _losses(tx, found, fields)):
        for row in tx.rows(statement):
            for name in FIGURES.keys() & row._mapping.keys():
                setattr(found[row.period], name, int(row._mapping[name]))
    complete = complete_up_to(tx, "customer", "identity")
    return CustomerGrowth([found[one.name] for one in months], found[whole.name], complete)


def _months(fields: Mapping[str, Any]) -> tuple[str, str]:
    for name in ("from", "to"):
        try:
            month_text(fields[name])
        except ValueError as error:
            raise wrong_field(f"/{name}", str(error)) from error
    if not 1 <= len(months_between(fields["from"], fields["to"])) <= MOST_MONTHS:
        raise wrong_field("/to", f"At least one month, and at most {MOST_MONTHS}")
    return fields["from"], fields["to"]


def _customers(tx: Transaction, periods: Mapping[str, Growth], fields: Mapping[str, Any]) -> sa.Select[Any]:
    return _counted(tx, periods, fields, CUSTOMERS, customer_fact)


def _losses(tx: Transaction, periods: Mapping[str, Growth], fields: Mapping[str, Any]) -> sa.Select[Any]:
    return _counted(tx, periods, fields, LOSSES, FIGURES["lost"].records.source)


def _counted(
    tx: Transaction,
    periods: Mapping[str, Growth],
    fields: Mapping[str, Any],
    figures: Mapping[str, During],
    source: Any,
) -> sa.Select[Any]:
    """How many count for each figure in each period."""
    table, during = as_table([period_of(name) for name in periods])
    records = FIGURES[next(iter(figures))].records
    numbers = [sa.func.sum(sa.case((counts(during), 1), else_=0)).label(name) for name, counts in figures.items()]
    statement = sa.select(during.name.label("period"), *numbers).select_from(source.join(table, sa.true()))
    return statement.where(*records.conditions(tx, fields)).group_by(during.name)
