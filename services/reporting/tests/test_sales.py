"""Sales: opportunities by status, salesperson and product."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.facts.person import UserEdited, UserRegistered
from reporting.sales.model import (
    OpportunityAssigned,
    OpportunityCreated,
    OpportunityDeleted,
    OpportunityEdited,
    OpportunityFailed,
    OpportunityWon,
)
from services.reporting.tests.figures import bare

EVE = Principal(user_id=4, name="Eve", role="executive", kind="user", scope="all")


def created(number: int, product: str = "Pump", by: int = 8, currency: str = "USD") -> OpportunityCreated:
    return OpportunityCreated(opportunity_id=number, owner_id=by, product=product, amount_minor=1000, currency=currency)


def assigned(number: int, to: int = 7) -> OpportunityAssigned:
    return OpportunityAssigned(opportunity_id=number, assignee_id=to)


def won(number: int, amount_minor: int, product: str = "Pump", currency: str = "USD") -> OpportunityWon:
    return OpportunityWon(opportunity_id=number, product=product, amount_minor=amount_minor, currency=currency)


@pytest.fixture
def eve(stage: Stage) -> Client:
    stage.hears(UserRegistered(user_id=7, full_name="Mei"), UserRegistered(user_id=8, full_name="Sue"))
    return stage.client(EVE, "report:sales")


def groups(report: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in (*names, "opportunities")) for one in report["items"]]


def test_opportunities_are_counted_by_status_with_what_the_won_are_worth(stage: Stage, eve: Client) -> None:
    stage.hears(*(created(number) for number in range(1, 6)), *(assigned(number) for number in range(2, 6)))
    stage.hears(won(3, 5000), won(4, 2550), OpportunityFailed(opportunity_id=5))

    report = eve.get("/reports/sales")

    assert groups(report, "status") == [(1, 1), (2, 1), (3, 2), (4, 1)]
    assert [one["won"] for one in bare(report)["items"]] == [[], [], [{"currency": "USD", "amount": "75.50"}], []]
    assert report["total"] == 5


def test_the_salesperson_is_the_assignee_and_the_creator_until_there_is_one(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2), assigned(2), created(3), assigned(3), assigned(3, to=9))

    report = eve.get("/reports/sales?by=salesperson")

    assert groups(report, "salesperson_id", "salesperson_name") == [(7, "Mei", 1), (8, "Sue", 1), (9, None, 1)]


def test_a_person_is_shown_by_the_present_name(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), UserEdited(user_id=8, full_name="Susan"))

    assert groups(eve.get("/reports/sales?by=salesperson"), "salesperson_name") == [("Susan", 1)]


def test_the_cross_shows_every_status_of_every_person_and_product(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2, "Valve"), assigned(2), won(2, 300, "Valve"), created(3, "Valve"), assigned(3))

    report = eve.get("/reports/sales?by=cross")

    assert groups(report, "status", "salesperson_id", "product") == [
        (1, 8, "Pump", 1),
        (2, 7, "Valve", 1),
        (3, 7, "Valve", 1),
    ]


def test_an_edited_opportunity_counts_for_its_new_product(stage: Stage, eve: Client) -> None:
    stage.hears(created(1))

    stage.hears(OpportunityEdited(opportunity_id=1, product="Valve", amount_minor=1, currency="USD"), times=2)

    assert groups(eve.get("/reports/sales?by=product"), "product") == [("Valve", 1)]


def test_a_deleted_opportunity_is_not_counted(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), OpportunityDeleted(opportunity_id=1), times=2)

    assert eve.get("/reports/sales")["items"] == []


def test_amounts_of_different_currencies_stay_apart(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), assigned(1), won(1, 100), created(2), assigned(2), won(2, 200, currency="CNY"))

    [line] = eve.get("/reports/sales")["items"]

    assert line["opportunities"] == 2
    assert bare(line)["won"] == [{"currency": "CNY", "amount": "2.00"}, {"currency": "USD", "amount": "1.00"}]


def test_a_life_that_arrives_backwards_is_right_in_the_end(stage: Stage, eve: Client) -> None:
    wires = [stage.says(event) for event in (created(1), assigned(1), won(1, 700))]

    for wire in reversed(wires):
        stage.takes(wire)

    assert groups(eve.get("/reports/sales?by=cross"), "status", "salesperson_id") == [(3, 7, 1)]


def test_the_counts_can_be_narrowed_down(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2, "Valve"), assigned(2))

    assert groups(eve.get("/reports/sales?by=product&status=2"), "product") == [("Valve", 1)]
    assert groups(eve.get("/reports/sales?salesperson_id=8&product=Pump"), "status") == [(1, 1)]


def test_an_account_manager_would_count_only_his_own(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2), assigned(2))
    mei = Principal(user_id=7, name="Mei", kind="user", scope="own")

    assert groups(stage.client(mei, "report:sales").get("/reports/sales"), "status") == [(2, 1)]


def test_wrong_questions_are_refused(eve: Client) -> None:
    for asked in ("by=colour", "status=won", "status=0", "salesperson_id=Mei"):
        eve.get(f"/reports/sales?{asked}", expect=422)


def test_the_report_needs_its_right(stage: Stage) -> None:
    stage.client(EVE, "report:loss").get("/reports/sales", expect=403)
