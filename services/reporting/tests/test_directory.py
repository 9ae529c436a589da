"""The directory of reports: what there is, and for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chassis.principal import Principal
from chassis.testing.stage import Stage
from reporting.directory.queries import SAID, TITLES, described
from reporting.reports import REPORTS
from services.reporting.tests.test_funnel import created

MEI = Principal(user_id=7, name="Mei", kind="user", scope="own")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_every_report_is_listed_with_its_right(stage: Stage) -> None:
    found = {one["address"]: one for one in stage.client().get("/reports")["items"]}

    assert {address: one["needs"] for address, one in found.items()} == {
        f"/api{one.path}": one.needs for one in REPORTS
    }
    assert {one.path for one in REPORTS} == set(TITLES)
    loss = found["/api/reports/loss"]
    assert (loss["title"], loss["title_en"], loss["by"]) == ("客户流失分析", "Loss", [])
    assert "confirmed" in loss["figures"]
    assert "unit_id" in loss["filters"]
    assert found["/api/reports/composition"]["by"] == ["level", "credit", "satisfaction", "region"]
    assert found["/api/reports/performance"]["by"] == ["person", "unit", "month", "source"]


def test_it_says_how_what_a_report_shows_is_to_be_read(stage: Stage) -> None:
    found = {one["address"]: one for one in stage.client().get("/reports")["items"]}

    performance = found["/api/reports/performance"]
    kinds = {one["name"]: (one["kind"], one["within"]) for one in performance["columns"]}
    assert kinds["created"] == ("count", "")
    assert kinds["win_rate"] == ("share", "")
    assert kinds["won_growth"] == ("growth", "")
    assert kinds["won_amount"] == ("money", "amounts")
    assert "drill" not in kinds
    assert performance["sorts"] == ["value", "created", "won", "lost", "won_amount"]
    assert (performance["required"], performance["has_pages"]) == ([], False)
    assert found["/api/reports/customer-growth"]["required"] == ["from", "to"]
    assert [address for address, one in found.items() if one["has_pages"]] == [
        "/api/reports/contribution",
        "/api/reports/loss",
    ]
    service = {one["name"]: one["kind"] for one in found["/api/reports/service"]["columns"]}
    assert (service["year"], service["average_satisfaction"]) == ("name", "mean")
    assert service["average_wait_seconds"] == "seconds"


def test_everything_it_names_has_a_title_in_both_languages() -> None:
    found = [described(report, is_allowed=True) for report in REPORTS]

    unknown = [
        (one.address, word.name)
        for one in found
        for word in one.words
        if SAID.find(one.address.rpartition("/")[2], word.name.removesuffix("_seconds")) is None
    ]
    assert unknown == []


def test_it_says_since_when_there_is_a_past(stage: Stage) -> None:
    assert stage.client().get("/reports")["begins_at"] is None

    stage.hears(created(1), at=MONDAY)
    stage.hears(created(2), at=MONDAY + timedelta(days=1))

    assert stage.client().get("/reports")["begins_at"] == "2026-03-02T09:00:00Z"


def test_it_says_which_of_them_one_may_read(stage: Stage) -> None:
    allowed = [one["address"] for one in stage.client(MEI, "report:loss").get("/reports")["items"] if one["is_allowed"]]

    assert allowed == ["/api/reports/loss", "/api/reports/customer-warnings"]


def test_what_is_listed_can_be_read(stage: Stage) -> None:
    client = stage.client()
    for one in client.get("/reports")["items"]:
        if "from" not in one["filters"] or one["address"] != "/api/reports/customer-growth":
            assert "complete_up_to" in client.get(one["address"].removeprefix("/api"))
