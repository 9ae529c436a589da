"""Campaigns over HTTP: approved by somebody else, with members, costs and responses, and what came of them."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage

SUE = Principal(user_id=8, name="Sue", role="supervisor", kind="user", scope="all")
CAMPAIGN = {"name": "Spring", "kind": "mailing", "starts_on": "2027-03-01", "ends_on": "2027-04-01", "budget": "500.00"}


def approved(mei: Client, sue: Client) -> str:
    path = f"/campaigns/{mei.post('/campaigns', **CAMPAIGN)['id']}"
    mei.post(path + "/submission", expect=200)
    sue.post(path + "/approval", expect=200)
    return path


def test_a_campaign_goes_from_draft_to_its_evaluation(furnished: Stage, mei: Client, sue: Client) -> None:
    path = approved(mei, sue)
    mei.post(path + "/start", expect=200)
    mei.post(path + "/finish", expect=200)

    judged = mei.post(path + "/evaluation", expect=200, evaluation="Worth it", score=4)

    assert (judged["status"], judged["score"]) == ("evaluated", 4)
    facts = [kind.rpartition(".")[2] for kind, _ in furnished.said() if ".campaign." in kind]
    assert facts == ["created", "submitted", "approved", "started", "finished", "evaluated"]
    assert mei.patch(path, version=judged["version"], expect=409, name="Fall")["type"] == "/problems/not-in-this-state"


def test_nobody_approves_a_campaign_of_his_own(sue: Client) -> None:
    path = f"/campaigns/{sue.post('/campaigns', **CAMPAIGN)['id']}"
    sue.post(path + "/submission", expect=200)

    assert sue.post(path + "/approval", expect=403)["type"] == "/problems/own-campaign"


def test_a_rejected_campaign_goes_back_with_a_note(mei: Client, sue: Client) -> None:
    path = f"/campaigns/{mei.post('/campaigns', **CAMPAIGN)['id']}"
    mei.post(path + "/submission", expect=200)

    rejected = sue.post(path + "/rejection", expect=200, note="Too dear")

    assert (rejected["status"], rejected["note"]) == ("draft", "Too dear")


def test_members_take_part_once(mei: Client) -> None:
    path = f"/campaigns/{mei.post('/campaigns', **CAMPAIGN)['id']}/members"
    for _ in range(2):
        mei.post(path, expect=200, kind="customer", reference="KH1", name="Acme")

    [member] = mei.get(path)["items"]
    mei.call("DELETE", f"{path}/{member['id']}", expect=204)

    assert mei.get(path)["total"] == 0
    assert mei.post(path, expect=422, kind="dragon", reference="1", name="D")["errors"][0]["pointer"] == "/kind"


def test_what_it_cost_stands_against_what_came_of_it(mei: Client, sue: Client) -> None:
    path = approved(mei, sue)
    number = int(path.rpartition("/")[2])
    for amount in ("100.00", "50.00"):
        mei.post(path + "/costs", expect=200, description="Stamps", amount=amount, spent_on="2027-03-02")
    deal = {"name": "Pumps", "customer_no": "KH1", "expected_on": "2027-05-01", "campaign_id": number}
    won = mei.post("/deals", **deal, amount="450.00")["id"]
    mei.post(f"/deals/{won}/win", expect=200)
    mei.post("/deals", **deal, amount="70.00")

    shown = mei.get(path + "/return")

    assert (shown["cost"], shown["won_amount"], shown["open_amount"]) == ("150.00", "450.00", "70.00")
    assert shown["return_on_investment"] == 2.0
    assert mei.get(path)["cost"] == "150.00"


def test_responses_count_once_however_often_they_are_sent(mei: Client, sue: Client) -> None:
    path = approved(mei, sue)
    assert mei.post(path + "/responses", expect=409, channel="mail")["type"] == "/problems/not-in-this-state"
    mei.post(path + "/start", expect=200)

    for _ in range(2):
        mei.post(path + "/responses", expect=200, channel="mail", outside_id="42", number=3)
    mei.post(path + "/responses", expect=200, channel="phone")

    assert mei.get(path)["responses"] == 4


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"ends_on": "2027-02-01"}, "/ends_on"), ({"kind": "magic"}, "/kind"), ({"budget": "-1.00"}, "/budget"),
     ({"name": ""}, "/name")],
)  # fmt: skip
def test_wrong_fields_are_named(mei: Client, change: dict[str, Any], pointer: str) -> None:
    problem = mei.post("/campaigns", expect=422, **{**CAMPAIGN, **change})

    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_whoever_sees_only_what_is_his_own_reads_what_stands_beside_a_campaign(mei: Client, sue: Client) -> None:
    path = f"/campaigns/{sue.post('/campaigns', **CAMPAIGN)['id']}/remarks"
    sue.post(path, text="Ask the printer")

    assert [one["text"] for one in mei.get(path)["items"]] == ["Ask the printer"]


@pytest.mark.parametrize("where", ["stage", pytest.param("pg_stage", marks=pytest.mark.infra)])
def test_a_member_who_is_added_twice_is_told_once(where: str, request: pytest.FixtureRequest) -> None:
    stage: Stage = request.getfixturevalue(where)
    client = stage.client(SUE)
    path = f"/campaigns/{client.post('/campaigns', **{**CAMPAIGN, 'kind': ''})['id']}/members"

    for _ in range(2):
        client.post(path, expect=200, kind="customer", reference="KH1", name="Acme")

    assert [kind for kind, _ in stage.said() if kind.endswith("member-added")] == [
        "crm.marketing.campaign.member-added"
    ]
