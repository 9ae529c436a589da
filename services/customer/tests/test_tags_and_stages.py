"""Tags put on customers, and the stages of their life with us; alike on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.dictionary import ItemAdded
from chassis.testing.stage import Client, Stage
from customer.customer.life_cycle import STEADY_AFTER, stage_of_buyer
from customer.customer.life_cycle import Stage as Life
from customer.tag.model import MOST_TAGS
from services.customer.tests.conftest import BOB, MANAGER_MAY, MEI

MAY = [*MANAGER_MAY, "customer:tag", "order:write"]
WATCH, VIP = "重点跟进", "VIP"


def with_tags(stage: Stage, *more: str) -> None:
    items = [ItemAdded(item_id=n, kind="customer tag", value=tag) for n, tag in enumerate((WATCH, VIP, *more), 100)]
    stage.hears(*items)


@pytest.fixture
def mei(each_stage: Stage) -> Client:
    with_tags(each_stage)
    return each_stage.client(MEI, *MAY)


def opened(client: Client, name: str, **more: Any) -> str:
    number: str = client.post("/customers", name=name, region="North", level=1, **more)["customer_no"]
    return number


def facts(stage: Stage) -> list[str]:
    return [fact.removeprefix("crm.customer.") for fact, _ in stage.said()]


def test_a_customer_gets_exactly_the_tags_that_are_said(each_stage: Stage, mei: Client) -> None:
    number = opened(mei, "Acme")
    mei.call("PUT", f"/customers/{number}/tags", {"tags": [WATCH]}, expect=200)
    each_stage.said()

    shown = mei.call("PUT", f"/customers/{number}/tags", {"tags": [VIP]}, expect=200)
    again = mei.call("PUT", f"/customers/{number}/tags", {"tags": [VIP]}, expect=200)

    assert (shown["tags"], again["version"]) == ([VIP], shown["version"])
    [(fact, told)] = each_stage.said()
    assert (fact, told["added"], told["removed"]) == ("crm.customer.customer.tagged", [VIP], [WATCH])
    assert told["changes"]["tags"] == {"old": [WATCH], "new": [VIP]}


def test_many_are_tagged_at_once_and_found_by_tag(each_stage: Stage, mei: Client) -> None:
    one, two, three = (opened(mei, name) for name in ("One", "Two", "Three"))
    mei.post("/customers/tags", expect=200, customer_nos=[one, two], add=[WATCH])

    answer = mei.post("/customers/tags", expect=200, customer_nos=[one, two, three], add=[VIP], remove=[WATCH])

    assert answer == {"changed": 3, "unchanged": 0}
    assert mei.post("/customers/tags", expect=200, customer_nos=[one], add=[VIP]) == {"changed": 0, "unchanged": 1}
    mei.post("/customers/tags", expect=200, customer_nos=[three], remove=[VIP], add=[WATCH])
    assert [row["name"] for row in mei.get("/customers?sort=name&tag=VIP")["items"]] == ["One", "Two"]
    assert mei.get(f"/customers?tag=VIP,{WATCH}")["total"] == 3
    assert mei.get("/customers/tags")["items"] == [{"tag": VIP, "customers": 2}, {"tag": WATCH, "customers": 1}]


def test_a_thousand_are_tagged_in_few_statements(stage: Stage, sue: Client, statements: Any) -> None:
    with_tags(stage)
    boss = stage.client()
    rows = [{"reference": f"A-{n}", "name": f"Customer {n}", "region": "North", "level": 1} for n in range(1000)]
    boss.post("/customers/bulk", expect=200, rows=[row | {"manager_login": "mei"} for row in rows])
    numbers = [one["customer_no"] for page in range(1, 6)
               for one in boss.get(f"/customers?fields=customer_no&size=200&page={page}")["items"]]  # fmt: skip

    with statements() as sent:
        assert boss.post("/customers/tags", expect=200, customer_nos=numbers, add=[VIP])["changed"] == 1000

    assert len(sent) <= 9, sent


def test_a_tag_that_the_dictionary_has_not_is_refused_and_nothing_is_done(each_stage: Stage, mei: Client) -> None:
    number = opened(mei, "Acme")

    problem = mei.post("/customers/tags", expect=422, customer_nos=[number], add=[VIP, "made up"])

    assert (problem["type"], problem["errors"][0]["pointer"]) == ("/problems/value-unknown", "/add/1")
    assert mei.get(f"/customers/{number}")["tags"] == []


def test_a_customer_of_somebody_else_cannot_be_tagged_nor_counted(each_stage: Stage, mei: Client) -> None:
    mine, number = opened(mei, "Mine"), opened(each_stage.client(BOB, *MAY), "Bobs")

    problem = mei.post("/customers/tags", expect=422, customer_nos=[mine, number], add=[VIP])

    assert problem["errors"][0]["pointer"] == "/customer_nos/1"
    assert mei.get(f"/customers/{mine}")["tags"] == []
    mei.call("PUT", f"/customers/{number}/tags", {"tags": [VIP]}, expect=404)
    each_stage.client(BOB, *MAY).call("PUT", f"/customers/{number}/tags", {"tags": [VIP]}, expect=200)
    assert mei.get("/customers/tags")["items"] == []


def test_tags_end_somewhere_and_a_deleted_customer_gets_none(each_stage: Stage, mei: Client) -> None:
    many = [f"T{n}" for n in range(MOST_TAGS)]
    with_tags(each_stage, *many)
    number = opened(mei, "Acme")
    mei.call("PUT", f"/customers/{number}/tags", {"tags": many}, expect=200)

    problem = mei.post("/customers/tags", expect=409, customer_nos=[number], add=[VIP])

    assert (problem["type"], problem["limit"]) == ("/problems/too-many-tags", MOST_TAGS)
    mei.delete(f"/customers/{number}", version=2)
    problem = mei.call("PUT", f"/customers/{number}/tags", {"tags": []}, expect=409)
    assert problem["type"] == "/problems/customer-gone"


def test_whoever_lacks_the_right_tags_nobody(each_stage: Stage, mei: Client) -> None:
    plain = each_stage.client(MEI, *MANAGER_MAY)

    plain.post("/customers/tags", expect=403, customer_nos=[opened(mei, "Acme")], add=[VIP])


@pytest.mark.parametrize(
    ("orders", "stage"),
    [(0, Life.POTENTIAL), (1, Life.NEW), (2, Life.GROWING), (STEADY_AFTER - 1, Life.GROWING),
     (STEADY_AFTER, Life.STEADY), (99, Life.STEADY)],
)  # fmt: skip
def test_what_so_many_orders_make_of_a_customer(orders: int, stage: Life) -> None:
    assert stage_of_buyer(orders) == stage


def test_a_customer_goes_through_the_stages_of_its_life(each_stage: Stage, mei: Client) -> None:
    boss = each_stage.client()
    row = {"reference": "A", "name": "Acme", "region": "North", "level": 1, "opened_at": "2024-01-01T00:00:00Z"}
    boss.post("/customers/bulk", expect=200, rows=[row | {"manager_login": "mei"}])
    [number] = [one["customer_no"] for one in mei.get("/customers?stage=1")["items"]]
    seen = []

    def order(no: str, ordered_at: str) -> None:
        boss.post("/orders", order_no=no, customer_no=number, ordered_at=ordered_at, amount="1.00")
        seen.append(mei.get(f"/customers/{number}")["stage"])

    order("1", "2024-02-01T00:00:00Z")
    boss.post("/orders", order_no="back", customer_no=number, kind="credit_note",
              ordered_at="2024-02-01T00:00:00Z", amount="-1.00")  # fmt: skip
    order("2", "2024-02-02T00:00:00Z")
    mei.post("/losses/detection", expect=200)
    [alert] = mei.get("/losses")["items"]
    seen.append(mei.get(f"/customers/{number}")["stage"])
    mei.post(f"/losses/{alert['id']}/confirmation", expect=200, reason="Moved")
    seen.append(mei.get(f"/customers/{number}")["stage"])
    for no in "345":
        order(no, f"{datetime.now(UTC):%Y-%m-%d}T23:59:59.99Z")

    assert seen == [Life.NEW, Life.GROWING, Life.DECLINING, Life.ENDED, Life.RECOVERED, Life.GROWING, Life.STEADY]
    history = mei.get(f"/customers/{number}/history")["items"]
    told = [(one["data"]["stage"], one["changes"]["stage"]["old"]) for one in history if "stage" in one["changes"]]
    assert [new for new, _ in told] == seen
    assert [old for _, old in told] == [Life.POTENTIAL, *seen[:-1]]


def test_orders_in_one_file_move_a_customer_once(each_stage: Stage, mei: Client) -> None:
    number, boss = opened(mei, "Acme"), each_stage.client()
    each_stage.said()
    row = {"customer_no": number, "ordered_at": "2026-01-01T00:00:00Z", "amount": "1.00"}

    boss.post("/orders/bulk", expect=200, rows=[row | {"order_no": str(no)} for no in range(STEADY_AFTER)])

    assert facts(each_stage) == ["order.placed"] * STEADY_AFTER + ["customer.stage-moved"]
    assert mei.get(f"/customers/{number}")["stage"] == Life.STEADY
