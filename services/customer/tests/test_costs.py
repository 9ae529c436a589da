"""What a list may cost: one select for the rows, one for the total, both by an index."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from chassis.testing.stage import Client, Stage

LISTS = ["/customers", "/contacts", "/activities", "/orders", "/products", "/stock", "/losses"]


@pytest.fixture
def filled(sue: Client, mei: Client) -> None:
    rows = [
        {"reference": f"A-{n}", "name": f"Customer {n}", "region": f"R{n % 5}", "level": 1 + n % 5} for n in range(60)
    ]
    sue.post("/customers/bulk", expect=200, rows=[row | {"manager_login": "mei"} for row in rows])
    orders = [
        {"order_no": str(n), "customer_reference": f"A-{n}", "ordered_at": "2026-01-01T00:00:00Z", "amount": "1.00"}
        for n in range(60)
    ]
    sue.post("/orders/bulk", expect=200, rows=orders)
    mei.post("/losses/detection", expect=200)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_one_select_and_one_count(mei: Client, filled: None, statements: Any, path: str) -> None:
    with statements() as sent:
        page = mei.get(f"{path}?size=20")

    assert len(page["items"]) == min(20, page["total"])
    assert len(sent) == 2


def test_a_filtered_and_sorted_list_of_customers_costs_the_same(mei: Client, filled: None, statements: Any) -> None:
    with statements() as sent:
        page = mei.get("/customers?region=R1&level=2&manager_id=7&sort=-name&q=customer")
    assert (page["total"], len(sent)) == (12, 2)

    with statements() as sent:
        mei.get("/customers?total=false&sort=name")
    assert len(sent) == 1


@pytest.mark.parametrize("query", ["", "region=R1", "level=2", "manager_id=7", "sort=name", "sort=opened_at"])
def test_the_usual_lists_of_customers_are_read_in_order_from_an_index(
    stage: Stage, sue: Client, statements: Any, query: str
) -> None:
    with statements() as sent:
        sue.get(f"/customers?{query}")

    with stage.database.engine.connect() as connection:
        asked = sa.text("EXPLAIN QUERY PLAN " + sent[0].replace("?", "1"))
        plan = "; ".join(step.detail for step in connection.execute(asked))
    assert "USING INDEX" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    "path", ["/customers/{no}", "/orders/1", "/losses/1", "/customers/{no}/history", "/orders/1/history"]
)
def test_one_record_costs_at_most_two_selects(mei: Client, filled: None, statements: Any, path: str) -> None:
    path = path.format(no=mei.get("/customers")["items"][0]["customer_no"])

    with statements() as sent:
        mei.client.get(path)

    assert 1 <= len(sent) <= 2
