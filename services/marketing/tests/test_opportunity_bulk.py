"""Taking over opportunities from elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.people import UserRegistered
from chassis.testing.stage import Client, Stage

ROW = {
    "reference": "A1",
    "customer_name": "Acme",
    "title": "GTX Pro for Acme",
    "success_rate": 100,
    "description": "From the old system",
    "product": "GTX Pro",
    "amount": "4821.00",
    "salesperson": "mei",
    "state": "won",
    "assigned_at": "2016-10-20T00:00:00Z",
    "closed_at": "2017-03-01T00:00:00Z",
}


@pytest.fixture
def client(stage: Stage) -> Client:
    stage.hears(UserRegistered(user_id=7, login="mei", full_name="Mei", role="account-manager"))
    return stage.client()


def take_over(client: Client, *rows: dict[str, Any], expect: int = 200, **how: Any) -> Any:
    return client.post("/opportunities/bulk", expect=expect, rows=list(rows), **how)


def test_a_record_comes_with_its_state_its_dates_and_its_history(stage: Stage, client: Client) -> None:
    assert take_over(client, ROW)["created"] == 1

    [one] = client.get("/opportunities")["items"]
    assert (one["status"], one["assignee_name"], one["closed_at"]) == (3, "Mei", "2017-03-01T00:00:00Z")
    history = client.get(f"/opportunities/{one['id']}/history")["items"]
    assert [(step["type"].rsplit(".")[-1], step["version"], step["at"][:10]) for step in history] == [
        ("created", 1, "2016-10-20"),
        ("assigned", 2, "2016-10-20"),
        ("won", 3, "2017-03-01"),
    ]
    assert history[2]["changes"]["status"] == {"old": 2, "new": 3}


def test_the_same_record_again_changes_nothing(stage: Stage, client: Client) -> None:
    take_over(client, ROW)
    stage.said()

    assert take_over(client, ROW)["unchanged"] == 1
    assert stage.said() == []


def test_another_record_under_a_known_reference_is_refused(client: Client) -> None:
    take_over(client, ROW)

    problem = take_over(client, ROW | {"amount": "1.00"}, expect=422)

    assert problem["errors"][0]["pointer"] == "/rows/0/reference"


def test_an_unknown_salesperson_is_refused_and_the_rest_kept_if_wished(client: Client) -> None:
    rows = [ROW | {"salesperson": "nobody"}, ROW | {"reference": "A2", "state": "unassigned"}]

    assert take_over(client, *rows, expect=422)["errors"][0]["pointer"] == "/rows/0/salesperson"
    assert client.get("/opportunities")["total"] == 0
    answer = take_over(client, *rows, on_error="skip")
    assert (answer["created"], answer["refused"][0]["row"]) == (1, 0)
