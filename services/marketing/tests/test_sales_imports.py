"""Leads and campaigns from files: whoever brings them in owns them, and may take them back."""

from __future__ import annotations

import csv
import io
from typing import Any

from chassis.sheets import Column, Kind, write_xlsx
from chassis.testing.stage import Client, Stage

LEADS = "外部编号,姓名,公司,办公电话,机会来源,下次联系日期\nA1,Ada Low,Brandnew,010-1,fair,2027-01-05\n"
CAMPAIGN = {
    "活动名称": "Spring",
    "开始日期": "2027-03-01",
    "结束日期": "2027-04-01",
    "预算": "1500",
    "活动描述": "Mail",
}


def done(stage: Stage, client: Client, noun: str, content: bytes, **fields: Any) -> dict[str, Any]:
    job = client.upload(f"/{noun}/imports", f"{noun}.file", content, expect=202, **fields)
    stage.imports()
    shown: dict[str, Any] = client.get(f"/{noun}/imports/{job['id']}")
    return shown


def taken_back(stage: Stage, client: Client, noun: str, job: dict[str, Any]) -> dict[str, Any]:
    client.post(f"/{noun}/imports/{job['id']}/undo", expect=202)
    stage.imports()
    shown: dict[str, Any] = client.get(f"/{noun}/imports/{job['id']}")
    return shown


def table(client: Client, path: str) -> list[dict[str, str]]:
    raw = client.client.get(path).get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(raw)))


def test_leads_come_once_and_what_is_wrong_is_told_by_row(furnished: Stage, mei: Client) -> None:
    content = LEADS + "A2,Bea,Acme,010-2,stars,\nA3,,Acme,010-3,fair,\nA4,Cid,Acme,010-4,fair,5 May\n"

    job = done(furnished, mei, "leads", content.encode("gb18030"), on_error="skip")

    assert (job["state"], job["created"], job["unchanged"], job["refused"]) == ("done", 1, 0, 3)
    found = mei.get(f"/leads/imports/{job['id']}/faults")["items"]
    assert sorted((one["row"], one["column"]) for one in found) == [(3, "机会来源"), (4, "姓名"), (5, "下次联系日期")]
    [lead] = mei.get("/leads")["items"]
    assert (lead["owner_name"], lead["next_contact_on"]) == ("Mei", "2027-01-05")
    assert done(furnished, mei, "leads", LEADS.encode())["unchanged"] == 1
    [row] = table(mei, "/leads/export?lang=zh")
    assert (row["公司"], row["负责人"], row["下次联系日期"]) == ("Brandnew", "Mei", "2027-01-05")


def test_leads_go_again_unless_somebody_called(furnished: Stage, mei: Client) -> None:
    job = done(furnished, mei, "leads", (LEADS + "A2,Bea,Acme,010-2,fair,\n").encode())
    called = next(lead for lead in mei.get("/leads")["items"] if lead["reference"] == "A2")
    mei.post(f"/leads/{called['id']}/attempt", expect=200)

    job = taken_back(furnished, mei, "leads", job)

    assert (job["state"], job["undone"], job["kept"]) == ("undone", 1, 1)
    assert [lead["reference"] for lead in mei.get("/leads")["items"]] == ["A2"]


def test_campaigns_come_from_a_spreadsheet_and_go_to_one(furnished: Stage, mei: Client) -> None:
    columns = [Column(name, name, Kind.TEXT) for name in CAMPAIGN]
    content = b"".join(write_xlsx(columns, [CAMPAIGN, CAMPAIGN | {"活动名称": "Autumn"}])[0])

    job = done(furnished, mei, "campaigns", content)

    assert (job["state"], job["created"]) == ("done", 2)
    chosen = next(one["id"] for one in mei.get("/campaigns")["items"] if one["name"] == "Autumn")
    assert len(table(mei, "/campaigns/export?lang=zh")) == 2
    [row] = table(mei, f"/campaigns/export?lang=zh&ids={chosen}&fields=id,owner_name,name,starts_on,budget,description")
    assert row == {"编号": f"{chosen}", "负责人": "Mei", "活动名称": "Autumn", "开始日期": "2027-03-01",
                   "预算": "1500.00", "活动描述": "Mail"}  # fmt: skip

    job = taken_back(furnished, mei, "campaigns", job)
    assert (job["undone"], mei.get("/campaigns")["total"]) == (2, 0)


def test_a_campaign_that_ends_before_it_begins_is_refused(furnished: Stage, mei: Client) -> None:
    content = "name,starts_on,ends_on\nSpring,2027-03-01,2027-02-01\nSummer,2027-06-01,2027-07-01\n"

    job = done(furnished, mei, "campaigns", content.encode())

    assert (job["state"], mei.get("/campaigns")["total"]) == ("refused", 0)
    [fault] = mei.get(f"/campaigns/imports/{job['id']}/faults")["items"]
    assert (fault["row"], fault["column"]) == (2, "ends_on")


def test_leads_and_campaigns_have_files(furnished: Stage, mei: Client, bo: Client) -> None:
    lead = mei.post("/leads", full_name="Ada", company="Brandnew")
    campaign = mei.post("/campaigns", name="Spring", starts_on="2027-03-01", ends_on="2027-04-01")

    for path in (f"/leads/{lead['id']}/attachments", f"/campaigns/{campaign['id']}/attachments"):
        kept = mei.upload(path, "card.txt", b"Ada Low")
        assert mei.client.get(f"{path}/{kept['id']}").get_data() == b"Ada Low"
    bo.get(f"/leads/{lead['id']}/attachments", expect=404)
    assert [kind for kind, _ in furnished.said() if kind.endswith("file-attached")] == [
        "crm.marketing.lead.file-attached",
        "crm.marketing.campaign.file-attached",
    ]
