"""Leads over HTTP: contacted, rejected, imported, and converted all or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.testing.stage import Client, Stage
from marketing.lead.commands import remind_of_leads
from marketing.reactions import IntakeReceived, IntakeRefused

LEAD = {"full_name": "Ada Low", "company": "Brandnew", "phone": "010-1", "source": "fair"}
DEAL = {"name": "Three pumps", "amount": "900.00", "expected_on": "2027-02-01"}


def a_lead(mei: Client, **more: Any) -> str:
    return f"/leads/{mei.post('/leads', **{**LEAD, **more})['id']}"


def facts(stage: Stage) -> list[str]:
    return [kind.removeprefix("crm.marketing.") for kind, _ in stage.said()]


def test_a_lead_is_called_and_reached(mei: Client) -> None:
    path = a_lead(mei)
    assert mei.post(path + "/attempt", expect=200)["status"] == 1

    reached = mei.post(path + "/contact", expect=200, status=2, summary="After the fair", next_contact_on="2027-01-05")

    assert (reached["status"], reached["next_contact_on"]) == (2, "2027-01-05")
    assert mei.post(path + "/contact", expect=422, status=2)["errors"][0]["pointer"] == "/next_contact_on"
    assert mei.post(path + "/contact", expect=422, status=9)["errors"][0]["pointer"] == "/status"


def test_a_rejected_lead_is_read_only_until_a_superior_reopens_it(mei: Client, sue: Client) -> None:
    path = a_lead(mei)
    assert mei.post(path + "/rejection", expect=200, status=4, reason="A prank")["reason"] == "A prank"

    assert mei.post(path + "/attempt", expect=409)["type"] == "/problems/lead-closed"
    mei.post(path + "/reopening", expect=403)
    assert sue.post(path + "/reopening", expect=200)["status"] == 3


def test_a_lead_to_contact_again_is_reminded_of_once(furnished: Stage, mei: Client) -> None:
    path = a_lead(mei)
    mei.post(path + "/contact", expect=200, status=2, next_contact_on="2027-01-05")
    furnished.said()

    for _ in range(2):
        with furnished.doing(at=datetime(2027, 1, 5, 8, tzinfo=UTC)) as tx:
            remind_of_leads(tx)

    assert facts(furnished) == ["lead.contact-due"]


def test_conversion_makes_customer_contact_and_deal_and_takes_the_remarks_along(
    furnished: Stage, mei: Client, sue: Client
) -> None:
    path = a_lead(mei)
    mei.post(path + "/remarks", text="Met at the fair")
    furnished.said()

    assert mei.post(path + "/conversion", expect=200, deal=DEAL)["status"] == 8
    kind, asked = furnished.said()[0]
    assert (kind, asked["remarks"]) == ("crm.marketing.lead.conversion-requested", ["Met at the fair"])
    furnished.hears(IntakeReceived(origin="lead/1", customer_no="KH9", contact_id=5), times=2)

    lead = mei.get(path)
    deal = mei.get(f"/deals/{lead['deal_id']}")
    assert (lead["status"], lead["customer_no"], lead["contact_id"]) == (9, "KH9", 5)
    assert (deal["customer_no"], deal["contact_name"], deal["owner_name"], deal["source"]) == (
        "KH9", "Ada Low", "Mei", "fair",
    )  # fmt: skip
    assert [one["text"] for one in mei.get(f"/deals/{deal['id']}/remarks")["items"]] == ["Met at the fair"]
    assert facts(furnished) == ["deal.created", "remark.written", "lead.converted"]
    assert sue.get("/flows/conversion:1")["state"] == "completed"
    mei.post(path + "/conversion", expect=409)


def test_conversion_without_a_deal_makes_none(furnished: Stage, mei: Client) -> None:
    path = a_lead(mei)
    mei.post(path + "/conversion", expect=200)

    furnished.hears(IntakeReceived(origin="lead/1", customer_no="KH9", contact_id=5))

    assert mei.get(path)["deal_id"] is None
    assert mei.get("/deals")["total"] == 0


def test_a_refused_conversion_gives_the_lead_back_and_can_be_tried_again(
    furnished: Stage, mei: Client, sue: Client
) -> None:
    path = a_lead(mei)
    mei.post(path + "/conversion", expect=200)
    mei.post(path + "/attempt", expect=409)

    furnished.hears(IntakeRefused(origin="lead/1", reason="Customer KH3 has this name already"), times=2)

    lead = mei.get(path)
    assert (lead["status"], lead["reason"]) == (3, "Customer KH3 has this name already")
    assert sue.get("/flows/conversion:1")["state"] == "failed"
    mei.post(path + "/conversion", expect=200, customer_no="KH3")
    furnished.hears(IntakeReceived(origin="lead/1", customer_no="KH3", contact_id=6))
    assert (mei.get(path)["status"], sue.get("/flows/conversion:1")["state"]) == (9, "completed")


def test_a_cancelled_conversion_gives_the_lead_back(mei: Client, sue: Client) -> None:
    path = a_lead(mei)
    mei.post(path + "/conversion", expect=200)

    sue.post("/flows/conversion:1/cancellation", expect=200, reason="Wrong company")

    assert (mei.get(path)["status"], mei.get(path)["reason"]) == (3, "Wrong company")


def test_a_company_we_know_has_to_be_meant(mei: Client) -> None:
    path = a_lead(mei, company="acme")

    problem = mei.post(path + "/conversion", expect=409)

    assert (problem["type"], problem["customer_no"]) == ("/problems/company-known", "KH1")
    mei.post(path + "/conversion", expect=200, customer_no="KH1")


def test_a_lead_comes_of_a_campaign_at_most_once(furnished: Stage, mei: Client, sue: Client) -> None:
    campaign = mei.post("/campaigns", name="Spring", starts_on="2027-03-01", ends_on="2027-04-01")["id"]
    path = a_lead(mei)
    assert mei.post(path + "/campaigns", expect=409, campaign_id=campaign)["type"] == "/problems/campaign-takes-none"
    mei.post(f"/campaigns/{campaign}/submission", expect=200)
    sue.post(f"/campaigns/{campaign}/approval", expect=200)
    furnished.said()

    for _ in range(2):
        mei.post(path + "/campaigns", expect=200, campaign_id=campaign)

    assert facts(furnished) == ["lead.campaign-linked"]
    assert [one["name"] for one in mei.get(path + "/campaigns")["items"]] == ["Spring"]
    assert mei.get(f"/leads?campaign_id={campaign}")["total"] == 1
    mei.call("DELETE", f"{path}/campaigns/{campaign}", expect=204)
    assert mei.get(path + "/campaigns")["total"] == 0


def test_an_import_takes_new_leads_and_leaves_known_ones_alone(mei: Client) -> None:
    rows = [{**LEAD, "reference": "A1"}, {**LEAD, "phone": "010-2"}, {**LEAD, "source": "stars", "phone": "3"}]

    first = mei.post("/leads/bulk", expect=200, rows=rows, on_error="skip")
    again = mei.post("/leads/bulk", expect=200, rows=rows[:2])

    assert (first["created"], [one["pointer"] for one in first["refused"]]) == (2, ["/rows/2/source"])
    assert (again["created"], again["unchanged"]) == (0, 2)


def test_remarks_belong_to_their_author_and_show_that_they_were_edited(mei: Client, sue: Client) -> None:
    path = a_lead(mei) + "/remarks"
    remark = mei.post(path, text="Calls back")
    one = f"{path}/{remark['id']}"

    assert sue.patch(one, version=1, expect=403, text="?")["type"] == "/problems/not-the-author"
    assert mei.patch(one, version=1, text="Called back")["edited_at"]
    mei.delete(one, version=2)
    assert mei.get(path)["total"] == 0
    mei.post(path, expect=422, text="")


def test_another_persons_lead_is_not_there(mei: Client, bo: Client) -> None:
    path = a_lead(mei)

    bo.get(path, expect=404)
    bo.get(path + "/remarks")
    assert bo.get("/leads")["total"] == bo.get(path + "/remarks")["total"] == 0


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"full_name": ""}, "/full_name"), ({"company": "x" * 101}, "/company"), ({"source": "stars"}, "/source"),
     ({"salutation": "Sir"}, "/salutation"), ({"next_contact_on": "soon"}, "/next_contact_on")],
)  # fmt: skip
def test_wrong_fields_are_named(mei: Client, change: dict[str, Any], pointer: str) -> None:
    problem = mei.post("/leads", expect=422, **{**LEAD, **change})

    assert [error["pointer"] for error in problem["errors"]] == [pointer]
