"""Contribution: what each customer bought, per year and in all, to the penny."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.contribution.model import OrderCancelled, OrderMoved, OrderPlaced
from reporting.facts.customer import CustomerAbsorbed, CustomerEdited, CustomerOpened
from services.reporting.tests.figures import bare

EVE = Principal(user_id=4, name="Eve", role="executive", kind="user", scope="all")
IN_2010, IN_2011 = datetime(2010, 12, 31, 23, 59, tzinfo=UTC), datetime(2011, 1, 1, tzinfo=UTC)


def customer(number: str, name: str, manager_id: int = 7) -> CustomerOpened:
    return CustomerOpened(**standing(number, name, manager_id))


def standing(number: str, name: str, manager_id: int = 7) -> dict[str, Any]:
    known = {"region": "North", "manager_name": "Mei", "level": 1, "satisfaction": None, "credit": None, "status": 1}
    return {"customer_no": number, "name": name, "manager_id": manager_id, **known}


def order(number: str, by: str, amount_minor: int, at: datetime = IN_2010, currency: str = "GBP") -> OrderPlaced:
    kind = "order" if amount_minor >= 0 else "credit_note"
    return OrderPlaced(
        order_no=number, customer_no=by, ordered_at=at, kind=kind, amount_minor=amount_minor, currency=currency
    )


@pytest.fixture
def eve(stage: Stage) -> Client:
    stage.hears(customer("A", "Acme"), customer("B", "Bolt"))
    return stage.client(EVE, "report:contribution")


def lines(report: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(one["customer_no"], one["amount"], one["orders"]) for one in report["items"]]


def test_amounts_add_up_per_customer_highest_first(stage: Stage, eve: Client) -> None:
    stage.hears(order("1", "A", 10_010), order("2", "B", 50_000), order("3", "A", 20_005))

    report = eve.get("/reports/contribution")

    assert lines(report) == [("B", "500.00", 1), ("A", "300.15", 2)]
    assert report["items"][0]["customer_name"] == "Bolt"
    assert bare(report["totals"]) == [{"currency": "GBP", "amount": "800.15", "orders": 3, "credit_notes": 0}]
    assert report["total"] == 2


def test_a_credit_note_takes_off_what_was_given_back(stage: Stage, eve: Client) -> None:
    stage.hears(order("1", "A", 10_000), order("C1", "A", -2_550))

    [line] = eve.get("/reports/contribution")["items"]

    assert (line["amount"], line["orders"], line["credit_notes"]) == ("74.50", 2, 1)


def test_a_cancelled_order_is_taken_out_again(stage: Stage, eve: Client) -> None:
    stage.hears(order("1", "A", 10_000), order("2", "A", 500), order("3", "B", 900))

    stage.hears(OrderCancelled(order_no="1"), OrderCancelled(order_no="3"), times=2)

    assert lines(eve.get("/reports/contribution")) == [("A", "5.00", 1)]
    assert lines(eve.get("/reports/contribution?year=2010")) == [("A", "5.00", 1)]


def test_orders_of_two_who_turned_out_to_be_one_are_one_line(stage: Stage, eve: Client) -> None:
    stage.hears(order("1", "A", 10_000), order("2", "B", 500), order("3", "B", 900))

    stage.hears(CustomerAbsorbed(**standing("B", "Bolt") | {"status": 3}))
    stage.hears(OrderMoved(order_no="2", customer_no="A"), OrderMoved(order_no="3", customer_no="A"), times=2)

    assert lines(eve.get("/reports/contribution")) == [("A", "114.00", 3)]
    assert lines(eve.get("/reports/contribution?year=2010")) == [("A", "114.00", 3)]


def test_an_order_that_moves_before_it_is_placed_is_right_in_the_end(stage: Stage, eve: Client) -> None:
    placed = stage.says(order("1", "B", 10_000))
    moved = stage.says(OrderMoved(order_no="1", customer_no="A"))

    stage.takes(moved)
    stage.takes(placed)

    assert lines(eve.get("/reports/contribution")) == [("A", "100.00", 1)]


def test_the_year_of_the_order_counts_not_the_year_of_hearing(stage: Stage, eve: Client) -> None:
    stage.hears(order("1", "A", 100, IN_2010), order("2", "A", 200, IN_2011))

    assert lines(eve.get("/reports/contribution?year=2010")) == [("A", "1.00", 1)]
    assert lines(eve.get("/reports/contribution?year=2011")) == [("A", "2.00", 1)]
    assert lines(eve.get("/reports/contribution?year=2012")) == []
    assert lines(eve.get("/reports/contribution")) == [("A", "3.00", 2)]


def test_currencies_are_never_added_up(stage: Stage, eve: Client) -> None:
    stage.hears(order("1", "A", 100), order("2", "A", 200, currency="CNY"))

    report = eve.get("/reports/contribution")

    assert [(one["currency"], one["amount"]) for one in report["items"]] == [("CNY", "2.00"), ("GBP", "1.00")]
    assert [(one["currency"], one["amount"]) for one in report["totals"]] == [("CNY", "2.00"), ("GBP", "1.00")]
    assert lines(eve.get("/reports/contribution?currency=GBP")) == [("A", "1.00", 1)]


def test_an_order_heard_twice_counts_once(stage: Stage, eve: Client) -> None:
    stage.hears(order("1", "A", 100), times=3)

    assert lines(eve.get("/reports/contribution")) == [("A", "1.00", 1)]


def test_a_cancellation_that_arrives_before_its_order_is_right_in_the_end(stage: Stage, eve: Client) -> None:
    placed, cancelled = stage.says(order("1", "A", 100)), stage.says(OrderCancelled(order_no="1"))

    stage.takes(cancelled)
    stage.takes(placed)

    assert lines(eve.get("/reports/contribution")) == []


def test_an_order_counts_before_its_customer_is_known(stage: Stage) -> None:
    eve = stage.client(EVE, "report:contribution")
    stage.hears(order("1", "A", 100))
    assert [one["customer_name"] for one in eve.get("/reports/contribution")["items"]] == [None]

    stage.hears(customer("A", "Acme"), CustomerEdited(**standing("A", "Acme Ltd")))

    assert [one["customer_name"] for one in eve.get("/reports/contribution")["items"]] == ["Acme Ltd"]


def test_the_list_is_filtered_by_name_and_the_total_with_it(stage: Stage, eve: Client) -> None:
    stage.hears(order("1", "A", 100), order("2", "B", 200))

    report = eve.get("/reports/contribution?name=acm")

    assert lines(report) == [("A", "1.00", 1)]
    assert (report["total"], report["totals"][0]["amount"]) == (1, "1.00")


def test_totals_of_a_part_and_of_everybody_are_made_differently_and_agree(stage: Stage, eve: Client) -> None:
    stage.hears(order("1", "A", 100), order("2", "B", 200, IN_2011), order("C2", "B", -50, IN_2011))
    stage.hears(order("3", "A", 7), OrderCancelled(order_no="3"), order("4", "X", 9), OrderCancelled(order_no="4"))

    for asked in ("", "&year=2010", "&year=2011"):
        kept = eve.get(f"/reports/contribution?sort=-amount{asked}")
        made = eve.get(f"/reports/contribution?currency=GBP{asked}")
        assert kept["totals"] == made["totals"]
        assert kept["total"] == made["total"] == len(kept["items"])
    assert eve.get("/reports/contribution?total=false")["total"] is None


def test_pages_and_cursors_neither_repeat_nor_miss_a_customer(stage: Stage, eve: Client) -> None:
    stage.hears(*(order(str(i), f"K{i:02}", 100 * (i % 3)) for i in range(10)))

    seen, cursor = [], ""
    for _ in range(4):
        report = eve.get(f"/reports/contribution?size=3{cursor}")
        seen += [one["customer_no"] for one in report["items"]]
        cursor = f"&cursor={report['next_cursor']}"

    assert sorted(seen) == [f"K{i:02}" for i in range(10)]
    assert report["next_cursor"] is None
    assert [one["customer_no"] for one in eve.get("/reports/contribution?size=3&page=2")["items"]] == seen[3:6]


def test_an_account_manager_would_see_only_his_own_customers(stage: Stage, eve: Client) -> None:
    stage.hears(customer("D", "Dove", manager_id=9), order("1", "A", 100), order("2", "D", 200))
    mei = Principal(user_id=7, name="Mei", kind="user", scope="own")
    boss = Principal(user_id=6, name="Bo", kind="user", scope="subtree", team=frozenset({7, 9}))

    own = stage.client(mei, "report:contribution").get("/reports/contribution")
    team = stage.client(boss, "report:contribution").get("/reports/contribution")

    assert (lines(own), own["totals"][0]["amount"]) == ([("A", "1.00", 1)], "1.00")
    assert [one["customer_no"] for one in team["items"]] == ["D", "A"]


def test_wrong_questions_are_refused(eve: Client) -> None:
    for asked in ("year=abc", "year=1", "sort=name", "size=1000", "cursor=x", "nonsense=1", "manager_id=x"):
        eve.get(f"/reports/contribution?{asked}", expect=422)


def test_the_report_needs_its_right(stage: Stage) -> None:
    stage.client(EVE, "report:loss").get("/reports/contribution", expect=403)
