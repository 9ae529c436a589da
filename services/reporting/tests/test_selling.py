"""Performance, revenue, forecast, leads and opportunities: the same records, put together in different ways."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from chassis.people import UnitCreated
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.contribution.model import OrderPlaced
from reporting.facts.customer import CustomerOpened
from reporting.facts.lead import LeadConverted, LeadCreated, LeadDeleted, LeadRejected
from reporting.facts.person import UserRegistered
from reporting.facts.target import ForecastStated, TargetSet
from reporting.sales.model import OpportunityAssigned, OpportunityCreated, OpportunityFailed, OpportunityWon
from services.reporting.tests.figures import bare, records
from services.reporting.tests.test_funnel import created, lost, won

EVE = Principal(user_id=4, name="Eve", kind="user", scope="all")
JANUARY, FEBRUARY = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC)


@pytest.fixture
def eve(stage: Stage) -> Client:
    unit = {"code": None, "kind": "department", "parent_id": None, "head_id": None}
    stage.hears(
        UnitCreated(unit_id=3, name="East", **unit),
        UserRegistered(user_id=7, full_name="Mei", unit_id=3),
        UserRegistered(user_id=8, full_name="Bo"),
    )
    return stage.client(EVE, "report:performance")


def groups(report: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in ("value", *names)) for one in report["items"]]


def amounts(group: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in ("currency", *names)) for one in group["amounts"]]


# Performance


def test_salespeople_are_ranked_by_what_they_won(stage: Stage, eve: Client) -> None:
    stage.hears(*(created(number, owner=owner) for number, owner in ((1, 7), (2, 8), (3, 8), (4, 8))))
    stage.hears(won(1, owner=7), won(2, owner=8, amount_minor=5000), lost(3, owner=8))

    report = eve.get("/reports/performance")

    assert groups(report, "name", "created", "won", "lost", "win_rate") == [
        ("8", "Bo", 3, 1, 1, 0.5),
        ("7", "Mei", 1, 1, 0, 1.0),
    ]
    assert amounts(report["items"][0], "won_amount") == [("CNY", "50.00")]
    assert amounts(report["totals"], "won_amount") == [("CNY", "60.00")]
    assert report["totals"]["created"] == 4


def test_performance_by_unit_month_and_source(stage: Stage, eve: Client) -> None:
    stage.hears(created(1, owner=7), created(2, owner=8, source="web"))
    stage.hears(won(1, at=JANUARY, owner=7), won(2, at=FEBRUARY, owner=8, source="web"))

    assert groups(eve.get("/reports/performance?by=unit"), "name", "won") == [("3", "East", 1), (None, None, 1)]
    assert groups(eve.get("/reports/performance?by=month&sort=value"), "won") == [
        ("2026-01", 1), ("2026-02", 1), ("2026-03", 0),
    ]  # fmt: skip
    assert groups(eve.get("/reports/performance?by=source&sort=value"), "won") == [("fair", 1), ("web", 1)]


def test_growth_is_against_the_period_before(stage: Stage, eve: Client) -> None:
    stage.hears(*(created(number, owner=7) for number in (1, 2, 3)))
    stage.hears(won(1, at=JANUARY), won(2, at=FEBRUARY, amount_minor=3000), won(3, at=FEBRUARY))

    [group] = eve.get("/reports/performance?from=2026-02&to=2026-02")["items"]
    by_month = eve.get("/reports/performance?by=month&sort=value&from=2026-01&to=2026-02")["items"]

    assert group["won_growth"] == 1.0
    assert amounts(group, "won_amount", "won_amount_growth") == [("CNY", "40.00", 3.0)]
    assert [one["won_growth"] for one in by_month] == [None, 1.0]


def test_each_figure_of_a_group_leads_to_its_deals(stage: Stage, eve: Client) -> None:
    stage.hears(created(1, owner=7), created(2, owner=8), won(1, owner=7))

    mei = next(one for one in eve.get("/reports/performance")["items"] if one["value"] == "7")

    [deal] = records(eve, mei["drill"]["won"])
    assert (deal["record"], deal["id"], deal["person_name"]) == ("deal", "1", "Mei")
    assert [one["id"] for one in records(eve, mei["amounts"][0]["drill"]["won_amount"])] == ["1"]


def test_a_group_without_a_value_is_found_by_nothing(stage: Stage, eve: Client) -> None:
    stage.hears(created(1, owner=8), created(2, owner=7))

    nowhere = next(one for one in eve.get("/reports/performance?by=unit")["items"] if one["value"] is None)

    assert [one["id"] for one in records(eve, nowhere["drill"]["created"])] == ["1"]


# Revenue


def order(number: int, customer_no: str, at: datetime, amount_minor: int = 1000, kind: str = "order") -> OrderPlaced:
    known = {"currency": "CNY", "kind": kind, "amount_minor": amount_minor}
    return OrderPlaced(order_no=str(number), customer_no=customer_no, ordered_at=at, **known)


def test_revenue_month_by_month_and_by_whose_customers(stage: Stage, eve: Client) -> None:
    known: dict[str, Any] = {"region": "华东", "level": 1, "satisfaction": None, "credit": None, "status": 1}
    stage.hears(CustomerOpened(customer_no="K1", name="Acme", manager_id=7, manager_name="Mei", **known))
    stage.hears(order(1, "K1", JANUARY), order(2, "K1", FEBRUARY, -250, "credit_note"), order(3, "K2", FEBRUARY))

    by_month = eve.get("/reports/revenue")

    assert groups(by_month, "orders", "credit_notes") == [("2026-01", 1, 0), ("2026-02", 2, 1)]
    assert amounts(by_month["items"][1], "ordered") == [("CNY", "7.50")]
    assert groups(eve.get("/reports/revenue?by=person"), "name", "orders") == [("7", "Mei", 2), (None, None, 1)]
    assert groups(eve.get("/reports/revenue?by=region&to=2026-01"), "orders") == [("华东", 1)]


# Forecast


def stated(month: str, owner: int, amount_minor: int) -> ForecastStated:
    known = {"forecast_id": f"{month}:{owner}:CNY", "month": month, "owner_id": owner, "currency": "CNY"}
    return ForecastStated(**known, amount_minor=amount_minor)


def target(number: int, month: str, shares: dict[str, int], amount: int = 0, kind: str = "sales") -> TargetSet:
    known = {"target_id": number, "month": month, "kind": kind, "currency": "CNY"}
    return TargetSet(**known, amount=amount or sum(shares.values()), shares=shares)


def test_the_forecast_is_the_sum_of_amount_by_probability_beside_what_was_won_stated_and_aimed_at(
    stage: Stage, eve: Client
) -> None:
    stage.hears(created(1), created(2, probability=10), created(3, expected_on=date(2026, 6, 1)), created(4))
    stage.hears(won(4, at=datetime(2026, 5, 2, tzinfo=UTC)))
    stage.hears(stated("2026-05", 7, 700), stated("2026-05", 7, 900), target(1, "2026-05", {"7": 1500, "8": 500}))

    report = eve.get("/reports/sales-forecast?from=2026-05&to=2026-05")

    assert groups(report, "expected") == [("2026-05", 2)]
    [may] = bare(report["items"][0]["amounts"])
    assert may == {
        "currency": "CNY", "expected_amount": "20.00", "weighted": "6.00", "won_amount": "10.00", "stated": "9.00",
        "target": "20.00", "attained": 0.5, "in_sight": 0.8,
    }  # fmt: skip


def test_shares_of_a_target_are_those_of_the_people_who_have_them(stage: Stage, eve: Client) -> None:
    stage.hears(target(1, "2026-05", {"7": 1500, "8": 500}), target(1, "2026-05", {"7": 1200}))
    stage.hears(target(2, "2026-05", {}, amount=300), target(3, "2026-05", {"7": 4}, kind="leads"))

    items = eve.get("/reports/sales-forecast?by=person")["items"]

    assert [(one["name"], *amounts(one, "target")) for one in items] == [
        (None, ("CNY", "3.00")),
        ("Mei", ("CNY", "12.00")),
    ]
    [share] = records(eve, items[1]["amounts"][0]["drill"]["target"])
    assert (share["record"], share["id"], share["amount"]) == ("target", "1/7", "12.00")


def test_funnel_and_forecast_of_the_same_deals_agree(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2, "proposal", probability=80), created(3), won(3))

    funnel = [one for stage_ in eve.get("/reports/sales-funnel")["items"] for one in stage_["amounts"]]
    [forecast] = eve.get("/reports/sales-forecast")["totals"]["amounts"]

    assert sum(float(one["weighted"]) for one in funnel) == float(forecast["weighted"]) == 13.0


# Leads and opportunities


def lead(number: int, source: str = "web", status: int = 6, owner: int = 7) -> dict[str, Any]:
    return {"lead_id": number, "source": source, "status_code": status, "owner_id": owner}


def test_conversion_by_source(stage: Stage, eve: Client) -> None:
    stage.hears(*(LeadCreated(**lead(number), created_at=JANUARY) for number in (1, 2, 3, 4)))
    stage.hears(LeadCreated(**lead(5, "customer referral"), created_at=FEBRUARY))
    stage.hears(LeadConverted(**lead(1, status=9)), LeadRejected(**lead(2, status=5)), LeadDeleted(lead_id=4), times=2)

    report = eve.get("/reports/leads")

    assert groups(report, "leads", "open", "rejected", "converted", "conversion") == [
        ("web", 3, 1, 1, 1, 1 / 3),
        ("customer referral", 1, 1, 0, 0, 0.0),
    ]
    assert groups(eve.get("/reports/leads?by=month&sort=value"), "leads") == [("2026-01", 3), ("2026-02", 1)]


def test_opportunities_by_month_and_manager(stage: Stage, eve: Client) -> None:
    known = {"product": "Pump", "amount_minor": 700, "currency": "CNY"}
    for number, at in ((1, JANUARY), (2, JANUARY), (3, FEBRUARY)):
        stage.hears(OpportunityCreated(opportunity_id=number, owner_id=8, **known), at=at)
    stage.hears(*(OpportunityAssigned(opportunity_id=number, assignee_id=7) for number in (1, 2)), at=FEBRUARY)
    stage.hears(OpportunityWon(opportunity_id=1, **known), OpportunityFailed(opportunity_id=2), at=FEBRUARY)

    by_month = eve.get("/reports/opportunities")

    assert groups(by_month, "opportunities", "assigned", "won", "failed", "conversion") == [
        ("2026-01", 2, 2, 1, 1, 0.5),
        ("2026-02", 1, 0, 0, 0, 0.0),
    ]
    assert groups(eve.get("/reports/opportunities?by=person"), "name", "won") == [("7", "Mei", 1), ("8", "Bo", 0)]


# Refusals


@pytest.mark.parametrize("path", ["performance", "revenue", "sales-forecast", "leads", "opportunities"])
def test_wrong_questions_are_refused(eve: Client, path: str) -> None:
    for asked in ("by=colour", "from=2026", "to=2026-13", "person=Mei", "sort=colour", f"person={10**30}", "unit_id=x"):
        eve.get(f"/reports/{path}?{asked}", expect=422)
    [error] = eve.get(f"/reports/{path}?from=soon!", expect=422)["errors"]
    assert error["pointer"] == "/from"


@pytest.mark.parametrize("path", ["performance", "revenue", "sales-forecast", "leads", "opportunities"])
def test_the_reports_need_their_right(stage: Stage, path: str) -> None:
    stage.client(EVE, "report:sales").get(f"/reports/{path}", expect=403)
