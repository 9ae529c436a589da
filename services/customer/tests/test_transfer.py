"""Customers given to another account manager: one, some, or all that somebody has."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.people import UserDisabled
from chassis.testing.stage import Client, Stage
from services.customer.tests.conftest import BOB, MANAGER_MAY, MEI, SUE

MAY = [*MANAGER_MAY, "customer:transfer", "pool:read", "customer:release"]
OLD = {"region": "North", "level": 1, "opened_at": "2024-01-01T00:00:00Z", "manager_login": "mei"}


@pytest.fixture
def sue(each_stage: Stage) -> Client:
    return each_stage.client(SUE, *MAY)


@pytest.fixture
def mei(each_stage: Stage) -> Client:
    return each_stage.client(MEI, *MANAGER_MAY)


@pytest.fixture
def three(each_stage: Stage, mei: Client) -> list[str]:
    """Three customers of Mei's; the first has a contact, a talk and a warning."""
    rows = [OLD | {"name": name, "reference": name} for name in ("One", "Three", "Two")]
    each_stage.client().post("/customers/bulk", expect=200, rows=rows)
    mei.post("/losses/detection", expect=200)
    numbers = [one["customer_no"] for one in mei.get("/customers?sort=name")["items"]]
    mei.post(f"/customers/{numbers[0]}/contacts", name="Li", phone="139")
    mei.post(f"/customers/{numbers[0]}/activities", held_at="2026-01-01T00:00:00Z", place="-", title="Tea")
    each_stage.said()
    return numbers


def wish(**more: Any) -> dict[str, Any]:
    return {"to_manager_id": 9, "reason": "Mei moves to Shanghai", **more}


def test_a_preview_counts_and_does_nothing(each_stage: Stage, sue: Client, three: list[str]) -> None:
    preview = sue.post("/customers/transfer/preview", expect=200, customer_nos=three[:2])

    assert preview == {
        "customers": 2,
        "held_by": [{"manager_id": 7, "manager_name": "Mei", "customers": 2}],
        "contacts": 1,
        "activities": 1,
        "open_losses": 2,
    }
    assert each_stage.said() == []


def test_all_that_hangs_on_a_customer_goes_with_it(
    each_stage: Stage, sue: Client, mei: Client, three: list[str]
) -> None:
    answer = sue.post("/customers/transfer", expect=200, **wish(customer_nos=three[:2]))

    assert answer == {"moved": 2, "unchanged": 0, "losses": 2, "left": 0}
    bob = each_stage.client(BOB, *MANAGER_MAY)
    assert (bob.get("/customers")["total"], mei.get("/customers")["total"]) == (2, 1)
    assert (bob.get("/contacts")["total"], mei.get("/contacts")["total"]) == (1, 0)
    assert bob.get("/activities")["total"] == 1
    assert [one["manager_name"] for one in bob.get("/losses")["items"]] == ["Bob", "Bob"]
    told = each_stage.said()
    assert sorted(fact.removeprefix("crm.customer.") for fact, _ in told) == [
        "customer.transferred", "customer.transferred", "loss.handed-over", "loss.handed-over",
    ]  # fmt: skip
    first = next(data for fact, data in told if fact.endswith("transferred"))
    assert (first["manager_id"], first["from_manager_id"], first["from_manager_name"]) == (9, 7, "Mei")
    assert (first["reason"], first["with_open_work"]) == ("Mei moves to Shanghai", True)
    assert first["changes"]["manager_id"] == {"old": 7, "new": 9}
    assert sue.post("/customers/transfer", expect=200, **wish(customer_nos=three[:2]))["unchanged"] == 2


def test_all_customers_of_somebody_go_over(each_stage: Stage, sue: Client, three: list[str]) -> None:
    answer = sue.post("/customers/transfer", expect=200, **wish(from_manager_id=7))

    assert (answer["moved"], answer["left"]) == (3, 0)


def test_one_customer_goes_over(each_stage: Stage, sue: Client, three: list[str]) -> None:
    shown = sue.post(f"/customers/{three[0]}/transfer", expect=200, **wish(with_open_work=False))

    assert shown["manager_name"] == "Bob"
    assert [data["with_open_work"] for fact, data in each_stage.said() if fact.endswith("transferred")] == [False]


def test_a_customer_in_the_pool_is_given_to_somebody(each_stage: Stage, sue: Client, three: list[str]) -> None:
    sue.post(f"/customers/{three[0]}/release", expect=200, reason="Nobody wants it")

    sue.post("/customers/transfer", expect=200, **wish(from_manager_id=0))

    assert sue.get("/customers/pool")["total"] == 0
    assert sue.get(f"/customers/{three[0]}")["manager_name"] == "Bob"


def test_a_transfer_to_nobody_or_of_nobody_is_refused(each_stage: Stage, sue: Client, three: list[str]) -> None:
    each_stage.hears(UserDisabled(user_id=9))
    assert sue.post("/customers/transfer", expect=409, **wish(customer_nos=three))["type"] == "/problems/not-active"
    assert sue.post("/customers/transfer", expect=409, **wish(from_manager_id=7, to_manager_id=8))
    for said in ({}, {"customer_nos": three, "from_manager_id": 7}):
        problem = sue.post("/customers/transfer", expect=422, **wish(to_manager_id=7, **said))
        assert problem["errors"][0]["pointer"] == "/customer_nos"
    problem = sue.post("/customers/transfer", expect=422, **wish(to_manager_id=7, customer_nos=[three[0], "KH1"]))
    assert problem["errors"][0]["pointer"] == "/customer_nos/1"
    sue.post(f"/customers/{three[0]}/transfer", expect=422, to_manager_id=7)
    assert each_stage.said() == []


def test_only_customers_of_the_own_scope_go_over(each_stage: Stage, three: list[str]) -> None:
    bob = each_stage.client(BOB, *MAY)

    bob.post(f"/customers/{three[0]}/transfer", expect=404, **wish())
    problem = bob.post("/customers/transfer", expect=422, **wish(customer_nos=three))
    assert problem["errors"][0]["pointer"] == "/customer_nos/0"
    assert bob.post("/customers/transfer", expect=200, **wish(from_manager_id=7))["moved"] == 0
    each_stage.client(SUE, *MANAGER_MAY).post("/customers/transfer", expect=403, **wish(customer_nos=three))


def test_many_go_over_in_few_statements(stage: Stage, statements: Any) -> None:
    boss = stage.client()
    rows = [OLD | {"name": f"Customer {n}", "reference": str(n)} for n in range(500)]
    boss.post("/customers/bulk", expect=200, rows=rows)

    with statements() as sent:
        assert boss.post("/customers/transfer", expect=200, **wish(from_manager_id=7))["moved"] == 500

    assert len(sent) <= 9
