"""Orders that people enter and follow: steps, payments, and what is closed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from chassis.testing.stage import Client, Stage
from chassis.testing.walking import Call, Walk
from customer.loss.life_cycle import LIFE_CYCLE as LOSS
from customer.order.life_cycle import LIFE_CYCLE as ORDER

STEPS = ("confirmation", "picking", "shipping", "delivery")
PAID = {"amount": "60.00", "received_on": "2026-11-20"}


@pytest.fixture
def ada(stage: Stage) -> Client:
    client = stage.client()
    client.post("/customers", name="Acme", region="x", level=1)
    client.post("/products", code="P1", name="Pump", unit="piece", price="20.00")
    stage.said()
    return client


@pytest.fixture
def number(ada: Client) -> str:
    found: str = ada.get("/customers")["items"][0]["customer_no"]
    return found


def an_order(ada: Client, number: str, **more: Any) -> str:
    lines = [{"product_code": "P1", "quantity": 3}]
    return f"/orders/{ada.post('/orders', customer_no=number, lines=lines, **more)['order_no']}"


def facts(stage: Stage) -> list[str]:
    return [kind.rpartition(".")[2] for kind, _ in stage.said()]


def test_an_entered_order_gets_a_number_and_the_prices_of_the_list(ada: Client, number: str) -> None:
    order = ada.get(an_order(ada, number))

    assert (order["order_no"][:2], order["amount"], order["status"]) == ("SO", "60.00", 1)
    assert order["lines"][0]["unit"] == "piece"


def test_an_order_is_confirmed_picked_shipped_delivered_and_settled_when_paid(
    stage: Stage, ada: Client, number: str
) -> None:
    path = an_order(ada, number)
    for step in STEPS:
        ada.post(f"{path}/{step}", expect=200)
    assert ada.post(path + "/settlement", expect=409)["type"] == "/problems/not-paid-yet"
    stage.said()

    paid = ada.post(path + "/payments", expect=200, **PAID)

    assert (paid["status"], paid["received"]) == (6, "60.00")
    assert facts(stage) == ["payment-received", "advanced"]
    assert ada.post(path + "/cancellation", expect=409)["type"] == "/problems/order-closed"


def test_no_step_is_skipped(ada: Client, number: str) -> None:
    assert ada.post(an_order(ada, number) + "/shipping", expect=409)["type"] == "/problems/not-in-this-state"


def test_payments_come_in_parts_never_more_than_is_open_and_once(ada: Client, number: str) -> None:
    path = an_order(ada, number)
    for _ in range(2):
        ada.post(path + "/payments", expect=200, **{**PAID, "amount": "40.00"}, outside_id="bank-1")

    problem = ada.post(path + "/payments", expect=422, **{**PAID, "amount": "20.01"})

    assert problem["errors"][0]["pointer"] == "/amount"
    assert [(one["open"], one["received"]) for one in ada.get("/receivables")["items"]] == [("20.00", "40.00")]


def test_a_payment_that_does_not_stand_is_reversed_once(stage: Stage, ada: Client, number: str) -> None:
    path = an_order(ada, number)
    ada.post(path + "/payments", expect=200, **PAID)
    [payment] = ada.get(path + "/payments")["items"]
    stage.said()

    for _ in range(2):
        ada.post(f"{path}/payments/{payment['id']}/reversal", expect=200, reason="Bounced")

    assert facts(stage) == ["payment-reversed"]
    assert ada.get(path)["received"] == "0.00"
    ada.post(path + "/payments/99/reversal", expect=404, reason="?")


def test_products_are_maintained_and_stock_is_corrected_with_a_reason(stage: Stage, ada: Client) -> None:
    rows = [{"product_code": "P1", "warehouse": "Main", "place": "A1", "quantity": 5}]
    ada.post("/stock/bulk", expect=200, rows=rows)
    ada.patch("/products/1", version=1, price="25.00")
    assert ada.post("/products/1/retirement", expect=200)["is_active"] is False
    assert ada.get("/products?is_active=true")["total"] == 0
    stage.said()

    assert ada.post("/stock/1/adjustment", expect=200, quantity=3, reason="Two broke")["quantity"] == 3

    [(kind, said)] = stage.said()
    assert (kind, said["difference"], said["reason"]) == ("crm.customer.stock.adjusted", -2, "Two broke")
    ada.post("/stock/1/adjustment", expect=422, quantity=3)
    ada.post("/products", expect=409, code="P1", name="Other")


def test_a_lost_customer_is_won_back_by_its_manager(stage: Stage, ada: Client) -> None:
    ada.post("/customers/bulk", expect=200, rows=[
        {"name": "Old", "region": "x", "level": 1, "opened_at": "2020-01-01T00:00:00Z"}
    ])  # fmt: skip
    ada.post("/losses/detection", expect=200)
    [loss] = ada.get("/losses")["items"]
    path = f"/losses/{loss['id']}"
    assert ada.post(path + "/recovery", expect=409, how="?")["type"] == "/problems/not-in-this-state"
    ada.post(path + "/confirmation", expect=200, reason="Moved")
    stage.said()

    assert ada.post(path + "/recovery", expect=200, how="New prices")["status"] == 4

    assert facts(stage) == ["won-back", "recovered"]
    assert ada.get(f"/customers/{loss['customer_no']}")["status"] == 1


ORDER_CALLS = {
    "confirm": Call("POST", "/confirmation"),
    "pick": Call("POST", "/picking"),
    "ship": Call("POST", "/shipping"),
    "deliver": Call("POST", "/delivery"),
    "settle": Call("POST", "/settlement"),
    "cancel": Call("POST", "/cancellation", {}),
    "record-payment": Call("POST", "/payments", {"amount": "0.01", "received_on": "2026-11-20"}),
}
LOSS_CALLS = {
    "delay": Call("POST", "/measures", {"text": "Called"}),
    "confirm": Call("POST", "/confirmation", {"reason": "Gone"}),
    "win-back": Call("POST", "/recovery", {"how": "Asked"}),
}


def test_the_server_does_with_orders_what_it_offers(ada: Client, number: str) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(some.lists(some.sampled_from(sorted(ORDER_CALLS)), min_size=3, max_size=12))
    def walk(actions: list[str]) -> None:
        Walk(ORDER, ORDER_CALLS, an_order(ada, number)).go((ada, action) for action in actions)

    walk()


def test_the_server_does_with_losses_what_it_offers(stage: Stage, ada: Client) -> None:
    counter = iter(range(1000))

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(some.lists(some.sampled_from(sorted(LOSS_CALLS)), min_size=2, max_size=8))
    def walk(actions: list[str]) -> None:
        row = {"name": f"Old {next(counter)}", "region": "x", "level": 1, "opened_at": "2020-01-01T00:00:00Z"}
        ada.post("/customers/bulk", expect=200, rows=[row])
        ada.post("/losses/detection", expect=200)
        newest = ada.get("/losses?sort=-id&size=1")["items"][0]
        Walk(LOSS, LOSS_CALLS, f"/losses/{newest['id']}").go((ada, action) for action in actions)

    walk()
