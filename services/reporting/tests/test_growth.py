"""Customer growth: who is new, buys, stays, leaves and comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.contribution.model import OrderCancelled, OrderPlaced
from reporting.facts.customer import CustomerDeleted, CustomerOpened
from reporting.loss.model import LossAlerted, LossConfirmed, LossRecovered, LossWonBack
from services.reporting.tests.figures import records

EVE = Principal(user_id=4, name="Eve", kind="user", scope="all")


def day(month: int, number: int = 15) -> datetime:
    return datetime(2026, month, number, 12, tzinfo=UTC)


def standing(customer_no: str, month: int, manager_id: int = 7) -> dict[str, Any]:
    known = {"region": "North", "manager_name": "P", "level": 2, "satisfaction": None, "credit": None, "status": 1}
    return {"customer_no": customer_no, "name": "Acme", "manager_id": manager_id, "opened_at": day(month), **known}


def order(number: int, customer_no: str, month: int, amount_minor: int = 100) -> OrderPlaced:
    kind = "credit_note" if amount_minor < 0 else "order"
    known = {"ordered_at": day(month), "kind": kind, "currency": "CNY", "amount_minor": amount_minor}
    return OrderPlaced(order_no=str(number), customer_no=customer_no, **known)


@pytest.fixture
def eve(stage: Stage) -> Client:
    stage.hears(*(CustomerOpened(**standing(f"K{number}", number)) for number in (1, 2, 3)))
    return stage.client(EVE, "report:growth")


def figures(report: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in names) for one in report["items"]]


def ask(client: Client, first: str = "2026-01", last: str = "2026-03", **more: str) -> dict[str, Any]:
    asked = "".join(f"&{name}={value}" for name, value in more.items())
    found: dict[str, Any] = client.get(f"/reports/customer-growth?from={first}&to={last}{asked}")
    return found


def test_customers_are_new_in_the_month_in_which_they_were_opened(stage: Stage, eve: Client) -> None:
    stage.hears(CustomerDeleted(**standing("K3", 3) | {"status": 3}))

    report = ask(eve)

    assert figures(report, "period", "new") == [
        ("2026-01..2026-01", 1), ("2026-02..2026-02", 1), ("2026-03..2026-03", 0),
    ]  # fmt: skip
    assert (report["totals"]["period"], report["totals"]["new"]) == ("2026-01..2026-03", 2)


def test_who_buys_in_two_months_running_is_kept(stage: Stage, eve: Client) -> None:
    stage.hears(order(1, "K1", 1), order(2, "K1", 1), order(3, "K2", 1), order(4, "K1", 2), order(5, "K3", 3))

    report = ask(eve)

    assert figures(report, "active", "active_before", "kept", "retention") == [
        (2, 0, 0, None), (1, 2, 1, 0.5), (1, 1, 0, 0.0),
    ]  # fmt: skip
    assert [one["active"] for one in (report["totals"],)] == [3]


def test_whoever_ordered_at_any_time_before_buys_again(stage: Stage, eve: Client) -> None:
    stage.hears(order(1, "K1", 1), order(2, "K1", 3), order(3, "K2", 3))

    march = ask(eve, "2026-03", "2026-03")["items"][0]

    assert (march["active"], march["repeat"], march["repeat_rate"]) == (2, 1, 0.5)


def test_credit_notes_and_cancelled_orders_make_nobody_active(stage: Stage, eve: Client) -> None:
    stage.hears(order(1, "K1", 1, -50), order(2, "K2", 1), OrderCancelled(order_no="2"))

    assert figures(ask(eve), "active")[0] == (0,)


def test_lost_and_won_back_each_in_its_month(stage: Stage, eve: Client) -> None:
    who = {"manager_id": 7, "manager_name": "Mei", "customer_name": "Acme"}
    for number, back in ((1, LossRecovered), (2, LossWonBack)):
        stage.hears(
            LossAlerted(loss_id=number, customer_no=f"K{number}", last_order_at=None, alerted_at=day(1), **who),
            LossConfirmed(loss_id=number, reason="Moved", lost_at=day(2, 1)),
            back(loss_id=number, recovered_at=day(3)),
        )
    stage.hears(LossAlerted(loss_id=3, customer_no="K3", last_order_at=None, alerted_at=day(1), **who))
    stage.hears(LossRecovered(loss_id=3, recovered_at=day(3)))

    assert figures(ask(eve), "lost", "won_back") == [(0, 0), (2, 0), (0, 2)]


def test_each_figure_leads_to_its_customers(stage: Stage, eve: Client) -> None:
    stage.hears(order(1, "K1", 1), order(2, "K2", 1), order(3, "K1", 2))

    february = ask(eve)["items"][1]

    assert [one["id"] for one in records(eve, february["drill"]["kept"])] == ["K1"]
    assert [one["id"] for one in records(eve, february["drill"]["new"])] == ["K2"]


def test_one_counts_the_own_customers(stage: Stage, eve: Client) -> None:
    stage.hears(CustomerOpened(**standing("K9", 1, manager_id=8)), order(1, "K9", 1), order(2, "K1", 1))
    bo = stage.client(Principal(user_id=8, name="Bo", kind="user", scope="own"), "report:growth")

    assert figures(ask(bo), "new", "active")[0] == (1, 1)
    assert figures(ask(eve), "new", "active")[0] == (2, 2)
    assert figures(ask(eve, person="8"), "new")[0] == (1,)
    assert figures(ask(eve, region="South"), "new")[0] == (0,)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [("from=2026-01", "/to"), ("from=2026&to=2026-01", "/from"), ("from=2026-02&to=2026-01", "/to"),
     ("from=2020-01&to=2026-01", "/to"), ("from=2026-01&to=2026-02&person=Mei", "/person")],
)  # fmt: skip
def test_wrong_questions_are_refused(eve: Client, asked: str, pointer: str) -> None:
    [error] = eve.get(f"/reports/customer-growth?{asked}", expect=422)["errors"]
    assert error["pointer"] == pointer


def test_records_of_no_period_are_refused(eve: Client) -> None:
    path = "/reports/customer-growth/drill?figure=new&from=2026-01&to=2026-01"
    for asked in ("", "&period=2026-01", "&period=2026-02..2026-01", "&period=a..b"):
        eve.get(f"{path}{asked}", expect=422)


def test_the_report_needs_its_right(stage: Stage) -> None:
    stage.client(EVE, "report:loss").get("/reports/customer-growth?from=2026-01&to=2026-01", expect=403)
