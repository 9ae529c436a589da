"""Stretches of months that figures are counted in, each with the one before that is as long."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.database import Moment
from reporting.months import before, first_moment, month_text, months_between


@dataclasses.dataclass(frozen=True)
class Period:
    """From a month to a month; as text ``2026-01..2026-03``. Where SQL is written, its fields may be columns."""

    name: Any
    first: Any
    last: Any
    first_before: Any
    last_before: Any
    begins_at: Any
    ends_before: Any


def period(first: str, last: str) -> Period:
    length = len(months_between(first, last))
    bounds = (before(first, length), before(last, length), first_moment(first), first_moment(before(last, -1)))
    return Period(f"{first}..{last}", first, last, *bounds)


def period_of(text: str) -> Period:
    """Raises ValueError for what is none."""
    first, dots, last = text.partition("..")
    if not dots or month_text(first) > month_text(last):
        raise ValueError(f"{text!r} is no period like 2026-01..2026-03")
    return period(first, last)


def as_table(periods: Iterable[Period]) -> tuple[sa.FromClause, Period]:
    """A row for each, and the period that its columns are."""
    names = [field.name for field in dataclasses.fields(Period)]
    rows = [sa.select(*(_literal(getattr(one, name)).label(name) for name in names)) for one in periods]
    table = sa.union_all(*rows).subquery("period")
    return table, Period(*(table.c[name] for name in names))


def _literal(value: str | datetime) -> Any:
    return sa.literal(value, Moment() if isinstance(value, datetime) else sa.String())
