"""What campaigns brought, and how well customers were served."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.facts.campaign import CampaignCreated, CampaignDeleted, CampaignStarted, CostRecorded, ResponseRecorded
from reporting.facts.complaint import ComplaintEntered, ComplaintHandled, ComplaintVisited
from reporting.facts.lead import LeadCampaignLinked, LeadCampaignUnlinked, LeadConverted, LeadCreated
from reporting.facts.person import UserRegistered
from reporting.facts.visit import VisitDeleted, VisitDone, VisitPlanned
from reporting.request_load.model import RequestAllocated, RequestArchived, RequestCreated, RequestHandled
from services.reporting.tests.figures import bare, records
from services.reporting.tests.test_funnel import created, won
from services.reporting.tests.test_selling import amounts, groups, lead

EVE = Principal(user_id=4, name="Eve", kind="user", scope="all")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def campaign(number: int, name: str = "Fair", owner: int = 7, budget_minor: int = 10_000) -> dict[str, Any]:
    planned = {"starts_on": date(2026, 3, 1), "budget_minor": budget_minor, "currency": "CNY", "target_responses": 50}
    return {"campaign_id": number, "name": name, "kind": "event", "status": "x", "owner_id": owner, **planned}


@pytest.fixture
def eve(stage: Stage) -> Client:
    stage.hears(UserRegistered(user_id=7, full_name="Mei"), UserRegistered(user_id=8, full_name="Bo"))
    return stage.client(EVE, "report:campaign", "report:service")


# Campaigns


def test_the_return_is_what_was_won_beyond_the_cost(stage: Stage, eve: Client) -> None:
    stage.hears(CampaignCreated(**campaign(1)), CampaignStarted(**campaign(1)), CampaignCreated(**campaign(2, "Mail")))
    spent = {"campaign_id": 1, "currency": "CNY"}
    stage.hears(CostRecorded(**spent, amount_minor=1500), CostRecorded(**spent, amount_minor=500), times=2)
    stage.hears(ResponseRecorded(campaign_id=1, number=20), ResponseRecorded(campaign_id=1, number=5), times=2)
    stage.hears(*(LeadCreated(**lead(number), created_at=MONDAY) for number in (1, 2)))
    stage.hears(*(LeadCampaignLinked(lead_id=number, campaign_id=1) for number in (1, 2)))
    stage.hears(LeadConverted(**lead(1, status=9)))
    stage.hears(created(1, campaign_id=1), created(2, campaign_id=1), won(1, campaign_id=1, amount_minor=5000))

    fair, mail = eve.get("/reports/campaign-effect")["items"]

    assert (fair["name"], fair["responses"], fair["response_rate"]) == ("Fair", 25, 0.5)
    assert (fair["leads"], fair["converted"], fair["deals"], fair["won"]) == (2, 1, 2, 1)
    assert bare(fair["amounts"]) == [
        {"currency": "CNY", "budget": "100.00", "cost": "20.00", "won_amount": "50.00", "budget_used": 0.2,
         "return_on_cost": 1.5},
    ]  # fmt: skip
    assert (mail["responses"], mail["deals"]) == (0, 0)
    assert amounts(mail, "cost", "return_on_cost") == [("CNY", "0.00", None)]


def test_a_lead_that_did_not_come_of_a_campaign_after_all_is_taken_off(stage: Stage, eve: Client) -> None:
    stage.hears(CampaignCreated(**campaign(1)), CampaignCreated(**campaign(2)))
    stage.hears(LeadCreated(**lead(1), created_at=MONDAY))
    stage.hears(*(LeadCampaignLinked(lead_id=1, campaign_id=number) for number in (1, 2)))
    stage.hears(LeadCampaignUnlinked(lead_id=1, campaign_id=1), times=2)

    first, second = eve.get("/reports/campaign-effect")["items"]

    assert (first["leads"], second["leads"]) == (0, 1)
    [link] = records(eve, second["drill"]["leads"])
    assert (link["record"], link["id"]) == ("lead-of-campaign", "1/2")


def test_a_draft_that_was_thrown_away_is_no_campaign(stage: Stage, eve: Client) -> None:
    stage.hears(CampaignCreated(**campaign(1)), CampaignDeleted(campaign_id=1), created(1, campaign_id=1))

    assert eve.get("/reports/campaign-effect")["items"] == []


def test_whoever_sees_a_campaign_sees_what_came_of_it(stage: Stage, eve: Client) -> None:
    stage.hears(CampaignCreated(**campaign(1, owner=7)), CampaignCreated(**campaign(2, owner=8)))
    stage.hears(created(1, campaign_id=1, owner=9), created(2, campaign_id=2, owner=7))
    mei = stage.client(Principal(user_id=7, name="Mei", kind="user", scope="own"), "report:campaign")

    assert groups(mei.get("/reports/campaign-effect"), "deals") == [("1", 1)]


def test_wrong_questions_are_refused(eve: Client) -> None:
    for asked in ("by=source", "by=unit", "campaign=x", "from=1"):
        eve.get(f"/reports/campaign-effect?{asked}", expect=422)
    for asked in ("by=kind", "person=x", "to=1"):
        eve.get(f"/reports/service-performance?{asked}", expect=422)


def test_the_reports_need_their_rights(stage: Stage) -> None:
    sue = stage.client(EVE, "report:performance")
    sue.get("/reports/campaign-effect", expect=403)
    sue.get("/reports/service-performance", expect=403)


# Service


def request(number: int, by: int = 7, *, hours: int = 2, due: int = 3) -> list[Any]:
    one, handled = {"request_id": number}, MONDAY + hours * HOUR
    asked = {"kind": "question", "customer_no": "K1", "creator_id": 3, "created_at": MONDAY}
    return [
        RequestCreated(**one, **asked, due_at=MONDAY + due * HOUR),
        RequestAllocated(**one, assignee_id=by, allocated_at=MONDAY + HOUR / 2),
        RequestHandled(**one, created_at=MONDAY, handled_at=handled, handler_id=by),
    ]


def test_requests_are_counted_for_whoever_handled_them(stage: Stage, eve: Client) -> None:
    stage.hears(*request(1), *request(2, hours=4), *request(3, by=8), RequestArchived(request_id=1, satisfaction=4))

    report = eve.get("/reports/service-performance")

    names = ("name", "requests", "requests_late", "requests_in_time", "average_wait_seconds", "average_answer_seconds")
    assert groups(report, *names, "satisfaction") == [
        ("7", "Mei", 2, 1, 0.5, 10_800.0, 1800.0, 4.0),
        ("8", "Bo", 1, 0, 1.0, 7200.0, 1800.0, None),
    ]
    assert report["totals"]["average_wait_seconds"] == 9600.0


def test_complaints_and_visits_stand_beside_requests(stage: Stage, eve: Client) -> None:
    who = {"creator_id": 3, "assignee_id": 7, "severity": "high"}
    said = {"complaint_id": 1, "customer_no": "K1", "entered_at": MONDAY, "due_at": MONDAY + HOUR, **who}
    stage.hears(ComplaintEntered(**said), ComplaintHandled(**said, handler_id=7, handled_at=MONDAY + 2 * HOUR))
    stage.hears(ComplaintVisited(**said, satisfaction=3))
    visit = {"customer_no": "K1", "owner_id": 7, "planned_for": MONDAY}
    stage.hears(VisitPlanned(visit_id=1, **visit), VisitDone(visit_id=1, **visit, done_at=MONDAY + DAY, satisfaction=5))
    stage.hears(VisitPlanned(visit_id=2, **visit), VisitDeleted(visit_id=2), VisitPlanned(visit_id=3, **visit))

    [mei] = eve.get("/reports/service-performance?by=person&from=2026-03&to=2026-03")["items"]

    assert (mei["complaints"], mei["complaints_late"], mei["complaint_satisfaction"]) == (1, 1, 3.0)
    assert (mei["visits"], mei["visits_late"], mei["visit_satisfaction"]) == (1, 1, 5.0)


def test_one_sees_only_what_one_handled(stage: Stage, eve: Client) -> None:
    stage.hears(*request(1), *request(2, by=8))
    mei = stage.client(Principal(user_id=7, name="Mei", kind="user", scope="own"), "report:service")

    report = mei.get("/reports/service-performance")

    assert groups(report, "requests") == [("7", 1)]
    assert [one["id"] for one in records(mei, report["items"][0]["drill"]["requests"])] == ["1"]
