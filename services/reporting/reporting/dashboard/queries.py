"""Looking at everything at once: parts of reports that say what concerns somebody, by the rights that he or she has."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from chassis.fields import minor_units
from chassis.transaction import Transaction
from reporting.as_of import looking_at, moment_of
from reporting.campaign_effect.resources import REPORT as CAMPAIGN_EFFECT
from reporting.completeness import Completeness, complete_up_to
from reporting.forecast.resources import REPORT as FORECAST
from reporting.growth.resources import REPORT as GROWTH
from reporting.lead_statistics.resources import REPORT as LEADS
from reporting.log import LISTENS
from reporting.months import before, month_of, months_between
from reporting.performance.resources import REPORT as PERFORMANCE
from reporting.report import Report, answer_of
from reporting.revenue.resources import REPORT as REVENUE
from reporting.service_performance.resources import REPORT as SERVICE_PERFORMANCE
from reporting.trend import projected
from reporting.warnings import resources as warnings

MONTHS_BACK, MONTHS_AHEAD = 12, 3
Asking = Callable[[str], Mapping[str, str]]


def this_month(month: str) -> Mapping[str, str]:
    return {"from": month, "to": month}


def by_month(month: str) -> Mapping[str, str]:
    return {"by": "month", **this_month(month)}


def at_any_time(_month: str) -> Mapping[str, str]:
    return {}


SECTIONS: Mapping[str, tuple[Report, Asking]] = {
    "performance": (PERFORMANCE, by_month),
    "forecast": (FORECAST, by_month),
    "leads": (LEADS, by_month),
    "customers": (GROWTH, this_month),
    "campaigns": (CAMPAIGN_EFFECT, at_any_time),
    "service": (SERVICE_PERFORMANCE, by_month),
}
"""By name, the report whose totals are shown, and what it is asked of a month."""
WARNINGS = (warnings.SALES, warnings.CUSTOMERS, warnings.SERVICE)


@dataclasses.dataclass(frozen=True)
class Section:
    """The totals of a report; ``address`` leads to all of it."""

    section: str
    address: str
    figures: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Warned:
    """A warning that is about something, with the link to its records."""

    warning: str
    rule: str
    rule_en: str
    at: datetime
    records: int
    drill: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Point:
    """What was ordered in a month, in minor units; of months to come, what a straight line says."""

    month: str
    amount_minor: int
    is_projected: bool


@dataclasses.dataclass(frozen=True)
class Series:
    """Twelve months of orders in one currency, and three to come."""

    currency: str
    points: list[Point]


@dataclasses.dataclass(frozen=True)
class Dashboard:
    """What concerns one person."""

    role: str
    month: str
    as_of: datetime | None
    sections: list[Section]
    warnings: list[Warned]
    revenue: list[Series]
    complete_up_to: Completeness


def dashboard(tx: Transaction, as_of: datetime | None = None) -> Dashboard:
    """The figures of this month, the warnings and the trend that somebody has the right to see."""
    month = month_of(moment_of(looking_at(tx, as_of)))
    then = {"as_of": as_of} if as_of else {}
    return Dashboard(
        role=tx.principal.role,
        month=month,
        as_of=as_of,
        sections=[
            _section(tx, name, report, {**asking(month), **then})
            for name, (report, asking) in SECTIONS.items()
            if tx.principal.has(report.needs)
        ],
        warnings=[
            Warned(**one)
            for report in WARNINGS
            if tx.principal.has(report.needs)
            for one in answer_of(report, tx, then)["items"]
            if one["records"]
        ],
        revenue=_revenue(tx, month, then) if tx.principal.has(REVENUE.needs) else [],
        complete_up_to=complete_up_to(tx, *LISTENS),
    )


def _section(tx: Transaction, name: str, report: Report, asked: Mapping[str, Any]) -> Section:
    said = {one: value.isoformat() if isinstance(value, datetime) else value for one, value in asked.items()}
    address = f"/api{report.path}{'?' if said else ''}{urlencode(said)}"
    return Section(name, address, answer_of(report, tx, asked)["totals"])


def _revenue(tx: Transaction, month: str, then: Mapping[str, Any]) -> list[Series]:
    """The month that goes on is shown, and no part of the line: it would bend it down."""
    months = months_between(before(month, MONTHS_BACK), month)
    answer = answer_of(REVENUE, tx, {"by": "month", "from": months[0], "to": month, **then})
    found: dict[str, dict[str, int]] = {}
    for item in answer["items"]:
        for amounts in item["amounts"]:
            found.setdefault(amounts["currency"], {})[item["value"]] = minor_units(amounts["ordered"])
    return [_series(currency, months, found[currency]) for currency in sorted(found)]


def _series(currency: str, months: list[str], amounts: Mapping[str, int]) -> Series:
    known = [amounts.get(month, 0) for month in months]
    ahead = [before(months[-1], -count) for count in range(MONTHS_AHEAD + 1)][1:]
    # the first value ahead is of the month that goes on
    line = projected(known[:-1], MONTHS_AHEAD + 1)[1:]
    points = [Point(month, amount, is_projected=False) for month, amount in zip(months, known, strict=True)]
    return Series(currency, points + [Point(*one, is_projected=True) for one in zip(ahead, line, strict=True)])
