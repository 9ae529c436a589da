"""Two files of one customer become one, and every service follows by events alone; in both modes."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tests.system import Person, System, wait_until

LEADING = {"amount": "9000.00", "expected_on": "2027-02-01"}


def opened(mei: Person, name: str) -> str:
    number: str = mei.post("/api/customers", expect=201, name=name, region="华东", level=1, although_known=True).json[
        "customer_no"
    ]
    return number


def when_known(mei: Person, path: str, **body: Any) -> Any:
    """What another service takes as soon as it has heard of the customer."""
    answer = wait_until(
        lambda: (found := mei.ask("POST", path, body)).status == 201 and found, f"POST {path} to be taken", within=40
    )
    return answer.json


def contribution(sue: Person, number: str) -> list[str]:
    return [one["amount"] for one in sue.get(f"/api/reports/contribution?customer_no={number}")["items"]]


def counts(mei: Person, number: str) -> tuple[int, int]:
    found = {one["noun"]: one["total"] for one in mei.get(f"/api/customers/{number}/overview")["counts"]}
    return found.get("deal", 0), found.get("request", 0)


def test_deals_requests_and_reports_follow_a_merge(guanxi: System, word: str) -> None:
    mei, sue = guanxi.person("mei"), guanxi.person("sue")
    kept, gone = opened(mei, word), opened(mei, f"{word} Trading")
    deal = when_known(mei, "/api/deals", name=word, customer_no=gone, **LEADING)
    request = when_known(mei, "/api/requests", kind="咨询", title=word, customer_no=gone, request_text="How much?")
    for number, amount in ((kept, "10.00"), (gone, "32.50")):
        order = {"customer_no": number, "ordered_at": "2026-01-01T00:00:00Z", "amount": amount}
        sue.post("/api/orders", expect=201, **order)
    wait_until(lambda: contribution(sue, gone) == ["32.50"], "both to be reported", within=40)

    mei.post(f"/api/customers/{kept}/merge", absorbed=gone)

    wait_until(lambda: mei.get(f"/api/deals/{deal['id']}")["customer_no"] == kept, "the deal to follow", within=40)
    path = f"/api/requests/{request['id']}"
    wait_until(lambda: mei.get(path)["customer_no"] == kept, "the request to follow", within=40)
    wait_until(lambda: contribution(sue, kept) == ["42.50"] and not contribution(sue, gone), "reports", within=40)
    wait_until(lambda: counts(mei, kept) == (1, 1), "the overview to count both", within=40)
    assert mei.get(f"/api/customers?q={quote(word)}")["total"] == 1
