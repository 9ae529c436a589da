"""The directory of reports: what there is, and for whom."""

from __future__ import annotations

from chassis.principal import Principal
from chassis.testing.stage import Stage
from reporting.directory.queries import TITLES
from reporting.reports import REPORTS

MEI = Principal(user_id=7, name="Mei", kind="user", scope="own")


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


def test_it_says_which_of_them_one_may_read(stage: Stage) -> None:
    allowed = [one["address"] for one in stage.client(MEI, "report:loss").get("/reports")["items"] if one["is_allowed"]]

    assert allowed == ["/api/reports/loss", "/api/reports/customer-warnings"]


def test_what_is_listed_can_be_read(stage: Stage) -> None:
    client = stage.client()
    for one in client.get("/reports")["items"]:
        if "from" not in one["filters"] or one["address"] != "/api/reports/customer-growth":
            assert "complete_up_to" in client.get(one["address"].removeprefix("/api"))
