"""Looking at management reports, and at the reports that they are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from chassis.pages import Listing, equal
from chassis.problems import NotFound
from chassis.transaction import Transaction
from reporting.completeness import complete_up_to
from reporting.dashboard.queries import SECTIONS, WARNINGS, by_month, this_month
from reporting.log import LISTENS
from reporting.loss.resources import REPORT as LOSS
from reporting.management_report.model import FigureLine, ManagementReport
from reporting.report import answer_of
from reporting.revenue.resources import REPORT as REVENUE


class OfTheWholeFirm(Listing):
    """What belongs to nobody: only whoever sees all records sees any of it."""

    def conditions(
        self, tx: Transaction, asked: Mapping[str, Any], within: Sequence[sa.ColumnElement[bool]] = ()
    ) -> list[sa.ColumnElement[bool]]:
        everything = sa.true() if tx.principal.sees_all else sa.false()
        return super().conditions(tx, asked, [*within, everything])


REPORTS = OfTheWholeFirm(
    columns={
        name: getattr(ManagementReport, name)
        for name in ("month", "status", "as_of", "produced_at", "submitted_by_id", "submitted_by_name", "submitted_at",
                     "version")
    },
    key=ManagementReport.month,
    filters={"month": equal(ManagementReport.month), "status": equal(ManagementReport.status)},
    sorts={"month": ManagementReport.month},
    default_sort="-month",
)  # fmt: skip
PARTS = {name: part for name, part in SECTIONS.items() if name != "forecast"} | {"revenue": (REVENUE, by_month)}
NO_FIGURES = ("drill", "period", "amounts")


def find_report(tx: Transaction, month: str) -> ManagementReport | None:
    found: ManagementReport | None = tx.scalar(sa.select(ManagementReport).where(ManagementReport.month == month))
    return found


def get_report(tx: Transaction, month: str) -> ManagementReport:
    """One with its figures, for whoever sees the whole firm. Raises NotFound."""
    found = find_report(tx, month) if tx.principal.sees_all else None
    if found is None:
        raise NotFound(detail=f"No management report {month}")
    return found


def is_complete(tx: Transaction, moment: datetime) -> bool:
    """Whether everything that anybody said before that moment has been applied."""
    at = complete_up_to(tx, *LISTENS).at
    return at is not None and at >= moment


def lines_of(tx: Transaction, month: str, as_of: datetime) -> list[FigureLine]:
    """What the reports showed of a month when it was over."""
    return list(_lines(tx, month, {"as_of": as_of}))


def _lines(tx: Transaction, month: str, then: Mapping[str, Any]) -> Iterator[FigureLine]:
    for section, (report, asking) in PARTS.items():
        asked = this_month(month) if section == "campaigns" else asking(month)
        yield from _flat(section, answer_of(report, tx, {**asked, **then})["totals"])
    yield from _flat("losses", answer_of(LOSS, tx, {"year": int(month[:4]), **then})["counts"])
    for report in WARNINGS:
        for one in answer_of(report, tx, then)["items"]:
            yield FigureLine("warnings", one["warning"], "", str(one["records"]))


def _flat(section: str, totals: Mapping[str, Any]) -> Iterator[FigureLine]:
    """A line per figure; what is not known has none."""
    figures = {name: value for name, value in totals.items() if name not in NO_FIGURES}
    parts = [("", figures), *((one["currency"], one) for one in totals.get("amounts", ()))]
    for currency, part in parts:
        for name, value in part.items():
            if value is not None and name not in (*NO_FIGURES, "currency"):
                yield FigureLine(section, name, currency, str(value))
