"""The same on PostgreSQL: what is heard there leads to the very rows that SQLite has, and a rebuild agrees."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chassis.database import Database
from chassis.principal import Principal
from chassis.testing.stage import Stage, prepare, some_settings
from reporting.catalogue import SHELF
from reporting.contribution.model import OrderCancelled, OrderPlaced
from reporting.facts.campaign import CampaignCreated, CostRecorded
from reporting.facts.customer import CustomerOpened
from reporting.facts.lead import LeadCampaignLinked, LeadCreated
from reporting.facts.pipeline import PipelineSet, StageTold
from reporting.facts.target import TargetSet
from reporting.loss.model import LossAlerted, LossConfirmed
from reporting.rebuild import rebuild
from reporting.reports import REPORTS
from reporting.request_load.model import RequestCreated, RequestHandled
from reporting.sales.model import OpportunityAssigned, OpportunityCreated, OpportunityWon
from reporting.service import service
from services.reporting.tests.figures import asked_of
from services.reporting.tests.test_audit import OpportunityFailed, UserEdited, told
from services.reporting.tests.test_campaigns_and_service import campaign
from services.reporting.tests.test_funnel import changed, created, won

EVE = Principal(user_id=4, name="Eve", kind="user", scope="all")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)

pytestmark = pytest.mark.infra


@pytest.fixture
def there(empty_database: str) -> Iterator[Stage]:
    database = Database(empty_database)
    settings = some_settings("reporting", empty_database)
    prepare(service, database, settings)
    yield Stage(service, database, settings)
    database.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=li%20WEI", 1), ("q=50%25%20off", 1), ("by_id=2", 2), ("type=identity.user.edited&from=2026-03-02", 2),
     ("record_id=7", 2), ("q=nobody", 0), ("size=1", 3)],
)  # fmt: skip
def test_the_audit_log_is_searched_there_too(there: Stage, query: str, found: int) -> None:
    told(there, UserEdited(user_id=7, full_name="Li Wei"), by=1)
    told(there, UserEdited(user_id=8, full_name="Bo"), by=2)
    told(there, OpportunityFailed(opportunity_id=7, reason="Too dear: 50% off?"), by=2)

    page = there.client(EVE, "audit:read").get(f"/audit?{query}")

    assert page["total"] == found
    if page["next_cursor"]:
        assert len(there.client(EVE, "audit:read").get(f"/audit?{query}&cursor={page['next_cursor']}")["items"]) == 1


def order(number: int) -> OrderPlaced:
    known = {"kind": "order", "amount_minor": number * 10 - 200, "currency": "GBP"}
    by = f"{'Kkß'[number % 3]}{number % 7}"  # sorts differently by language than byte by byte
    return OrderPlaced(order_no=f"a{number}", customer_no=by, ordered_at=MONDAY + timedelta(days=number), **known)


def tell(stage: Stage) -> None:
    who = {"region": "North", "manager_id": 7, "manager_name": "Mei", "level": 1, "status": 1, "satisfaction": None}
    lost = {"customer_no": "k1", "customer_name": "Acme", "manager_id": 7, "manager_name": "Mei"}
    described = {"product": "Pump", "amount_minor": 500, "currency": "GBP"}
    stage.hears(
        CustomerOpened(customer_no="k1", name="Acme", credit=3, **who),
        *(order(number) for number in range(40)),
        *(OrderCancelled(order_no=f"a{number}") for number in (3, 5)),
        LossAlerted(loss_id=1, last_order_at=None, alerted_at=MONDAY, **lost),
        LossConfirmed(loss_id=1, reason="Gone", lost_at=MONDAY),
        OpportunityCreated(opportunity_id=1, owner_id=8, **described),
        OpportunityAssigned(opportunity_id=1, assignee_id=7),
        OpportunityWon(opportunity_id=1, **described),
        RequestCreated(request_id=1, kind="complaint", customer_no="k1", creator_id=7, created_at=MONDAY),
        RequestHandled(request_id=1, created_at=MONDAY, handled_at=MONDAY + timedelta(seconds=90), handler_id=7),
        created(1),
        created(2, currency="USD", probability=33, campaign_id=1),
        changed(1, "proposal", "qualification"),
        won(1, at=MONDAY),
        PipelineSet(code="standard", stages=[StageTold("proposal", "提案", "Proposal", 1, "open")]),
        TargetSet(target_id=1, month="2026-11", kind="sales", currency="GBP", amount=9, shares={"7": 4, "8": 5}),
        LeadCreated(lead_id=1, source="web", status_code=6, owner_id=7, created_at=MONDAY),
        LeadCampaignLinked(lead_id=1, campaign_id=1),
        CampaignCreated(**campaign(1)),
        CostRecorded(campaign_id=1, currency="CNY", amount_minor=7),
        times=2,
        at=MONDAY,
    )


def digests(stage: Stage) -> dict[str, str]:
    with stage.database.writing() as session:
        return SHELF.digests(session)


ASKED = [
    "contribution",
    "contribution?year=2026&name=acm",
    "contribution?size=3&sort=orders",
    "composition?by=credit",
    "service",
    "loss",
    "loss?year=2026&customer_name=ACM",
    "sales?by=cross",
    "contribution?as_of=2026-11-23T09:00:00Z",
    "contribution?as_of=2026-11-23T09:00:00Z&unit_id=1&name=acm&year=2026",
    "sales?by=cross&as_of=2026-11-23T09:00:00Z&unit_id=1",
    "contribution/drill?figure=amount&size=7",
    "service/drill?figure=average_wait_seconds&as_of=2026-11-23T09:00:00Z",
    *(asked_of(report).removeprefix("/reports/") for report in REPORTS if "at" not in report.always),
    *(asked_of(report, "as_of=2026-11-23T09:00:00Z").removeprefix("/reports/") for report in REPORTS),
    "customer-growth?from=2026-10&to=2026-12",
    "customer-growth/drill?figure=kept&from=2026-12&to=2026-12&period=2026-12..2026-12",
    "sales-forecast?by=person&from=2026-01&to=2026-12",
    "sales-forecast/drill?figure=target&person=7",
    "performance?by=unit&from=2026-11&to=2026-11&sort=-won_amount",
    "sales-funnel?created_from=2026-11-01&as_of=2026-11-24T09:00:00Z",
    "campaign-effect?by=kind",
    "service-performance?by=month",
]


def test_both_databases_hold_the_same_and_answer_alike(stage: Stage, there: Stage) -> None:
    for one in (stage, there):
        tell(one)

    assert digests(there) == digests(stage)
    for asked in ASKED:
        here, yonder = (one.client(EVE).get(f"/reports/{asked}") for one in (stage, there))
        assert [yonder.pop("next_cursor", ""), yonder] == [here.pop("next_cursor", ""), here], asked


def test_a_rebuild_agrees_while_hearing_goes_on(there: Stage) -> None:
    tell(there)
    wires = [there.says(order(number)) for number in range(100, 400)]

    def hear() -> None:
        for wire in wires:
            there.takes(wire)

    hearing = threading.Thread(target=hear)
    hearing.start()
    found = [rebuild(there.database, verify_only=is_first) for is_first in (True, False)]
    hearing.join()
    found.append(rebuild(there.database))

    assert [one.is_equal for one in found] == [True] * 3
    assert sum(line["orders"] for line in there.client(EVE).get("/reports/contribution")["totals"]) == 338
