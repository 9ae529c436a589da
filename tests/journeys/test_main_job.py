"""Orders of the sales system and customers who leave, up to the reports, in both modes; the rest is in test_stories."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.system import Person, System, wait_until


def an_assigned_opportunity(guanxi: System, word: str) -> tuple[Person, Person, str]:
    sue, mei = guanxi.person("sue"), guanxi.person("mei")
    mei_id = mei.get("/api/me")["user_id"]
    hint = {"customer_name": word, "title": "Pumps", "success_rate": 60, "description": "Met at the fair"}
    contact = {"contact_name": "Li Wei", "contact_phone": "010-12345678"}
    opportunity = sue.post("/api/opportunities", expect=201, **hint, **contact).json
    path = f"/api/opportunities/{opportunity['id']}"
    wait_until(lambda: sue.get("/api/opportunities/assignees")["total"], "marketing to hear of its people")
    sue.post(f"{path}/assignment", assignee_id=mei_id)
    return sue, mei, path


def a_customer(guanxi: System, word: str, **more: Any) -> tuple[Person, str]:
    mei = guanxi.person("mei")
    fields = {"name": word, "region": "华东", "level": 2, "credit": 4, "satisfaction": 5}
    customer = mei.post("/api/customers", expect=201, **{**fields, **more}).json
    return mei, customer["customer_no"]


def test_orders_come_in_bulk_and_count_once(guanxi: System, word: str) -> None:
    _, number = a_customer(guanxi, word)
    sue, eve = guanxi.person("sue"), guanxi.person("eve")
    token = secrets.token_hex(4)
    orders = [
        {"order_no": f"{token}-1", "customer_no": number, "ordered_at": "2026-01-05T10:00:00Z", "amount": "100.10"},
        {"order_no": f"{token}-2", "customer_no": number, "ordered_at": "2026-02-05T10:00:00Z", "amount": "200.20"},
    ]
    credit = {"order_no": f"C{token}", "customer_no": number, "ordered_at": "2026-02-06T10:00:00Z", "amount": "-50.05"}
    rows = [*({**order, "kind": "order", "currency": "GBP"} for order in orders)]
    rows.append({**credit, "kind": "credit_note", "currency": "GBP"})

    assert sue.post("/api/orders/bulk", rows=rows).json["created"] == 3
    assert sue.post("/api/orders/bulk", rows=rows).json["unchanged"] == 3

    def contribution() -> Any:
        found = eve.get(f"/api/reports/contribution?year=2026&name={word.replace(' ', '%20')}")
        return found if found["items"] and found["items"][0]["orders"] >= 3 else None

    report = wait_until(contribution, "the orders in the report")
    assert [(one["customer_no"], one["amount"]) for one in report["items"]] == [(number, "250.25")]
    assert report["complete_up_to"]


def test_a_silent_customer_is_noticed_once_and_recovered_by_an_order(guanxi: System, word: str) -> None:
    sue = guanxi.person("sue")
    mei = guanxi.person("mei")
    row = {"reference": word, "name": word, "region": "华北", "level": 1, "opened_at": "2024-01-01T00:00:00Z"}
    row["manager_login"] = "mei"
    assert sue.post("/api/customers/bulk", rows=[row]).json["created"] == 1
    for _ in range(3):
        mei.post("/api/losses/detection")
    path = f"/api/losses?customer_name={word.replace(' ', '%20')}"
    [alert] = mei.get(path)["items"]
    assert alert["status"] == 1

    mei.post(f"/api/losses/{alert['id']}/measures", text="Sent the new product list")
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    order = {"order_no": secrets.token_hex(5), "customer_reference": word, "ordered_at": later}
    sue.post("/api/orders/bulk", rows=[{**order, "amount": "1.00", "kind": "order", "currency": "CNY"}])

    assert [one["status"] for one in mei.get(path)["items"]] == [4]


def test_a_lost_customer_shows_in_the_report(guanxi: System, word: str) -> None:
    sue, mei, eve = guanxi.person("sue"), guanxi.person("mei"), guanxi.person("eve")
    row = {"reference": word, "name": word, "region": "华北", "level": 1, "opened_at": "2024-01-01T00:00:00Z"}
    sue.post("/api/customers/bulk", rows=[{**row, "manager_login": "mei"}])
    mei.post("/api/losses/detection")
    query = f"customer_name={word.replace(' ', '%20')}"
    [alert] = mei.get(f"/api/losses?{query}")["items"]

    mei.post(f"/api/losses/{alert['id']}/confirmation", reason="Moved its plant")

    def lost() -> Any:
        return [one for one in eve.get("/api/reports/loss?size=200")["items"] if one["customer_name"] == word]

    [shown] = wait_until(lost, "the loss in the report")
    assert shown["reason"] == "Moved its plant"
    mei.post(f"/api/losses/{alert['id']}/confirmation", expect=409, reason="Again")
    assert eve.get("/api/reports/composition?by=level")["complete_up_to"]
