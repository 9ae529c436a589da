"""What an operator sees of long flows over HTTP, and may do; and what the metrics count."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import REGISTRY

from chassis.database import Database
from chassis.flow_desk import COUNT_EVERY_SECONDS, Census
from chassis.testing.stage import Client, Stage
from tests.toy import HeardSold as Sold
from tests.toy_flow import (
    BROKEN,
    NOT_PAID,
    PACKED,
    PAID,
    SALE,
    SOLD,
    TOY_1,
    NotPaid,
    counter,
    miss_deadlines,
    some_stage,
    state,
)


@pytest.fixture
def stage(database: Database) -> Stage:
    return some_stage(database)


@pytest.fixture
def client(stage: Stage) -> Client:
    return stage.client()


def refused(client: Client, path: str, status: int, **body: Any) -> str:
    kind: str = client.post(path, expect=status, **body)["type"]
    return kind


def test_the_list_says_where_each_flow_is(stage: Stage, client: Client) -> None:
    stage.hears(SOLD, Sold(toy_id=2), NotPaid(payment_id=12, toy_id=2))

    shown = {one["id"]: one for one in client.get("/flows?sort=id")["items"]}

    assert (shown[TOY_1]["state"], shown[TOY_1]["waiting_for"]) == ("running", "bank.payment.made")
    assert shown[TOY_1]["deadline_at"] > shown[TOY_1]["waiting_since"]
    assert (shown["sale:2"]["state"], shown["sale:2"]["reason"]) == ("failed", "The bank refused")


def test_the_list_is_filtered_by_state(stage: Stage, client: Client) -> None:
    stage.hears(SOLD, Sold(toy_id=2), NotPaid(payment_id=12, toy_id=2))

    assert [one["id"] for one in client.get("/flows?state=stuck,failed")["items"]] == ["sale:2"]
    assert [one["id"] for one in client.get("/flows?correlation_id=1")["items"]] == [TOY_1]


def test_a_flow_tells_its_story(stage: Stage, client: Client) -> None:
    stage.hears(SOLD, PAID, BROKEN)

    shown = client.get(f"/flows/{TOY_1}")

    assert [(step["step"], step["outcome"], step["detail"]) for step in shown["steps"]] == [
        ("payment", "answered", "bank.payment.made"),
        ("parcel", "refused", "Broken: no ears"),
        ("payment", "undone", ""),
    ]
    assert shown["data"] == {"payment_id": 11}
    assert shown["reason"] == "Broken: no ears"


def test_a_stuck_flow_is_tried_again(stage: Stage, client: Client) -> None:
    stage.hears(SOLD)
    miss_deadlines(stage.database)

    answer = client.post(f"/flows/{TOY_1}/retry", expect=200)

    assert (answer["state"], answer["version"]) == ("running", 3)
    stage.hears(PAID, PACKED)
    assert state(stage.database) == ("completed", "parcel")


def test_a_flow_is_cancelled_with_a_reason(stage: Stage, client: Client) -> None:
    stage.hears(SOLD)

    assert client.post(f"/flows/{TOY_1}/cancellation", expect=200, reason="a test order")["state"] == "cancelled"
    assert client.post(f"/flows/{TOY_1}/cancellation", expect=422)["errors"][0]["pointer"] == "/reason"
    assert client.get(f"/flows/{TOY_1}")["steps"][-1]["by_name"] == "Ada Admin"


def test_what_may_not_be_done_is_refused(stage: Stage, client: Client) -> None:
    stage.hears(SOLD)
    assert refused(client, f"/flows/{TOY_1}/retry", 409) == "/problems/flow-still-running"

    stage.hears(PAID, BROKEN)
    assert refused(client, f"/flows/{TOY_1}/retry", 409) == "/problems/flow-undone"

    client.post(f"/flows/{TOY_1}/cancellation", expect=200, reason="over")
    assert refused(client, f"/flows/{TOY_1}/cancellation", 409, reason="again") == "/problems/flow-closed"


def test_a_flow_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get("/flows/sale:4711", expect=404)["type"] == "/problems/flow-not-found"
    for unknown in ("sale:4711", "dance:1"):
        assert refused(client, f"/flows/{unknown}/retry", 404) == "/problems/flow-not-found"


def test_who_may_look_may_not_operate(stage: Stage) -> None:
    stage.hears(SOLD, NOT_PAID)
    onlooker = stage.client(None, "flow:read")

    assert onlooker.get("/flows")["total"] == 1
    assert refused(onlooker, f"/flows/{TOY_1}/retry", 403) == "/problems/forbidden"
    assert stage.client(None, "flow:operate").get("/flows", expect=403)


def test_the_metrics_count_what_waits_is_stuck_or_failed(stage: Stage) -> None:
    stage.hears(SOLD, Sold(toy_id=2), Sold(toy_id=3), NotPaid(payment_id=12, toy_id=2))
    miss_deadlines(stage.database)
    stage.hears(Sold(toy_id=4))

    Census(stage.database, counter.name, [SALE]).run_due()

    assert (measured("open"), measured("stuck"), measured("failed")) == (3, 2, 1)


def test_the_count_is_taken_seldom_and_falls_to_zero(stage: Stage) -> None:
    census, clock = Census(stage.database, counter.name, [SALE]), Clock()
    stage.hears(SOLD)
    census.run_due(clock)
    stage.hears(PAID, PACKED)

    census.run_due(clock)
    assert measured("open") == 1
    clock.seconds += COUNT_EVERY_SECONDS
    census.run_due(clock)

    assert measured("open") == 0


def measured(what: str) -> float | None:
    return REGISTRY.get_sample_value(f"bus_flow_{what}", {"service": counter.name, "flow": SALE.name})


class Clock:
    """A clock that a test winds."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds
