"""Somebody leaves: the customers go to another account manager, each with its warnings."""

from __future__ import annotations

from typing import Any

import pytest

from chassis import handing_over
from chassis.handing_over import REASON, HandOverBegun, HandOverRequested
from chassis.schedule import Releaser
from chassis.testing.stage import Client, Stage
from services.customer.tests.conftest import BOB, MANAGER_MAY, MEI

OLD = {"region": "North", "level": 1, "opened_at": "2024-01-01T00:00:00Z", "manager_login": "mei"}


def hears(stage: Stage, *, to: int) -> None:
    stage.hears(HandOverRequested(hand_over_id=1, user_id=7, receivers={"customer": to}))


def moves(stage: Stage, *, to: int) -> None:
    stage.hears(HandOverBegun(hand_over_id=1, user_id=7, receivers={"customer": to}, turn=1))
    while Releaser(stage.database, stage.service.name, stage.service.all_timers()).run_due():
        pass


def about(stage: Stage) -> list[dict[str, Any]]:
    return [data for kind, data in stage.said() if ".hand-over." in kind]


@pytest.fixture
def mei(each_stage: Stage) -> Client:
    return each_stage.client(MEI, *MANAGER_MAY)


@pytest.fixture
def six(each_stage: Stage, mei: Client) -> list[str]:
    """Six customers of Mei's of whom we were warned."""
    rows = [OLD | {"name": f"Customer {n}", "reference": str(n)} for n in range(6)]
    each_stage.client().post("/customers/bulk", expect=200, rows=rows)
    mei.post("/losses/detection", expect=200)
    numbers = [one["customer_no"] for one in mei.get("/customers?sort=name")["items"]]
    each_stage.said()
    return numbers


def test_customers_and_their_warnings_are_counted_and_go_over(
    each_stage: Stage, mei: Client, six: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_over, "PIECE", 4)
    bob = each_stage.client(BOB, *MANAGER_MAY)

    hears(each_stage, to=9)
    assert [said["counted"] for said in about(each_stage)] == [{"loss": 6, "customer": 6}]
    assert bob.get("/customers")["total"] == 0
    moves(each_stage, to=9)

    told = each_stage.said()
    assert told[-1][1]["moved"] == {"loss": 6, "customer": 6}
    assert (bob.get("/customers")["total"], mei.get("/customers")["total"]) == (6, 0)
    assert {one["manager_name"] for one in bob.get("/losses")["items"]} == {"Bob"}
    first = next(data for fact, data in told if fact.endswith("customer.transferred"))
    assert (first["from_manager_id"], first["reason"], first["with_open_work"]) == (7, REASON.format(1), False)


def test_a_supervisor_takes_no_customers(each_stage: Stage, six: list[str]) -> None:
    hears(each_stage, to=8)

    [said] = about(each_stage)
    assert (said["kind"], said["user_id"], said["needed_role"]) == ("customer", 8, "account-manager")
