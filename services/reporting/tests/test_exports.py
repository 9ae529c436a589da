"""Reports as files: every line of every page, with the titles of the reader's language."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from chassis import exporting
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.contribution.model import OrderPlaced
from reporting.report import Report
from reporting.reports import REPORTS
from services.reporting.tests.figures import ALWAYS

EVE = Principal(user_id=4, name="Eve", role="executive", kind="user", scope="all")


def table(client: Client, path: str) -> list[dict[str, str]]:
    raw = client.client.get(path).get_data()
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))


def test_the_file_of_a_report_has_every_page(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"ordered_at": datetime(2026, 1, 1, tzinfo=UTC), "kind": "order", "amount_minor": 100, "currency": "EUR"}
    for number in range(5):
        placed = OrderPlaced(order_no=f"{number}", customer_no=f"K{number}", **said)
        stage.hears(placed)
    monkeypatch.setattr(exporting, "PAGE", 2)
    monkeypatch.setitem(exporting.FOREVER, "size", 2)

    rows = table(stage.client(EVE, "report:contribution"), "/reports/contribution/export?lang=zh&year=2026")

    assert sorted(row["客户编号"] for row in rows) == ["K0", "K1", "K2", "K3", "K4"]
    assert {row["金额"] for row in rows} == {"1.00"}


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.path)
def test_every_report_has_its_file_in_both_forms(stage: Stage, report: Report) -> None:
    eve = stage.client(EVE)

    assert (
        eve.client.get(f"{report.path}/export?{ALWAYS.get(report.path, '')}&lang=en")
        .get_data()
        .startswith(b"\xef\xbb\xbf")
    )
    assert (
        eve.client.get(f"{report.path}/export?{ALWAYS.get(report.path, '')}&format=xlsx").get_data().startswith(b"PK")
    )
