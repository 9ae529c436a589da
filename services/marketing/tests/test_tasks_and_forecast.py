"""Tasks, the calendar, targets that add up, and the forecast."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.testing.stage import Client, Stage
from marketing.reactions import VisitDone, VisitPlanned
from marketing.task.commands import remind_of_tasks

TASK = {"title": "Send the list", "due_at": "2027-01-05T09:00:00Z"}
DEAL = {"name": "Pumps", "customer_no": "KH1", "expected_on": "2027-02-10", "stage": "proposal"}


def put(client: Client, path: str, body: dict[str, Any], *, expect: int = 200) -> Any:
    return client.call("PUT", path, body, expect=expect, headers={"If-Match": '"1"'})


def test_a_task_is_given_done_and_taken_up_again(mei: Client, sue: Client) -> None:
    task = sue.post("/tasks", **TASK, owner_id=7, about="deal", about_id="3")
    path = f"/tasks/{task['id']}"
    assert (task["owner_name"], task["creator_name"]) == ("Mei", "Sue")

    assert mei.post(path + "/completion", expect=200)["status"] == "done"
    assert sue.post(path + "/reopening", expect=200)["status"] == "open"
    assert mei.post(path + "/dropping", expect=200)["status"] == "dropped"
    assert mei.post(path + "/completion", expect=409)["type"] == "/problems/not-in-this-state"


def test_a_task_of_others_is_not_there(mei: Client, bo: Client) -> None:
    path = f"/tasks/{mei.post('/tasks', **TASK)['id']}"

    bo.get(path, expect=404)
    assert bo.get("/tasks")["total"] == 0


def test_a_task_falls_due_once(furnished: Stage, mei: Client) -> None:
    mei.post("/tasks", **TASK)
    furnished.said()

    for _ in range(2):
        with furnished.doing(at=datetime(2027, 1, 6, tzinfo=UTC)) as tx:
            remind_of_tasks(tx)

    assert [kind.rpartition(".")[2] for kind, _ in furnished.said()] == ["due"]


def test_the_calendar_shows_tasks_and_visits_side_by_side(furnished: Stage, mei: Client) -> None:
    mei.post("/tasks", **TASK)
    visit = {"visit_id": 1, "subject": "Still dry?", "customer_no": "KH1",
             "customer_name": "Acme", "owner_id": 7,
             "planned_for": datetime(2027, 1, 6, tzinfo=UTC)}  # fmt: skip
    furnished.hears(VisitPlanned(**visit), VisitDone(**visit), times=2)

    week = mei.get("/calendar?from=2027-01-04&to=2027-01-10")["items"]

    assert [(one["noun"], one["title"], one["is_open"]) for one in week] == [
        ("task", "Send the list", True), ("visit", "Still dry?", False),
    ]  # fmt: skip
    assert mei.get("/calendar?from=2027-01-11")["total"] == 0


def test_shares_have_to_add_up_to_the_target(sue: Client) -> None:
    target = {"month": "2027-02", "kind": "sales", "team": "East", "amount": 100_000}
    wrong = [{"owner_id": 7, "amount": 60_000}, {"owner_id": 9, "amount": 30_000}]
    assert sue.post("/targets", expect=422, **target, shares=wrong)["errors"][0]["pointer"] == "/shares"
    right = [*wrong[:1], {"owner_id": 9, "amount": 40_000}]

    made = sue.post("/targets", **target, shares=right)

    assert [share["amount"] for share in made["shares"]] == [60_000, 40_000]
    assert [share["owner_name"] for share in made["shares"]] == ["Mei", "Bo"]
    assert sue.get(f"/targets/{made['id']}")["shares"] == made["shares"]
    put(sue, f"/targets/{made['id']}", {"amount": 5, "shares": right}, expect=422)
    sue.post("/targets", expect=409, **target)
    sue.post("/targets", expect=422, **{**target, "month": "2027-13"})


def test_the_forecast_weighs_open_deals_and_shows_statement_and_target(mei: Client, bo: Client, sue: Client) -> None:
    mei.post("/deals", **DEAL, amount="1000.00")
    mei.post("/deals", **{**DEAL, "expected_on": "2027-03-01"}, amount="5000.00")
    won = mei.post("/deals", **DEAL, amount="300.00")["id"]
    mei.post(f"/deals/{won}/win", expect=200)
    bo.post("/deals", **DEAL, amount="50.00")
    put(mei, "/forecasts", {"month": "2027-02", "amount": "1200.00"})
    shares = [{"owner_id": 7, "amount": 150_000}, {"owner_id": 8, "amount": 1}]
    sue.post("/targets", month="2027-02", kind="sales", amount=150_001, shares=shares)

    shown = sue.get("/forecast?month=2027-02")

    first = next(one for one in shown["items"] if one["owner_id"] == 7)
    assert (first["weighted"], first["won_amount"], first["stated"], first["target"]) == (
        "800.00", "300.00", "1200.00", "1500.00",
    )  # fmt: skip
    assert shown["totals"]["weighted"] == "840.00"
    assert {one["owner_id"]: one["owner_name"] for one in shown["items"]} == {7: "Mei", 8: "Sue", 9: "Bo"}
    assert [one["owner_id"] for one in bo.get("/forecast?month=2027-02")["items"]] == [9]


def test_shares_are_given_to_people_who_work_here(mei: Client, sue: Client) -> None:
    found = sue.get("/targets/people?q=me")["items"]

    assert [(one["user_id"], one["full_name"]) for one in found] == [(7, "Mei")]
    mei.get("/targets/people", expect=403)


def test_deals_are_found_by_their_currency(mei: Client) -> None:
    mei.post("/deals", **DEAL, amount="1.00")
    mei.post("/deals", **DEAL, amount="2.00", currency="USD")

    assert [one["amount"] for one in mei.get("/deals?currency=USD")["items"]] == ["2.00"]


@pytest.mark.parametrize(("month", "status"), [("2027-02", 200), ("2027-2", 422), ("soon", 422)])
def test_a_month_is_written_like_2027_02(sue: Client, month: str, status: int) -> None:
    sue.get(f"/forecast?month={month}", expect=status)
