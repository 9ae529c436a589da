"""Erasing on the sales side: leads, deals and whom they are with, members of campaigns, remarks and tasks."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.erasure import ErasureRequested
from chassis.testing.stage import Client, Stage
from marketing.lead.commands import remind_of_leads
from marketing.reactions import ContactAdded, CustomerEdited, IntakeReceived, IntakeRefused
from services.marketing.tests.erasing import erase, everything

CARD = {
    name: f"Marker {name}"[:20]
    for name in ("full_name", "company", "job", "email", "phone", "mobile", "website", "address")
}
SAID = {"source": "fair", "description": "Met at the fair", "contact_summary": "Will call"}
DEAL = {"name": "Three pumps", "amount": "900.00", "expected_on": "2027-02-01"}
WITH_SOMEBODY = {**DEAL, "customer_name": "Buyer Marker", "contact_name": "Contact Marker"}


@pytest.fixture
def stage(furnished: Stage) -> Stage:
    return furnished


@pytest.fixture
def lead(mei: Client) -> str:
    """A lead about whom much was written."""
    path = f"/leads/{mei.post('/leads', **CARD, **SAID)['id']}"
    mei.post(path + "/remarks", text="Likes tea")
    mei.post("/tasks", title="Send the list", due_at="2027-01-05T09:00:00Z", about="lead", about_id="1")
    mei.upload(path + "/attachments", "card of Marker.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR card")
    return path


WRITTEN = ("Met at the fair", "Will call", "Likes tea", "Send the list", "card of Marker")


def traced(stage: Stage, *subjects: str) -> list[str]:
    stage.said()
    stage.hears(ErasureRequested(erasure_id=9, asked=1, subjects=subjects))
    [(_, data)] = stage.said()
    found: list[str] = data["subjects"]
    return found


# Leads


def test_a_lead_is_forgotten_and_the_work_about_it_is_not(stage: Stage, mei: Client, lead: str) -> None:
    mei.patch(lead, version=2, full_name="Marker Married", company="Marker & Son")

    erase(stage, "lead/1")

    left = everything(stage)
    assert [word for word in (*CARD.values(), "Marker Married", "Marker & Son") if word in left] == []
    assert [word for word in WRITTEN if word not in left] == []
    shown = mei.get(lead)
    assert (shown["full_name"], shown["phone"], shown["owner_name"], shown["erased"]) == ("", "", "Mei", "lead")


def test_all_that_was_written_about_a_lead_goes_on_request(stage: Stage, mei: Client, lead: str) -> None:
    erase(stage, "lead/1", texts=True)

    assert [word for word in (*CARD.values(), *WRITTEN) if word in everything(stage)] == []
    assert [one["text"] for one in mei.get(lead + "/remarks")["items"]] == [""]
    assert [(one["title"], one["about_id"]) for one in mei.get("/tasks")["items"]] == [("", "1")]
    assert [one["name"] for one in mei.get(lead + "/attachments")["items"]] == [""]


def test_nobody_calls_a_lead_who_was_erased_and_it_can_be_given_up(
    stage: Stage, mei: Client, sue: Client, lead: str
) -> None:
    mei.post(lead + "/contact", expect=200, status=2, next_contact_on="2027-01-05")
    erase(stage, "lead/1", texts=True)
    version = mei.get(lead)["version"]
    stage.said()

    refused = [
        mei.patch(lead, version=version, expect=409, full_name="Ada"),
        mei.post(lead + "/contact", expect=409, status=3),
        mei.post(lead + "/conversion", expect=409),
        mei.post(lead + "/remarks", expect=409, text="Still likes tea"),
        mei.upload(lead + "/attachments", "again.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", expect=409),
        mei.post("/tasks", expect=409, title="x", due_at="2027-01-05T09:00:00Z", about="lead", about_id="1"),
        mei.patch("/tasks/1", version=1, expect=409, title="Call Ada"),
    ]

    assert {problem["type"] for problem in refused} == {"/problems/person-erased"}
    actions = {one["action"]: one["allowed"] for one in mei.get(lead)["actions"]}
    assert (actions["contact"], actions["convert"], actions["reject"]) == (False, False, True)
    with stage.doing() as tx:
        remind_of_leads(tx)
    assert [kind for kind, _ in stage.said() if "lead" in kind] == []
    sue.post(lead + "/transfer", expect=200, owner_id=9)
    sue.post(lead + "/rejection", expect=200, status=5, reason="Wants to be forgotten")
    assert sue.post(lead + "/reopening", expect=409)["type"] == "/problems/person-erased"


def test_a_lead_who_became_somebody_is_known_everywhere(stage: Stage, mei: Client, lead: str) -> None:
    mei.post(lead + "/conversion", expect=200, deal=DEAL)
    stage.hears(
        IntakeReceived(origin="lead/1", customer_no="KH9", contact_id=5),
        ContactAdded(contact_id=5, customer_no="KH9", name="Marker full_name"),
    )

    assert traced(stage, "lead/1") == ["contact/5", "deal/1", "lead/1"]
    assert traced(stage, "contact/5") == ["deal/1", "lead/1"]
    assert traced(stage, "customer/KH9") == ["buyer/1", "contact/5", "deal/1", "lead/1"]
    erase(stage, "lead/1", "contact/5", "deal/1", "buyer/1", "customer/KH9", texts=True)

    left = everything(stage)
    assert [word for word in (*CARD.values(), *WRITTEN, "Three pumps") if word in left] == []
    assert mei.get("/deals/1")["amount"] == "900.00"


def test_a_conversion_that_goes_on_gives_no_name_back(stage: Stage, mei: Client, lead: str) -> None:
    mei.post(lead + "/conversion", expect=200, deal=DEAL)
    erase(stage, "lead/1", texts=True)

    stage.hears(IntakeRefused(origin="lead/1", reason="A customer's name has 1 to 100 signs"))

    assert mei.get(lead)["status"] == 3
    assert [word for word in (*CARD.values(), *WRITTEN) if word in everything(stage)] == []


# Deals


def test_the_contact_of_a_deal_and_its_buyer_are_two(stage: Stage, mei: Client) -> None:
    path = f"/deals/{mei.post('/deals', **WITH_SOMEBODY)['id']}"

    erase(stage, "deal/1")
    assert "Contact Marker" not in everything(stage)
    assert mei.get(path)["customer_name"] == "Buyer Marker"

    erase(stage, "buyer/1", number=2)
    assert "Buyer Marker" not in everything(stage)
    assert mei.get(path)["erased"] == "deal buyer"


def test_a_deal_goes_on_without_the_name_that_its_stage_asks_for(stage: Stage, mei: Client, sue: Client) -> None:
    pipeline = sue.get("/pipelines/standard")
    stages = [{name: one[name] for name in ("code", "name", "name_en", "kind", "probability", "required")}
              for one in pipeline["stages"]]  # fmt: skip
    stages[1]["required"] = ["contact_name"]
    sue.patch("/pipelines/standard", version=pipeline["version"], stages=stages)
    path = f"/deals/{mei.post('/deals', **WITH_SOMEBODY)['id']}"
    erase(stage, "deal/1")

    assert mei.patch(path, version=1, expect=409, contact_name="Bo")["type"] == "/problems/person-erased"
    assert mei.post(path + "/stage", expect=200, stage=stages[1]["code"])["stage"] == stages[1]["code"]
    mei.post(path + "/stage", expect=409, stage=stages[0]["code"], contact_name="Bo")


def test_a_new_deal_does_not_name_an_erased_contact(stage: Stage, mei: Client) -> None:
    erase(stage, "contact/4")

    deal = mei.post("/deals", **DEAL, customer_no="KH1", contact_id=4, contact_name="Li Wei")

    assert (deal["contact_id"], deal["contact_name"]) == (4, "")
    assert "Li Wei" not in everything(stage)


def test_what_was_written_about_a_deal_goes_on_request(stage: Stage, mei: Client) -> None:
    path = f"/deals/{mei.post('/deals', **WITH_SOMEBODY, description='Likes blue')['id']}"
    mei.post(path + "/remarks", text="Likes tea")
    mei.post(path + "/loss", expect=200, reason="Went to a friend")
    words = ("Three pumps", "Likes blue", "Likes tea", "Went to a friend")

    erase(stage, "deal/1")
    assert [word for word in words if word not in everything(stage)] == []
    erase(stage, "deal/1", texts=True, number=2)

    assert [word for word in words if word in everything(stage)] == []


# Beside them


def test_whoever_takes_part_in_a_campaign_is_forgotten(stage: Stage, mei: Client) -> None:
    path = f"/campaigns/{mei.post('/campaigns', name='Spring', starts_on='2027-03-01', ends_on='2027-04-01')['id']}"
    mei.post(path + "/members", expect=200, kind="contact", reference="4", name="Li Wei")
    mei.post(path + "/members", expect=200, kind="customer", reference="KH1", name="Acme")

    erase(stage, "contact/4")

    assert "Li Wei" not in everything(stage)
    members = [(one["kind"], one["reference"], one["name"]) for one in mei.get(path + "/members?sort=id")["items"]]
    assert members == [("contact", "4", ""), ("customer", "KH1", "Acme")]
    again: dict[str, Any] = {"kind": "contact", "reference": "4", "name": "Li Wei"}
    assert mei.post(path + "/members", expect=409, **again)["subject"] == "contact"


@pytest.mark.parametrize("subject", ["remark/1", "task/1"])
def test_one_text_can_be_named_alone(stage: Stage, mei: Client, lead: str, subject: str) -> None:
    erase(stage, subject, texts=True)

    gone = {"remark/1": "Likes tea", "task/1": "Send the list"}[subject]
    assert [word for word in WRITTEN if word not in everything(stage)] == [gone]


def test_an_owner_who_left_is_forgotten(stage: Stage, mei: Client, lead: str) -> None:
    mei.post("/deals", **WITH_SOMEBODY)
    mei.post(lead + "/conversion", expect=200, deal=DEAL)

    erase(stage, "user/7")

    assert [word for word in ('"Mei"', "'Mei'") if word in everything(stage)] == []
    assert mei.get(lead)["owner_id"] == 7


def test_a_visit_in_the_calendar_names_no_customer_who_was_erased(stage: Stage) -> None:
    erase(stage, "customer/KH1")

    stage.hears(CustomerEdited(customer_no="KH1", name="Acme", status=1, manager_id=7))

    assert "Acme" not in everything(stage)
