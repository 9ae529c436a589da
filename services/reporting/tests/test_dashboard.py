"""Warnings, and the dashboard that puts everything that concerns somebody into one answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.contribution.model import OrderPlaced
from reporting.facts.complaint import ComplaintEntered, ComplaintHandled
from reporting.facts.lead import LeadContacted, LeadCreated
from reporting.facts.visit import VisitDone, VisitPlanned
from reporting.loss.model import LossAlerted, LossConfirmed
from reporting.trend import projected
from services.reporting.tests.figures import records
from services.reporting.tests.test_campaigns_and_service import request
from services.reporting.tests.test_funnel import created, won
from services.reporting.tests.test_selling import lead

EVE = Principal(user_id=4, name="Eve", role="executive", kind="user", scope="all")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def eve(stage: Stage) -> Client:
    return stage.client(EVE)


def warned(client: Client, kind: str, asked: str = "") -> dict[str, int]:
    items = client.get(f"/reports/{kind}-warnings?{asked}")["items"]
    return {one["warning"]: one["records"] for one in items}


# Warnings


def test_what_is_late_at_the_service_desk(stage: Stage, eve: Client) -> None:
    stage.hears(*request(1)[:1], *request(2)[:2], *request(3))
    said = {"customer_no": "K1", "creator_id": 3, "assignee_id": 7, "severity": "high", "entered_at": MONDAY}
    late = {**said, "due_at": MONDAY + HOUR}
    stage.hears(ComplaintEntered(complaint_id=1, **late), ComplaintEntered(complaint_id=2, **late))
    stage.hears(ComplaintHandled(complaint_id=2, **late, handler_id=7, handled_at=MONDAY + DAY))
    visit = {"customer_no": "K1", "owner_id": 7, "planned_for": MONDAY}
    stage.hears(VisitPlanned(visit_id=1, **visit), VisitPlanned(visit_id=2, **visit))
    stage.hears(VisitDone(visit_id=2, **visit, done_at=MONDAY + DAY, satisfaction=5))

    assert warned(eve, "service") == {"requests_overdue": 2, "complaints_overdue": 1, "visits_overdue": 1}


def test_nothing_is_late_before_its_time(stage: Stage, eve: Client) -> None:
    stage.hears(*request(1)[:1], at=MONDAY)  # due three hours later

    assert warned(eve, "service", "as_of=2026-03-02T11:59:00Z")["requests_overdue"] == 0
    assert warned(eve, "service", "as_of=2026-03-02T12:01:00Z")["requests_overdue"] == 1


def test_customers_are_at_risk_until_it_is_decided(stage: Stage, eve: Client) -> None:
    who = {"manager_id": 7, "manager_name": "Mei", "customer_name": "Acme", "last_order_at": None, "alerted_at": MONDAY}
    stage.hears(*(LossAlerted(loss_id=number, customer_no=f"K{number}", **who) for number in (1, 2)))
    stage.hears(LossConfirmed(loss_id=1, reason="Moved", lost_at=MONDAY))

    assert warned(eve, "customer") == {"customers_at_risk": 1}


def test_deals_beyond_their_month_and_leads_that_nobody_called(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2), created(3, expected_on=date(2199, 1, 1)), won(2))
    stage.hears(LeadCreated(**lead(1), created_at=MONDAY), LeadCreated(**lead(2), created_at=MONDAY))
    stage.hears(LeadContacted(**lead(2, status=3)))

    assert warned(eve, "sales") == {"deals_overdue": 1, "leads_waiting": 1}


def test_a_warning_leads_to_its_records(stage: Stage, eve: Client) -> None:
    stage.hears(*request(1)[:2])

    overdue = eve.get("/reports/service-warnings")["items"][0]

    [found] = records(eve, overdue["drill"]["records"])
    assert (found["record"], found["id"], found["person_id"]) == ("request", "1", 7)


def test_a_warning_says_what_is_true_of_its_records(eve: Client) -> None:
    items = [one for kind in ("service", "customer", "sales") for one in eve.get(f"/reports/{kind}-warnings")["items"]]

    assert all(one["rule"] and one["rule_en"] for one in items)
    assert len({one["rule_en"] for one in items}) == len(items) == 6


def test_one_is_warned_of_what_is_ones_own(stage: Stage, eve: Client) -> None:
    stage.hears(*request(1)[:2], *request(2, by=8)[:2])
    mei = stage.client(Principal(user_id=7, name="Mei", kind="user", scope="own"), "report:service")

    assert warned(mei, "service")["requests_overdue"] == 1


def test_wrong_questions_are_refused_and_rights_are_needed(stage: Stage, eve: Client) -> None:
    eve.get("/reports/service-warnings?colour=red", expect=422)
    for at in ("", "soon", "2026-03-02T09:00:00", "0001-01-01T00:00:00%2B14:00"):
        eve.get(f"/reports/service-warnings/drill?figure=visits_overdue&at={at}", expect=422)
    for kind, right in (("service", "report:loss"), ("customer", "report:service"), ("sales", "report:service")):
        stage.client(EVE, right).get(f"/reports/{kind}-warnings", expect=403)


# The dashboard


def order(number: int, at: datetime, amount_minor: int) -> OrderPlaced:
    known = {"currency": "CNY", "kind": "order", "customer_no": "K1"}
    return OrderPlaced(order_no=str(number), ordered_at=at, amount_minor=amount_minor, **known)


def sections(answer: dict[str, Any]) -> list[str]:
    return [one["section"] for one in answer["sections"]]


def test_each_role_sees_the_sections_that_its_rights_allow(stage: Stage, eve: Client) -> None:
    who = {"kind": "user", "scope": "own"}
    jun = stage.client(Principal(user_id=7, name="Jun", role="junior-sales", **who), "report:performance")
    cleo = stage.client(Principal(user_id=8, name="Cleo", role="service-clerk", **who), "report:service")
    max_ = stage.client(Principal(user_id=9, name="Max", role="marketer", **who), "report:campaign")
    ada = stage.client(Principal(user_id=1, name="Ada", role="administrator", **who), "user:read")

    assert sections(eve.get("/reports/dashboard")) == [
        "performance", "forecast", "leads", "customers", "campaigns", "service",
    ]  # fmt: skip
    assert sections(jun.get("/reports/dashboard")) == ["performance", "forecast", "leads"]
    assert sections(cleo.get("/reports/dashboard")) == ["service"]
    assert sections(max_.get("/reports/dashboard")) == ["campaigns"]
    assert sections(ada.get("/reports/dashboard")) == []


def test_it_shows_the_figures_of_the_month_with_their_links(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2), won(2), at=MONDAY)

    answer = eve.get("/reports/dashboard?as_of=2026-03-31T23:00:00Z")

    performance = answer["sections"][0]
    assert (answer["month"], performance["figures"]["created"], performance["figures"]["won"]) == ("2026-03", 2, 1)
    assert [one["id"] for one in records(eve, performance["figures"]["drill"]["won"])] == ["2"]
    whole = eve.get(performance["address"].removeprefix("/api"))
    assert whole["totals"] == performance["figures"]


def test_it_shows_only_warnings_about_something_of_ones_own(stage: Stage, eve: Client) -> None:
    stage.hears(*request(1)[:2], *request(2, by=8)[:2], created(1, owner=8))
    mei = stage.client(
        Principal(user_id=7, name="Mei", kind="user", scope="own"), "report:service", "report:performance"
    )

    assert [(one["warning"], one["records"]) for one in mei.get("/reports/dashboard")["warnings"]] == [
        ("requests_overdue", 1)
    ]
    assert {one["warning"] for one in eve.get("/reports/dashboard")["warnings"]} == {
        "requests_overdue",
        "deals_overdue",
    }


def test_a_new_order_is_in_the_series_at_once_and_the_line_goes_on(stage: Stage, eve: Client) -> None:
    for number in range(12):
        stage.hears(order(number, datetime(2025, 3 + number, 5, tzinfo=UTC) if number < 10 else
                          datetime(2026, number - 9, 5, tzinfo=UTC), 1000 * (number + 1)), at=MONDAY)  # fmt: skip
    stage.hears(order(99, MONDAY, 77), at=MONDAY)

    [series] = eve.get("/reports/dashboard?as_of=2026-03-02T09:00:00Z")["revenue"]

    shown = [(one["month"], one["amount"], one["is_projected"]) for one in series["points"]]
    assert (shown[0], shown[12]) == (("2025-03", "10.00", False), ("2026-03", "0.77", False))
    assert shown[13:] == [("2026-04", "140.00", True), ("2026-05", "150.00", True), ("2026-06", "160.00", True)]


def test_a_dashboard_of_the_future_is_refused(eve: Client) -> None:
    eve.get("/reports/dashboard?as_of=2199-01-01T00:00:00Z", expect=422)


@pytest.mark.parametrize(
    ("series", "ahead"),
    [
        ([], []),
        ([5], [5, 5]),
        ([1, 2, 3], [4, 5]),
        ([30, 20, 10], [0, 0]),
        ([4, 4, 4, 4], [4, 4]),
        ([0, 10, 2], [6, 7]),
    ],
)
def test_a_series_goes_on_in_a_straight_line(series: list[int], ahead: list[int]) -> None:
    assert projected(series, 2) == ahead
