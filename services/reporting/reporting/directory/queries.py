"""Looking at which reports there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from chassis import titles
from chassis.fields import Money, is_filled_in
from chassis.titles import Title
from chassis.transaction import Transaction
from reporting.log import report_log
from reporting.report import NO_FILTERS, How, Report
from reporting.reports import REPORTS
from reporting.titles import TITLES as WORDS

TITLES: Mapping[str, Title] = {
    "/reports/contribution": ("客户贡献分析", "Contribution"),
    "/reports/composition": ("客户构成分析", "Composition"),
    "/reports/service": ("客户服务分析", "Service"),
    "/reports/loss": ("客户流失分析", "Loss"),
    "/reports/customer-growth": ("客户发展分析", "Customer growth"),
    "/reports/sales-funnel": ("销售漏斗", "Sales funnel"),
    "/reports/performance": ("销售业绩分析", "Sales performance"),
    "/reports/revenue": ("订单收入分析", "Revenue"),
    "/reports/sales-forecast": ("销售预测", "Sales forecast"),
    "/reports/leads": ("线索统计", "Leads"),
    "/reports/opportunities": ("机会统计", "Opportunities"),
    "/reports/campaign-effect": ("市场活动效果分析", "Campaign effect"),
    "/reports/service-warnings": ("服务预警", "Service warnings"),
    "/reports/customer-warnings": ("客户预警", "Customer warnings"),
    "/reports/sales-warnings": ("销售预警", "Sales warnings"),
    "/reports/service-performance": ("服务绩效分析", "Service performance"),
    "/reports/sales": ("销售统计", "Sales"),
}


SAID = titles.Titles(WORDS)


@dataclasses.dataclass(frozen=True)
class Column:
    """What a line of the report shows; ``within`` names the part of the line in which it stands, once per currency."""

    name: str
    kind: str
    within: str


@dataclasses.dataclass(frozen=True)
class Word:
    """What something of the report is called."""

    name: str
    title: str
    title_en: str


@dataclasses.dataclass(frozen=True)
class Described:
    """One report: what it shows, what it can be asked, and the right that it needs."""

    address: str
    title: str
    title_en: str
    needs: str
    is_allowed: bool
    figures: Sequence[str]
    by: Sequence[str]
    filters: Sequence[str]
    required: Sequence[str]
    has_pages: bool
    sorts: Sequence[str]
    columns: Sequence[Column]
    words: Sequence[Word]


@dataclasses.dataclass(frozen=True)
class Directory:
    """All reports; before ``begins_at`` nothing was recorded, so no report has a past."""

    begins_at: datetime | None
    items: list[Described]


def directory(tx: Transaction) -> Directory:
    """Which reports there are, and which of them may be read by whoever asks."""
    return Directory(
        begins_at=tx.scalar(sa.select(sa.func.min(report_log.c.recorded_at))),
        items=[described(report, is_allowed=tx.principal.has(report.needs)) for report in REPORTS],
    )


def described(report: Report, *, is_allowed: bool) -> Described:
    """What the declaration of a report says, in words that a screen can show."""
    title, title_en = TITLES[report.path]
    columns = list(columns_of(report))
    asked = report.asks().fields
    by, filters = report.choices_of("by"), [name for name in asked if name not in NO_FILTERS]
    names = dict.fromkeys((*by, *filters, *report.figures, *(one.name for one in columns)))
    noun = report.path.rpartition("/")[2]
    return Described(
        address=f"/api{report.path}",
        title=title,
        title_en=title_en,
        needs=report.needs,
        is_allowed=is_allowed,
        figures=list(report.figures),
        by=by,
        filters=filters,
        required=[name for name in filters if asked[name].required],
        has_pages="cursor" in asked,
        sorts=[name for name in report.choices_of("sort") if not name.startswith("-")],
        columns=columns,
        words=[Word(name, *title_of(noun, name)) for name in names],
    )


def title_of(noun: str, name: str) -> Title:
    """A screen says how long in words that fit, so its title does not name the unit."""
    return SAID.of(noun, name.removesuffix("_seconds"))


def columns_of(report: Report) -> Iterator[Column]:
    """Those of a line, and behind them those of its amounts."""
    line = _line_of(report.gives().fields["items"])
    nested = {name: _line_of(field) for name, field in line.fields.items() if isinstance(field, ma.fields.List)}
    for within, schema in (("", line), *nested.items()):
        for name, field in schema.fields.items():
            if name not in nested and not is_filled_in(field):
                yield Column(name, _kind_of(report, name, field), within)


def _line_of(field: Any) -> ma.Schema:
    schema: ma.Schema = field.inner.schema
    return schema


def _kind_of(report: Report, name: str, field: ma.fields.Field[Any]) -> str:
    """How a value is to be read; a number that is no figure is a name of something."""
    figure = report.figures.get(name)
    if isinstance(field, Money):
        return "money"
    if isinstance(field, ma.fields.DateTime):
        return "moment"
    if name.endswith("_seconds"):
        return "seconds"
    if name.endswith("_growth"):
        return "growth"
    if isinstance(field, ma.fields.Float):
        return "mean" if figure and figure.how == How.MEAN else "share"
    return "count" if figure or name in COUNTS else "name"


COUNTS = ("measures", "records")
"""Numbers of a line behind which no records are shown, or all that the line is about."""
