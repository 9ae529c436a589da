"""Writing management reports down when a month is over, and submitting them."""

from __future__ import annotations

from chassis.problems import NotFound
from chassis.transaction import Transaction
from reporting.management_report import queries
from reporting.management_report.model import ManagementReport
from reporting.months import before, first_moment, month_of


def produce_report(tx: Transaction) -> str:
    """That of the last month, once everything that happened in it has been heard: a job."""
    month = before(month_of(tx.now))
    end = first_moment(month_of(tx.now))
    if queries.find_report(tx, month):
        return f"{month} is there"
    if not queries.is_complete(tx, end):
        return f"{month} is not complete"
    lines = queries.lines_of(tx, month, end)
    report = tx.add(ManagementReport.produce(month, lines, as_of=end, at=tx.now))
    tx.publish(report.produced())
    return f"{month} was produced"


def submit_report(tx: Transaction, month: str) -> ManagementReport:
    """Let the executives read it. Raises ReportSubmitted."""
    if not tx.principal.sees_all:
        raise NotFound(detail=f"No management report {month}")
    report = tx.get(ManagementReport, month)
    tx.publish(report.submit(by=tx.principal, at=tx.now))
    return report
