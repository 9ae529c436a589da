"""Orders: placed once, alone or by the thousand, taken back by credit note, cancelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.testing.stage import Client, Stage
from customer.order.model import OrderLine

MAY = "2026-05-01T10:00:00Z"


@pytest.fixture
def order(acme: dict[str, Any]) -> dict[str, Any]:
    return {"order_no": "1343445", "customer_no": acme["customer_no"], "ordered_at": MAY, "amount": "505.30"}


@pytest.fixture
def product(sue: Client) -> dict[str, Any]:
    sue.post("/products/bulk", expect=200, rows=[{"code": "GTX Pro", "name": "GTX Pro"}])
    return {"product_code": "GTX Pro", "quantity": 3, "unit": "piece", "unit_price": "10.10"}


def send(sue: Client, *rows: dict[str, Any], expect: int = 200, **options: Any) -> Any:
    return sue.post("/orders/bulk", expect=expect, rows=list(rows), **options)


def counts(answer: dict[str, Any]) -> tuple[int, int, int]:
    return answer["created"], answer["unchanged"], len(answer["refused"])


def test_an_order_is_placed_and_told_at_its_own_time(stage: Stage, sue: Client, order: dict[str, Any]) -> None:
    stage.said()

    placed = sue.post("/orders", **order)

    assert (placed["amount"], placed["kind"], placed["status"], placed["customer_name"]) == (
        "505.30", "order", 1, "Acme",
    )  # fmt: skip
    assert sue.get("/orders/1343445/history")["items"][0]["at"] == MAY
    (fact, told), (moved, customer) = stage.said()
    assert fact == "crm.customer.order.placed"
    assert (moved, customer["stage"]) == ("crm.customer.customer.stage-moved", 2)
    assert (told["order_no"], told["amount_minor"], told["ordered_at"]) == ("1343445", 50530, MAY)


def test_an_order_said_again_is_left_alone(stage: Stage, sue: Client, order: dict[str, Any]) -> None:
    first = sue.post("/orders", **order)
    stage.said()

    assert sue.post("/orders", **order) == first
    assert counts(send(sue, order, order)) == (0, 2, 0)
    assert stage.said() == []


def test_an_order_said_again_after_it_was_cancelled_stays_cancelled(sue: Client, order: dict[str, Any]) -> None:
    sue.post("/orders", **order)
    sue.post("/orders/1343445/cancellation", expect=200)

    assert counts(send(sue, order)) == (0, 1, 0)
    assert sue.get("/orders/1343445")["status"] == 7


def test_another_order_of_the_same_number_is_refused(sue: Client, order: dict[str, Any]) -> None:
    sue.post("/orders", **order)

    problem = sue.post("/orders", expect=409, **order | {"amount": "505.31"})
    assert (problem["type"], problem["order_no"]) == ("/problems/order-differs", "1343445")
    answer = send(sue, order, order | {"status": 2}, order | {"order_no": "2"}, on_error="skip")
    assert counts(answer) == (1, 1, 1)
    assert answer["refused"][0]["detail"] == "Order 1343445 exists with other content"


def test_two_rows_of_one_number_agree_or_the_second_is_refused(sue: Client, order: dict[str, Any]) -> None:
    assert counts(send(sue, order, order, order | {"address": "Elsewhere"}, on_error="skip")) == (1, 1, 1)


def test_the_lines_make_the_amount(sue: Client, order: dict[str, Any], product: dict[str, Any]) -> None:
    del order["amount"]

    placed = sue.post("/orders", **order, lines=[product, product | {"quantity": 1, "unit_price": "0.70"}])

    assert placed["amount"] == "31.00"
    assert [(line["product_code"], line["quantity"], line["amount"]) for line in placed["lines"]] == [
        ("GTX Pro", 3, "30.30"),
        ("GTX Pro", 1, "0.70"),
    ]
    assert sue.get("/orders/1343445") == placed


def test_the_same_order_with_other_lines_is_another(
    stage: Stage, sue: Client, order: dict[str, Any], product: dict[str, Any]
) -> None:
    whole = order | {"amount": "30.30", "lines": [product]}
    assert counts(send(sue, whole)) == (1, 0, 0)

    assert counts(send(sue, whole)) == (0, 1, 0)
    split = [product | {"quantity": 1}, product | {"quantity": 2}]
    assert counts(send(sue, whole | {"lines": split}, on_error="skip")) == (0, 0, 1)
    assert stage.count(OrderLine.__table__) == 1


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"amount": "31.00"}, "/amount"),
        ({"lines": [{"product_code": "Nothing", "quantity": 1, "unit_price": "1"}]}, "/lines/0/product_code"),
        ({"lines": [{"product_code": "GTX Pro", "quantity": 10**9, "unit_price": "9999999999999"}]}, "/lines"),
    ],
)
def test_lines_must_fit(
    sue: Client, order: dict[str, Any], product: dict[str, Any], wrong: dict[str, Any], pointer: str
) -> None:
    del order["amount"]

    problem = sue.post("/orders", expect=422, **order | {"lines": [product]} | wrong)

    assert [one["pointer"] for one in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"amount": "-1.00"}, "/amount"),
        ({"amount": "1.00", "kind": "credit_note"}, "/amount"),
        ({"amount": 505.30}, "/amount"),
        ({"order_no": "2026/1"}, "/order_no"),
        ({"customer_no": "KH0"}, "/customer_no"),
        ({"status": 7}, "/status"),
        ({"kind": "gift"}, "/kind"),
        ({"ordered_at": "2026-13-01"}, "/ordered_at"),
        ({"ordered_at": (datetime.now(UTC) + timedelta(days=2)).isoformat()}, "/ordered_at"),
    ],
)
def test_what_makes_no_sense_is_refused_and_named(
    sue: Client, order: dict[str, Any], wrong: dict[str, Any], pointer: str
) -> None:
    problem = sue.post("/orders", expect=422, **order | wrong)
    assert [one["pointer"] for one in problem["errors"]] == [pointer]

    problem = send(sue, order | wrong, expect=422)
    assert [one["pointer"] for one in problem["errors"]] == ["/rows/0" + pointer]


def test_an_order_needs_a_customer_and_an_amount(sue: Client, order: dict[str, Any]) -> None:
    for name, pointer in (("customer_no", "/customer_no"), ("amount", "/amount")):
        partly = {key: value for key, value in order.items() if key != name}
        assert sue.post("/orders", expect=422, **partly)["errors"][0]["pointer"] == pointer


def test_a_customer_is_named_by_reference(sue: Client, order: dict[str, Any]) -> None:
    del order["customer_no"]
    sue.post("/customers/bulk", expect=200, rows=[{"reference": "A", "name": "Beta", "region": "N", "level": 1}])

    assert sue.post("/orders", **order, customer_reference="A")["customer_name"] == "Beta"
    wrong = order | {"order_no": "2", "customer_reference": "B"}
    assert send(sue, wrong, expect=422)["errors"][0]["pointer"] == "/rows/0/customer_reference"


def test_a_deleted_customer_orders_nothing(mei: Client, sue: Client, order: dict[str, Any]) -> None:
    mei.delete(f"/customers/{order['customer_no']}", version=1)

    assert sue.post("/orders", expect=409, **order)["type"] == "/problems/customer-gone"
    assert "was deleted" in send(sue, order, on_error="skip")["refused"][0]["detail"]


def test_a_credit_note_takes_money_back(sue: Client, order: dict[str, Any]) -> None:
    note = order | {"order_no": "C1", "kind": "credit_note", "amount": "-5.05"}

    assert sue.post("/orders", **note)["amount"] == "-5.05"


def test_an_order_is_cancelled_once(stage: Stage, sue: Client, order: dict[str, Any]) -> None:
    sue.post("/orders", **order)
    stage.said()

    cancelled = sue.post("/orders/1343445/cancellation", expect=200, reason="Wrong customer")

    assert (cancelled["status"], cancelled["cancellation_reason"]) == (7, "Wrong customer")
    [(fact, told)] = stage.said()
    assert fact == "crm.customer.order.cancelled"
    assert (told["amount_minor"], told["kind"], told["reason"]) == (50530, "order", "Wrong customer")
    problem = sue.post("/orders/1343445/cancellation", expect=409)
    assert problem["type"] == "/problems/order-cancelled-already"
    sue.post("/orders/999/cancellation", expect=404)


def test_an_account_manager_sees_the_orders_of_his_customers(
    mei: Client, bob: Client, sue: Client, order: dict[str, Any]
) -> None:
    sue.post("/orders", **order)

    assert mei.get("/orders")["total"] == 1
    assert bob.get("/orders")["total"] == 0
    for path in ("/orders/1343445", "/orders/1343445/history"):
        mei.get(path)
        bob.get(path, expect=404)
    mei.post("/orders", expect=403, **order)


def test_orders_filter_and_sort(sue: Client, order: dict[str, Any]) -> None:
    send(sue, *(order | {"order_no": str(n), "amount": f"{n}.00", "ordered_at": f"2026-05-0{n}T00:00:00Z"}
                for n in (1, 2, 3)))  # fmt: skip

    def numbers(query: str) -> list[str]:
        return [one["order_no"] for one in sue.get(f"/orders?{query}")["items"]]

    assert numbers("") == ["3", "2", "1"]
    assert numbers("sort=amount&ordered_from=2026-05-02") == ["2", "3"]
    mine = f"customer_no={order['customer_no']}&customer_name=acm&kind=order&status=1"
    assert numbers(f"{mine}&ordered_to=2026-05-01") == ["1"]
    assert numbers("q=2") == ["2"]


def test_a_dry_run_places_nothing(stage: Stage, sue: Client, order: dict[str, Any]) -> None:
    stage.said()

    assert counts(send(sue, order, dry_run=True)) == (1, 0, 0)

    assert stage.said() == []
    assert sue.get("/orders")["total"] == 0


def test_a_thousand_orders_cost_few_statements(sue: Client, order: dict[str, Any], statements: Any) -> None:
    rows = [order | {"order_no": str(number)} for number in range(1000)]

    with statements() as sent:
        assert counts(send(sue, *rows)) == (1000, 0, 0)
    assert len([one for one in sent if not one.startswith("BEGIN")]) <= 10

    with statements() as sent:
        assert counts(send(sue, *rows)) == (0, 1000, 0)
    assert len([one for one in sent if not one.startswith("BEGIN")]) <= 3
