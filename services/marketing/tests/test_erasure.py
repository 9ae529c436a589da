"""Erasing in marketing: the contact of an opportunity, its prospect, the people who worked on it."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.erasure import ErasureRequested
from chassis.people import UserRegistered
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from services.marketing.tests.erasing import erase, everything

MEI = Principal(user_id=7, name="Mei Marker", role="account-manager", kind="user", scope="own")
SUE = Principal(user_id=8, name="Sue", role="supervisor", kind="user", scope="all")
HINT = {
    "customer_name": "Li Prospect",
    "contact_name": "Bo Contact",
    "contact_phone": "010-Contact",
    "title": "A title",
    "description": "A description",
    "source": "A source",
    "success_rate": 60,
    "amount": "50.00",
}


@pytest.fixture
def sue(stage: Stage) -> Client:
    stage.hears(UserRegistered(user_id=7, login="mei-marker", full_name="Mei Marker", role="account-manager"))
    return stage.client(SUE)


@pytest.fixture
def mei(stage: Stage) -> Client:
    return stage.client(MEI)


def test_the_contact_of_an_opportunity_is_forgotten_and_its_prospect_is_not(stage: Stage, sue: Client) -> None:
    sue.post("/opportunities", **HINT, headers={"Idempotency-Key": "k"})
    sue.patch("/opportunities/1", version=1, contact_name="Bo Contact Junior")

    erase(stage, "opportunity/1")

    assert "Contact" not in everything(stage)
    shown = sue.get("/opportunities/1")
    assert (shown["contact_name"], shown["customer_name"], shown["amount"], shown["erased"]) == (
        "", "Li Prospect", "50.00", "opportunity",
    )  # fmt: skip


def test_a_prospect_is_forgotten_and_the_contact_is_not(stage: Stage, sue: Client) -> None:
    sue.post("/opportunities", **HINT)

    erase(stage, "prospect/1")

    assert "Prospect" not in everything(stage)
    assert sue.get("/opportunities/1")["contact_name"] == "Bo Contact"


def test_what_was_written_about_an_opportunity_goes_on_request(stage: Stage, sue: Client, mei: Client) -> None:
    sue.post("/opportunities", **HINT)
    sue.post("/opportunities/1/assignment", expect=200, assignee_id=7, reason="A reason")
    mei.post("/opportunities/1/plan", planned_for="2026-12-01T09:00:00Z", todo="A todo")
    mei.post("/opportunities/1/plan/1/execution", expect=200, result="A result")
    mei.post("/opportunities/1/win", expect=200)
    sue.post("/flows/win:1/cancellation", expect=200, reason="A cause")
    words = ("A title", "A description", "A source", "A todo", "A result", "A cause")

    erase(stage, "opportunity/1")
    assert [word for word in words if word not in everything(stage)] == []
    erase(stage, "opportunity/1", texts=True, number=2)

    assert [word for word in words if word in everything(stage)] == []
    assert sue.get("/opportunities/1")["status"] == 3


def test_one_plan_item_can_be_named_alone(stage: Stage, sue: Client, mei: Client) -> None:
    sue.post("/opportunities", **HINT)
    sue.post("/opportunities/1/assignment", expect=200, assignee_id=7)
    for todo in ("Call Bo", "Call Li"):
        mei.post("/opportunities/1/plan", planned_for="2026-12-01T09:00:00Z", todo=todo)

    erase(stage, "plan/1", texts=True)

    assert [item["todo"] for item in mei.get("/opportunities/1/plan?sort=id")["items"]] == ["", "Call Li"]
    assert "Call Bo" not in everything(stage)


def test_an_account_manager_who_left_is_forgotten(stage: Stage, sue: Client, mei: Client) -> None:
    mei.post("/opportunities", **HINT)
    sue.post("/opportunities/1/assignment", expect=200, assignee_id=7)
    mei.post("/opportunities/1/failure", expect=200, reason="x")

    erase(stage, "user/7")

    assert "arker" not in everything(stage)
    shown = sue.get("/opportunities/1")
    assert (shown["assignee_id"], shown["assignee_name"], shown["creator_name"]) == (7, "", "")


def test_an_erased_contact_or_prospect_is_not_written_again(stage: Stage, sue: Client) -> None:
    sue.post("/opportunities", **HINT)
    erase(stage, "opportunity/1")

    problem = sue.patch("/opportunities/1", version=1, expect=409, contact_phone="1")
    assert (problem["type"], problem["subject"]) == ("/problems/person-erased", "opportunity")
    sue.patch("/opportunities/1", version=1, customer_name="Acme", title="Other pumps")

    erase(stage, "prospect/1", number=2)
    sue.patch("/opportunities/1", version=2, expect=409, customer_name="Acme")


def test_where_texts_were_erased_nobody_writes_new_ones(stage: Stage, sue: Client, mei: Client) -> None:
    sue.post("/opportunities", **HINT)
    sue.post("/opportunities/1/assignment", expect=200, assignee_id=7)
    erase(stage, "opportunity/1", texts=True)

    problem = mei.post("/opportunities/1/plan", expect=409, planned_for="2026-12-01T09:00:00Z", todo="Call Bo")

    assert problem["type"] == "/problems/person-erased"


def test_marketing_knows_its_opportunities_and_nothing_else(stage: Stage, sue: Client) -> None:
    sue.post("/opportunities", **HINT)
    stage.said()

    stage.hears(ErasureRequested(erasure_id=1, asked=1, subjects=("opportunity/1", "prospect/1", "contact/3")))
    stage.hears(ErasureRequested(erasure_id=2, asked=1, subjects=("prospect/9",)))

    told: list[Any] = [(kind.rpartition(".")[2], data["subjects"]) for kind, data in stage.said()]
    assert told == [("traced", ["opportunity/1", "prospect/1"]), ("unknown", ["prospect/9"])]
