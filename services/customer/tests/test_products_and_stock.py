"""Products and stock: taken over from the sales system, looked at by people."""

from __future__ import annotations

from typing import Any

from chassis.testing.stage import Client, Stage

PRO = {"code": "GTX Pro", "name": "GTX Pro", "model": "GTX", "price": "4821.00", "currency": "USD"}
SHELF = {"product_code": "GTX Pro", "warehouse": "Beijing", "place": "A-1", "quantity": 12}


def send(sue: Client, kind: str, *rows: dict[str, Any], expect: int = 200, **options: Any) -> Any:
    return sue.post(f"/{kind}/bulk", expect=expect, rows=list(rows), **options)


def counts(answer: dict[str, Any]) -> tuple[int, int, int]:
    return answer["created"], answer["updated"], answer["unchanged"]


def test_a_product_is_listed_once_and_edited_when_it_differs(stage: Stage, sue: Client) -> None:
    stage.said()

    assert counts(send(sue, "products", PRO)) == (1, 0, 0)
    assert counts(send(sue, "products", PRO)) == (0, 0, 1)
    assert counts(send(sue, "products", PRO | {"price": "5000.00"}, PRO | {"code": "New"})) == (1, 1, 0)

    told = stage.said()
    assert [fact.rsplit(".", 1)[1] for fact, _ in told] == ["listed", "edited", "listed"]
    assert told[1][1]["changes"] == {"price_minor": {"old": 482100, "new": 500000}}


def test_a_code_stands_in_a_table_once(sue: Client) -> None:
    problem = send(sue, "products", PRO, PRO | {"price": "1.00"}, expect=422)

    assert problem["errors"][0]["pointer"] == "/rows/1/code"


def test_products_can_be_looked_at(mei: Client, sue: Client) -> None:
    send(sue, "products", PRO, PRO | {"code": "Basic", "name": "GTX Basic", "price": "550"})

    listed = mei.get("/products?sort=-price&name=gtx")["items"]

    assert [(one["code"], one["price"]) for one in listed] == [("GTX Pro", "4821.00"), ("Basic", "550.00")]
    path = f"/products/{listed[0]['id']}"
    assert mei.get(path) == listed[0]
    assert len(mei.get(path + "/history")["items"]) == 1
    mei.get("/products/999", expect=404)
    mei.get("/products/999/history", expect=404)


def test_stock_is_counted_and_recounted(stage: Stage, sue: Client) -> None:
    send(sue, "products", PRO)
    stage.said()

    assert counts(send(sue, "stock", SHELF)) == (1, 0, 0)
    assert counts(send(sue, "stock", SHELF)) == (0, 0, 1)
    assert counts(send(sue, "stock", SHELF | {"quantity": 9}, SHELF | {"place": "A-2"})) == (1, 1, 0)

    assert [(fact, told["quantity"]) for fact, told in stage.said()] == [
        ("crm.customer.stock.counted", 12),
        ("crm.customer.stock.counted", 9),
        ("crm.customer.stock.counted", 12),
    ]


def test_stock_of_an_unknown_product_or_counted_twice_is_refused(sue: Client) -> None:
    send(sue, "products", PRO)

    answer = send(sue, "stock", SHELF, SHELF | {"quantity": 1}, SHELF | {"product_code": "Nothing"}, on_error="skip")

    assert counts(answer) == (1, 0, 0)
    assert [one["pointer"] for one in answer["refused"]] == ["/rows/1/place", "/rows/2/product_code"]
    assert send(sue, "stock", SHELF | {"quantity": -1}, expect=422)["errors"][0]["pointer"] == "/rows/0/quantity"


def test_stock_can_be_looked_at(mei: Client, sue: Client) -> None:
    send(sue, "products", PRO)
    send(sue, "stock", SHELF)

    [shelf] = mei.get("/stock?product_name=gtx&warehouse=bei")["items"]

    assert (shelf["product_code"], shelf["quantity"]) == ("GTX Pro", 12)
    assert mei.get(f"/stock/{shelf['id']}") == shelf
    assert mei.etag == '"1"'
    assert len(mei.get(f"/stock/{shelf['id']}/history")["items"]) == 1
    mei.get("/stock/999", expect=404)
    mei.get("/stock/999/history", expect=404)
