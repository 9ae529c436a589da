"""Opportunities and plans over HTTP: the way from a hint to a win, and every refusal on it."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.people import UserDisabled, UserRegistered
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage

MEI = Principal(user_id=7, name="Mei", role="account-manager", kind="user", scope="own")
SUE = Principal(user_id=8, name="Sue", role="supervisor", kind="user", scope="all")
HINT = {"customer_name": "Acme", "title": "Needs 40 pumps", "success_rate": 60, "description": "Met at the fair"}


@pytest.fixture
def sue(stage: Stage) -> Client:
    stage.hears(UserRegistered(user_id=7, login="mei", full_name="Mei", role="account-manager"))
    return stage.client(SUE)


@pytest.fixture
def mei(stage: Stage) -> Client:
    return stage.client(MEI, "opportunity:read", "opportunity:create", "opportunity:develop", "plan:read", "plan:write",
                        "plan:execute")  # fmt: skip


def assigned(sue: Client, **more: Any) -> dict[str, Any]:
    hint = sue.post("/opportunities", **HINT | more)
    return sue.post(f"/opportunities/{hint['id']}/assignment", expect=200, assignee_id=7)


def test_an_opportunity_goes_from_hint_to_won(stage: Stage, sue: Client, mei: Client) -> None:
    hint = sue.post("/opportunities", **HINT, contact_name="Li", amount="5000.50")
    path = f"/opportunities/{hint['id']}"
    assert (hint["status"], hint["creator_name"], hint["amount"]) == (1, "Sue", "5000.50")

    assert sue.post(path + "/assignment", expect=200, assignee_id=7)["status"] == 2
    item = mei.post(path + "/plan", planned_for="2026-12-01T09:00:00Z", todo="Show the pump")
    mei.post(f"{path}/plan/{item['id']}/execution", expect=200, result="They want three")
    assert mei.post(path + "/win", expect=200)["status"] == 3

    types = [kind for kind, _ in stage.said()]
    assert types[-1] == "crm.marketing.opportunity.won"
    assert [one["type"].rsplit(".")[-1] for one in mei.get(path + "/history")["items"]] == [
        "created",
        "assigned",
        "won",
    ]


def test_what_is_won_or_failed_can_only_be_read(sue: Client) -> None:
    path = f"/opportunities/{assigned(sue)['id']}"
    failed = sue.post(path + "/failure", expect=200, reason="They bought elsewhere")
    assert failed["failure_reason"] == "They bought elsewhere"

    for action, body in (("win", {}), ("failure", {"reason": "x"}), ("assignment", {"assignee_id": 7})):
        problem = sue.post(f"{path}/{action}", expect=409, **body)
        assert problem["type"] == "/problems/opportunity-closed"
    sue.patch(path, version=failed["version"], expect=409, title="Other")
    sue.delete(path, version=failed["version"], expect=409)
    sue.post(path + "/plan", expect=409, planned_for="2026-12-01T09:00:00Z", todo="Too late")


def test_nothing_is_won_without_a_result(sue: Client) -> None:
    path = f"/opportunities/{assigned(sue)['id']}"

    assert sue.post(path + "/win", expect=409)["type"] == "/problems/nothing-was-done"


def test_only_active_account_managers_are_assigned(stage: Stage, sue: Client) -> None:
    hint = sue.post("/opportunities", **HINT)
    stage.hears(UserDisabled(user_id=7))

    problem = sue.post(f"/opportunities/{hint['id']}/assignment", expect=409, assignee_id=7)

    assert problem["type"] == "/problems/not-active"


def test_an_account_manager_sees_only_his_own(sue: Client, mei: Client) -> None:
    hidden = sue.post("/opportunities", **HINT)
    shown = assigned(sue)

    assert [one["id"] for one in mei.get("/opportunities")["items"]] == [shown["id"]]
    mei.get(f"/opportunities/{hidden['id']}", expect=404)


def test_wrong_fields_are_named(sue: Client) -> None:
    problem = sue.post("/opportunities", expect=422, **HINT | {"success_rate": 101, "title": "", "nonsense": 1})

    assert {one["pointer"] for one in problem["errors"]} == {"/success_rate", "/title", "/nonsense"}


def test_a_stale_version_is_refused(sue: Client) -> None:
    hint = sue.post("/opportunities", **HINT)
    sue.patch(f"/opportunities/{hint['id']}", version=1, title="New title")

    problem = sue.patch(f"/opportunities/{hint['id']}", version=1, expect=412, title="Newer title")

    assert (problem["yours"], problem["current"]) == (1, 2)


def test_a_repeated_key_gets_the_first_answer(stage: Stage, sue: Client) -> None:
    first = sue.post("/opportunities", headers={"Idempotency-Key": "a"}, **HINT)
    again = sue.post("/opportunities", headers={"Idempotency-Key": "a"}, **HINT)

    assert first == again
    assert len(stage.said()) == 1
    sue.post("/opportunities", expect=422, headers={"Idempotency-Key": "a"}, **HINT | {"title": "Other"})


def test_lists_filter_sort_and_page(sue: Client) -> None:
    for rate in (10, 30, 20):
        sue.post("/opportunities", **HINT | {"success_rate": rate})

    first = sue.get("/opportunities?sort=-success_rate&size=2")
    rest = sue.get(f"/opportunities?sort=-success_rate&size=2&cursor={first['next_cursor']}")

    assert first["total"] == 3
    assert [one["success_rate"] for one in [*first["items"], *rest["items"]]] == [30, 20, 10]
    assert sue.get("/opportunities?fields=id,title&q=pump")["items"][0].keys() == {"id", "title"}
    sue.get("/opportunities?sort=nonsense", expect=422)


def test_some_fields_are_asked_for_by_the_names_that_answers_use(sue: Client) -> None:
    sue.post("/opportunities", **HINT | {"amount": "505.30"})

    assert sue.get("/opportunities?fields=amount,title")["items"] == [{"amount": "505.30", "title": HINT["title"]}]
    assert sue.get("/opportunities?fields=amount_minor", expect=422)["errors"][0]["pointer"] == "/fields"
