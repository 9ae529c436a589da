"""Looking at which reports there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from chassis.titles import Title
from chassis.transaction import Transaction
from reporting.report import NO_FILTERS
from reporting.reports import REPORTS

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


@dataclasses.dataclass(frozen=True)
class Directory:
    """All reports."""

    items: list[Described]


def directory(tx: Transaction) -> Directory:
    """Which reports there are, and which of them may be read by whoever asks."""
    found = []
    for report in REPORTS:
        title, title_en = TITLES[report.path]
        found.append(
            Described(
                address=f"/api{report.path}",
                title=title,
                title_en=title_en,
                needs=report.needs,
                is_allowed=tx.principal.has(report.needs),
                figures=list(report.figures),
                by=report.choices_of("by"),
                filters=[name for name in report.asks().fields if name not in NO_FILTERS],
            )
        )
    return Directory(found)
