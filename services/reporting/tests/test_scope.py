"""Whose figures one sees: every report counts exactly what lies in the own data scope."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from chassis.testing.scope import Case, Law, ScopedList, cases, scope_settings
from chassis.testing.stage import Stage
from reporting.contribution.model import OrderPlaced
from reporting.facts.customer import CustomerOpened
from reporting.facts.deal import DealCreated
from reporting.facts.lead import LeadCreated
from reporting.loss.model import LossAlerted, LossConfirmed
from reporting.request_load.model import RequestCreated
from reporting.sales.model import OpportunityCreated

NUMBERS = itertools.count(1)
AT = datetime(2026, 3, 1, tzinfo=UTC)


def a_loss(stage: Stage, owner: int) -> int:
    number = next(NUMBERS)
    who = {"customer_no": f"K{number}", "customer_name": "Acme", "manager_id": owner, "manager_name": "P"}
    stage.hears(
        LossAlerted(loss_id=number, last_order_at=None, alerted_at=AT, **who),
        LossConfirmed(loss_id=number, reason="Moved", lost_at=AT),
    )
    return number


def a_buyer(stage: Stage, owner: int) -> str:
    customer_no = f"K{next(NUMBERS)}"
    known: dict[str, Any] = {"region": "华东", "level": 1, "satisfaction": None, "credit": None, "status": 1}
    order = {"customer_no": customer_no, "ordered_at": AT, "kind": "order", "currency": "CNY", "amount_minor": 100}
    stage.hears(
        CustomerOpened(customer_no=customer_no, name="Acme", manager_id=owner, manager_name="P", **known),
        OrderPlaced(order_no=str(next(NUMBERS)), **order),
    )
    return customer_no


def an_opportunity(stage: Stage, owner: int) -> int:
    number = next(NUMBERS)
    said: dict[str, Any] = {"owner_id": owner, "product": "Pump", "amount_minor": 100, "currency": "CNY"}
    stage.hears(OpportunityCreated(opportunity_id=number, **said))
    return number


def a_request(stage: Stage, owner: int) -> int:
    number = next(NUMBERS)
    said: dict[str, Any] = {"kind": "complaint", "customer_no": "K1", "creator_id": owner, "created_at": AT}
    stage.hears(RequestCreated(request_id=number, **said))
    return number


def a_deal(stage: Stage, owner: int) -> int:
    number = next(NUMBERS)
    known = {"customer_no": None, "source": "fair", "campaign_id": None, "expected_on": AT.date(), "probability": 10}
    place = {"pipeline": "standard", "stage": "proposal", "stage_position": 1, "amount_minor": 5, "currency": "CNY"}
    stage.hears(DealCreated(deal_id=number, owner_id=owner, created_at=AT, **known, **place))
    return number


def a_lead(stage: Stage, owner: int) -> int:
    number = next(NUMBERS)
    stage.hears(LeadCreated(lead_id=number, source="web", status_code=6, owner_id=owner, created_at=AT))
    return number


def behind(path: str, figure: str) -> tuple[str, Any]:
    """The records behind a figure, counted."""
    return f"{path}/drill?figure={figure}", lambda page: page["total"]


def total_amount(report: Any) -> int:
    return sum(round(float(one["amount"])) for one in report["totals"])


LISTS = [
    ScopedList(path="/reports/loss", make=a_loss, key="loss_id",
               figures=[("/reports/loss", lambda report: report["counts"]["confirmed"]),
                        behind("/reports/loss", "confirmed")]),
    ScopedList(path="/reports/contribution", make=a_buyer, key="customer_no", figures=[
        ("/reports/contribution", total_amount),
        ("/reports/composition?by=level", lambda report: report["total"]),
        behind("/reports/contribution", "orders"),
        behind("/reports/composition", "customers"),
    ]),
    ScopedList(make=an_opportunity, figures=[("/reports/sales?by=salesperson", lambda report: report["total"]),
                                             behind("/reports/sales", "opportunities")]),
    ScopedList(make=a_deal, figures=[("/reports/sales-funnel", lambda report: report["total"]),
                                     behind("/reports/sales-funnel", "deals"),
                                     ("/reports/performance", lambda report: report["totals"]["created"]),
                                     ("/reports/sales-forecast", lambda report: report["totals"]["expected"])]),
    ScopedList(make=a_lead, figures=[("/reports/leads", lambda report: report["totals"]["leads"]),
                                     behind("/reports/leads", "leads")]),
    ScopedList(make=a_request, figures=[("/reports/service", lambda report: report["total"]),
                                        behind("/reports/service", "requests")]),
]  # fmt: skip


@pytest.fixture
def law(stage: Stage) -> Law:
    return Law(stage)


@pytest.mark.parametrize("scoped", LISTS, ids=str)
@given(case=cases())
@scope_settings
def test_nobody_sees_beyond_the_own_scope(law: Law, scoped: ScopedList, case: Case) -> None:
    assert law.faults(scoped, case) == []
