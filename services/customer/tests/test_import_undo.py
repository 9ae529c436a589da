"""An import taken back: what it made goes, what it changed is as before, what was changed since stays."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from chassis.importing.keeping import forget_old_imports
from chassis.importing.tables import import_change
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from services.customer.tests.conftest import MANAGER_MAY, MEI
from services.customer.tests.tables import counts, customers, done, faults, undone


@pytest.fixture
def stage(each_stage: Stage) -> Stage:
    """The same stories on both databases."""
    return each_stage


def test_undo_takes_back_what_was_made_and_gives_back_what_was_changed(
    stage: Stage, sue: Client, small_parts: None
) -> None:
    done(stage, sue, customers(12))
    before = sue.get("/customers?sort=name&size=200&fields=customer_no,name,region,level,manager_id")["items"]
    changed = customers(20, level=3).replace(b"North", b"South").replace(b"Customer 1,", b"Acme,")
    job = done(stage, sue, changed)
    assert counts(job) == ("done", 8, 12, 0, 0)
    stage.said()

    after = undone(stage, sue, job)

    assert (after["state"], after["undone"], after["kept"]) == ("undone", 20, 0)
    assert sue.get("/customers?sort=name&size=200&fields=customer_no,name,region,level,manager_id")["items"] == before
    said = Counter(kind for kind, _ in stage.said())
    assert said == {"crm.customer.customer.edited": 12, "crm.customer.customer.deleted": 8}
    assert sue.post(f"/customers/imports/{job['id']}/undo", expect=409)["type"] == "/problems/nothing-to-undo"


def test_undo_leaves_alone_what_somebody_changed_since_and_says_so(stage: Stage, sue: Client) -> None:
    done(stage, sue, customers(2))
    job = done(stage, sue, customers(4, level=2))
    mei = stage.client(Principal(**{**vars(MEI), "scope": "all"}), *MANAGER_MAY)
    for reference, change in (("A-0", {"region": "West"}), ("A-3", {"phone": "1"})):
        [row] = mei.get(f"/customers?reference={reference}")["items"]
        mei.patch(f"/customers/{row['customer_no']}", version=row["version"], **change)

    after = undone(stage, sue, job)

    assert (after["undone"], after["kept"]) == (2, 2)
    shown = {row["reference"]: (row["region"], row["level"]) for row in sue.get("/customers")["items"]}
    assert shown == {"A-0": ("West", 2), "A-1": ("North", 1), "A-3": ("North", 2)}
    found = sue.get(f"/customers/imports/{job['id']}/faults")["items"]
    assert sorted(one["record"] for one in found) == sorted(
        row["customer_no"] for row in sue.get("/customers")["items"] if row["reference"] in ("A-0", "A-3")
    )
    assert all(one["reason"].startswith("Mei changed it on ") for one in found)


def test_undo_keeps_a_record_whose_old_name_somebody_else_has_now(stage: Stage, sue: Client) -> None:
    done(stage, sue, customers(3))
    job = done(stage, sue, customers(3).replace(b"Customer 1", b"Acme"))
    mei = stage.client(MEI, *MANAGER_MAY)
    mei.post("/customers", name="Customer 1", region="North", level=1)
    more = done(stage, sue, customers(3, level=2).replace(b"Customer 1", b"Acme"))

    assert undone(stage, sue, more)["undone"] == 3
    after = undone(stage, sue, job)

    assert (after["state"], after["undone"], after["kept"]) == ("undone", 0, 1)


@pytest.fixture
def product(sue: Client) -> None:
    sue.post("/products/bulk", expect=200, rows=[{"code": "P-1", "name": "Pump", "price": "10.00"}])


def test_products_are_corrected_and_given_back_or_taken_out_unless_they_are_named(
    stage: Stage, sue: Client, product: None
) -> None:
    content = "产品代码,产品名称,单价\nP-1,Pump 2,11.5\nP-2,Valve,3\nP-3,Pipe,1\n"
    job = done(stage, sue, content.encode(), "products")
    sue.post("/stock/bulk", expect=200, rows=[{"product_code": "P-3", "warehouse": "W", "place": "1", "quantity": 1}])

    after = undone(stage, sue, job, "products")

    assert (after["undone"], after["kept"]) == (2, 1)
    shown = {row["code"]: (row["name"], row["price"]) for row in sue.get("/products")["items"]}
    assert shown == {"P-1": ("Pump", "10.00"), "P-3": ("Pipe", "1.00")}
    assert "An order or the stock names this product" in faults(sue, job, "products")[0][2]
    assert ("crm.customer.product.removed", "P-2") in [(kind, data.get("code")) for kind, data in stage.said()]


def test_stock_is_counted_and_given_back(stage: Stage, sue: Client, product: None) -> None:
    sue.post("/stock/bulk", expect=200, rows=[{"product_code": "P-1", "warehouse": "W", "place": "1", "quantity": 5}])
    job = done(stage, sue, "产品代码,仓库,货位,数量\nP-1,W,1,7\nP-1,W,2,9\n".encode(), "stock")
    assert counts(job) == ("done", 1, 1, 0, 0)

    assert undone(stage, sue, job, "stock")["undone"] == 2
    assert [(row["place"], row["quantity"]) for row in sue.get("/stock")["items"]] == [("1", 5)]


def test_orders_are_placed_once_and_cancelled_when_taken_back(stage: Stage, sue: Client) -> None:
    done(stage, sue, customers(1))
    content = (
        b'order_no,customer_reference,ordered_at,amount\nO-1,A-0,2026-01-31 13:05,"1,234.50"\nO-2,A-9,2026-01-31,1\n'
    )

    job = done(stage, sue, content, "orders", on_error="skip")

    assert counts(job) == ("done", 1, 0, 0, 1)
    assert faults(sue, job, "orders") == [(3, "customer_reference", "There is no customer A-9")]
    [order] = sue.get("/orders")["items"]
    assert (order["amount"], order["ordered_at"]) == ("1234.50", "2026-01-31T13:05:00Z")
    assert counts(done(stage, sue, content, "orders", on_error="skip"))[:4] == ("done", 0, 0, 1)

    assert undone(stage, sue, job, "orders")["undone"] == 1
    assert sue.get("/orders/O-1")["cancellation_reason"] == "The import was taken back"


def test_an_order_with_lines_takes_a_row_for_each_and_comes_whole_or_not_at_all(
    stage: Stage, sue: Client, product: None
) -> None:
    done(stage, sue, customers(1))
    rows = [
        "订单编号,客户外部编号,订单日期,产品代码,数量,单价",
        "O-1,A-0,2026-01-31,P-1,2,10.00",
        "O-1,,,P-1,1,9.50",
        "O-2,A-0,2026-01-31,P-1,1,10.00",
        "O-2,,,P-9,1,10.00",
        "O-3,A-0,2026-01-31,P-1,many,1",
        "O-3,,,P-1,1,1",
    ]

    job = done(stage, sue, "\n".join(rows).encode(), "orders", on_error="skip")

    assert counts(job) == ("done", 1, 0, 0, 4)
    order = sue.get("/orders/O-1")
    assert (order["amount"], [line["amount"] for line in order["lines"]]) == ("29.50", ["20.00", "9.50"])
    assert sorted(faults(sue, job, "orders")) == [
        (4, "", "Row 5 of the same record is refused"),
        (5, "产品代码", "There is no product P-9"),
        (6, "数量", "The cell is not a number"),
        (7, "", "Row 6 of the same record is refused"),
    ]


def test_after_a_quarter_an_import_cannot_be_taken_back_any_more(stage: Stage, sue: Client) -> None:
    job = done(stage, sue, customers(2) + b"A-9,,North,1\n", on_error="skip")

    for days, left in ((89, 2), (91, 0)):
        with stage.doing(at=datetime.now(UTC) + timedelta(days=days)) as tx:
            forget_old_imports(tx)
        assert stage.count(import_change) == left
    assert faults(sue, job) == []
    assert sue.post(f"/customers/imports/{job['id']}/undo", expect=409)["type"] == "/problems/nothing-to-undo"
    assert sue.get(f"/customers/imports/{job['id']}")["created"] == 2
