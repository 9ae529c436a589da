"""Deals over HTTP: nine stages, with whom, and how they end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from chassis import remembering
from chassis.testing.stage import Client, Stage
from marketing.reactions import IntakeReceived, IntakeRefused

DEAL = {"name": "Three pumps", "customer_no": "KH1", "amount": "9000.00", "expected_on": "2027-02-01"}
NINE = [
    ("qualification", 10), ("needs-analysis", 25), ("value-proposition", 40), ("decision-makers", 60),
    ("proposal", 80), ("negotiation", 90), ("won", 100), ("lost-lead", 0), ("lost-competition", 0),
]  # fmt: skip


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "REMEMBERED_SECONDS", -1.0)


def a_deal(mei: Client, **more: Any) -> str:
    return f"/deals/{mei.post('/deals', **{**DEAL, **more})['id']}"


def facts(stage: Stage) -> list[str]:
    return [kind.removeprefix("crm.marketing.") for kind, _ in stage.said()]


def test_the_standard_pipeline_has_the_nine_stages_with_their_probabilities(sue: Client) -> None:
    stages = sue.get("/pipelines/standard")["stages"]

    assert [(stage["code"], stage["probability"]) for stage in stages] == NINE
    assert [stage["position"] for stage in stages] == list(range(1, 10))


def test_a_new_deal_begins_in_the_first_stage_with_its_probability(mei: Client) -> None:
    deal = mei.post("/deals", **DEAL, contact_id=4)

    assert (deal["stage"], deal["probability"], deal["status"]) == ("qualification", 10, "open")
    assert (deal["customer_name"], deal["contact_name"], deal["owner_name"]) == ("Acme", "Li Wei", "Mei")


def test_a_deal_goes_forward_and_back_and_its_way_is_kept(furnished: Stage, mei: Client) -> None:
    path = a_deal(mei)
    furnished.said()
    for stage, probability in (("proposal", 80), ("needs-analysis", 25)):
        assert mei.post(path + "/stage", expect=200, stage=stage)["probability"] == probability

    won = mei.post(path + "/win", expect=200)

    assert (won["stage"], won["probability"], won["status"]) == ("won", 100, "won")
    assert facts(furnished) == ["deal.stage-changed", "deal.stage-changed", "deal.won"]
    way = mei.get(path + "/stages")["items"]
    assert [step["stage"] for step in way] == ["qualification", "proposal", "needs-analysis", "won"]
    assert ["seconds" in step for step in way] == [True, True, True, False]


def test_time_in_a_stage_is_counted(mei: Client) -> None:
    with time_machine.travel("2026-11-26T09:00:00Z", tick=False) as clock:
        path = a_deal(mei)
        clock.shift(timedelta(days=3))
        mei.post(path + "/stage", expect=200, stage="proposal")

    assert mei.get(path + "/stages")["items"][0]["seconds"] == 3 * 24 * 3600


def test_a_lost_deal_keeps_its_reason_and_is_closed(mei: Client) -> None:
    path = a_deal(mei)

    lost = mei.post(path + "/loss", expect=200, reason="Too dear", competitor="Umbrella")

    assert (lost["status"], lost["stage"], lost["probability"]) == ("lost-to-competition", "lost-competition", 0)
    for again in ("/win", "/loss", "/stage"):
        body = {"/loss": {"reason": "x"}, "/stage": {"stage": "proposal"}}.get(again, {})
        assert mei.post(path + again, expect=409, **body)["type"] == "/problems/deal-closed"
    assert mei.post(a_deal(mei) + "/loss", expect=200, reason="No need")["stage"] == "lost-lead"


def test_a_deal_is_not_closed_by_moving_it(mei: Client) -> None:
    problem = mei.post(a_deal(mei) + "/stage", expect=422, stage="won")

    assert problem["errors"][0]["pointer"] == "/stage"
    assert mei.post(a_deal(mei) + "/stage", expect=422, stage="moon")["errors"][0]["pointer"] == "/stage"


def test_a_deal_worth_nothing_is_not_won(mei: Client) -> None:
    path = a_deal(mei, amount="0.00")
    offered = next(one for one in mei.get(path)["actions"] if one["action"] == "win")

    assert mei.post(path + "/win", expect=409)["type"] == offered["reason"]["type"] == "/problems/worth-nothing"


def test_what_a_stage_asks_for_has_to_be_there(sue: Client, mei: Client) -> None:
    stages = sue.get("/pipelines/standard")["stages"]
    for stage in stages:
        stage.pop("position")
    stages[4]["required"] = ["contact_name", "description"]
    sue.patch("/pipelines/standard", version=1, stages=stages)
    path = a_deal(mei)

    problem = mei.post(path + "/stage", expect=422, stage="proposal", description="Three of them")
    moved = mei.post(path + "/stage", expect=200, stage="proposal", description="Three", contact_name="Li")

    assert [error["pointer"] for error in problem["errors"]] == ["/contact_name"]
    assert moved["stage"] == "proposal"


def test_a_second_pipeline_has_stages_of_its_own(sue: Client, mei: Client) -> None:
    stages = [
        {"code": "call", "name": "打电话", "probability": 50, "kind": "open"},
        {"code": "done", "name": "成交", "probability": 100, "kind": "won"},
        {"code": "no", "name": "丢失", "probability": 0, "kind": "lost"},
        {"code": "rival", "name": "竞争", "probability": 0, "kind": "lost-to-competition"},
    ]
    sue.post("/pipelines", code="short", name="短流程", stages=stages)

    deal = mei.post("/deals", **DEAL, pipeline="short")

    assert (deal["stage"], deal["probability"]) == ("call", 50)
    assert mei.post(f"/deals/{deal['id']}/win", expect=200)["stage"] == "done"
    assert mei.post("/deals", expect=422, **DEAL, pipeline="long")["errors"][0]["pointer"] == "/pipeline"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "open"}, "/stages"),
        ({"probability": 1}, "/stages/8/probability"),
        ({"code": "won"}, "/stages"),
    ],
)
def test_a_pipeline_that_makes_no_sense_is_a_wrong_field(sue: Client, change: dict[str, Any], pointer: str) -> None:
    stages = sue.get("/pipelines/standard")["stages"]
    for stage in stages:
        stage.pop("position")
    stages[-1] |= change

    problem = sue.patch("/pipelines/standard", version=1, expect=422, stages=stages)

    assert problem["errors"][0]["pointer"] == pointer


def test_codes_of_pipelines_and_stages_are_plain(sue: Client) -> None:
    stages = [{k: v for k, v in stage.items() if k != "position"} for stage in sue.get("/pipelines/standard")["stages"]]
    stages[2]["code"] = "Value!"

    problem = sue.post("/pipelines", expect=422, code="Short way", name="短流程", stages=stages)

    assert sorted(error["pointer"] for error in problem["errors"]) == ["/code", "/stages/2/code"]


def test_a_stage_that_deals_are_in_stays(sue: Client, mei: Client) -> None:
    a_deal(mei)
    stages = [{k: v for k, v in stage.items() if k != "position"} for stage in sue.get("/pipelines/standard")["stages"]]

    problem = sue.patch("/pipelines/standard", version=1, expect=409, stages=stages[1:])

    assert (problem["type"], problem["stages"]) == ("/problems/stage-in-use", ["qualification"])


def test_a_customer_nobody_knows_is_waited_for_and_linked(furnished: Stage, mei: Client, sue: Client) -> None:
    deal = mei.post("/deals", **{k: v for k, v in DEAL.items() if k != "customer_no"}, customer_name="Brandnew")
    path = f"/deals/{deal['id']}"
    assert deal["customer_no"] is None

    furnished.hears(IntakeReceived(origin=f"deal/{deal['id']}", customer_no="KH9", contact_id=None), times=2)

    assert mei.get(path)["customer_no"] == "KH9"
    assert sue.get(f"/flows/deal-customer:{deal['id']}")["state"] == "completed"


def test_a_deal_whose_customer_is_refused_goes_on_without(furnished: Stage, mei: Client, sue: Client) -> None:
    deal = mei.post("/deals", **{k: v for k, v in DEAL.items() if k != "customer_no"}, customer_name="B")

    furnished.hears(IntakeRefused(origin=f"deal/{deal['id']}", reason="No such name"))

    assert sue.get(f"/flows/deal-customer:{deal['id']}")["reason"] == "No such name"
    assert mei.get(f"/deals/{deal['id']}")["status"] == "open"


def test_a_name_we_know_is_the_customer(mei: Client) -> None:
    deal = mei.post("/deals", **{k: v for k, v in DEAL.items() if k != "customer_no"}, customer_name=" ACME ")

    assert deal["customer_no"] == "KH1"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"customer_no": "KH0"}, "/customer_no"),
        ({"contact_id": 99}, "/contact_id"),
        ({"amount": "1e9"}, "/amount"),
        ({"amount": "99999999999999.00"}, "/amount"),
        ({"expected_on": "2027-02-30"}, "/expected_on"),
        ({"source": "stars"}, "/source"),
        ({"campaign_id": 99}, "/campaign_id"),
        ({"name": "x" * 201}, "/name"),
        ({"surprise": 1}, "/surprise"),
    ],
)
def test_wrong_fields_are_named(mei: Client, change: dict[str, Any], pointer: str) -> None:
    problem = mei.post("/deals", expect=422, **{**DEAL, **change})

    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_only_the_owner_works_on_a_deal_until_it_is_transferred(mei: Client, bo: Client, sue: Client) -> None:
    path = a_deal(mei)
    bo.post(path + "/stage", expect=404, stage="proposal")

    assert sue.post(path + "/transfer", expect=200, owner_id=9)["owner_name"] == "Bo"

    mei.get(path, expect=404)
    assert bo.post(path + "/stage", expect=200, stage="proposal")["stage"] == "proposal"


def test_the_board_sums_what_one_sees(mei: Client, bo: Client, sue: Client) -> None:
    a_deal(mei)
    a_deal(mei, amount="1000.50")
    bo.post(a_deal(bo) + "/stage", expect=200, stage="proposal")

    assert [(one["stage"], one["deals"], one["amount"]) for one in sue.get("/deals/board")["items"]] == [
        ("qualification", 2, "10000.50"), ("proposal", 1, "9000.00"),
    ]  # fmt: skip
    assert [one["stage"] for one in bo.get("/deals/board")["items"]] == ["proposal"]
    assert mei.get("/deals?stage=qualification")["total"] == 2
