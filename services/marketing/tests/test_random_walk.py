"""Anybody tries anything with leads, campaigns, deals, tasks and opportunities: the server does what it offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from chassis.machine import Machine
from chassis.testing.stage import Client
from chassis.testing.walking import Call, Walk
from marketing.campaign.life_cycle import LIFE_CYCLE as CAMPAIGN
from marketing.deal.life_cycle import LIFE_CYCLE as DEAL
from marketing.lead.life_cycle import LIFE_CYCLE as LEAD
from marketing.marketing_plan.life_cycle import LIFE_CYCLE as MARKETING_PLAN
from marketing.opportunity.life_cycle import LIFE_CYCLE as OPPORTUNITY
from marketing.task.model import LIFE_CYCLE as TASK

Begun = tuple[str, Mapping[str, Any]]
WALKS: list[tuple[Machine, Begun, Mapping[str, Call]]] = [
    (
        OPPORTUNITY,
        ("/opportunities", {"customer_name": "Acme", "title": "Pumps", "success_rate": 5, "description": "."}),
        {
            "edit": Call("PATCH", "", {"title": "More pumps"}),
            "delete": Call("DELETE"),
            "assign": Call("POST", "/assignment", {"assignee_id": 7, "reason": "Holiday"}),
            "progress": Call("POST", "/progress", {"heat": "hot"}),
            "win": Call("POST", "/win"),
            "fail": Call("POST", "/failure", {"reason": "Too dear"}),
        },
    ),
    (
        LEAD,
        ("/leads", {"full_name": "Ada", "company": "Brandnew"}),
        {
            "edit": Call("PATCH", "", {"job": "Buyer"}),
            "try": Call("POST", "/attempt"),
            "contact": Call("POST", "/contact", {"status": 3}),
            "reject": Call("POST", "/rejection", {"status": 5, "reason": "Gone"}),
            "convert": Call("POST", "/conversion", {}),
            "link-campaign": Call("DELETE", "/campaigns/99"),
            "transfer": Call("POST", "/transfer", {"owner_id": 9}),
            "delete": Call("DELETE"),
            "reopen": Call("POST", "/reopening"),
        },
    ),
    (
        CAMPAIGN,
        ("/campaigns", {"name": "Spring", "starts_on": "2027-03-01", "ends_on": "2027-04-01"}),
        {
            "edit": Call("PATCH", "", {"name": "Fall"}),
            "delete": Call("DELETE"),
            "submit": Call("POST", "/submission"),
            "approve": Call("POST", "/approval"),
            "reject": Call("POST", "/rejection", {"note": "No"}),
            "start": Call("POST", "/start"),
            "finish": Call("POST", "/finish"),
            "evaluate": Call("POST", "/evaluation", {"evaluation": "Good", "score": 3}),
            "cancel": Call("POST", "/cancellation", {"reason": "Rain"}),
            "change-members": Call("POST", "/members", {"kind": "lead", "reference": "1", "name": "Ada"}),
            "record-cost": Call("POST", "/costs", {"description": "x", "amount": "1.00", "spent_on": "2027-03-02"}),
            "record-response": Call("POST", "/responses", {"channel": "mail"}),
        },
    ),
    (
        MARKETING_PLAN,
        (
            "/marketing-plans",
            {
                "title": "Tea",
                "kind": "visit",
                "sub_kind": "routine",
                "goal": "Orders",
                "starts_on": "2027-03-01",
                "ends_on": "2027-03-02",
            },
        ),
        {
            "edit": Call("PATCH", "", {"title": "Coffee"}),
            "delete": Call("DELETE"),
            "submit": Call("POST", "/submission"),
            "approve": Call("POST", "/approval", {"note": "Fine"}),
            "reject": Call("POST", "/rejection", {"note": "No"}),
            "check-in": Call("POST", "/check-ins", {"kind": "arrival", "latitude": "31.2", "longitude": "121.5"}),
            "finish": Call("POST", "/finish"),
            "save-feedback": Call("PUT", "/feedback", {"result": "Two orders", "achievement": 67}),
            "submit-feedback": Call("POST", "/feedback/submission"),
            "cancel": Call("POST", "/cancellation", {"reason": "Rain"}),
        },
    ),
    (
        DEAL,
        ("/deals", {"name": "Pumps", "customer_no": "KH1", "amount": "5.00", "expected_on": "2027-02-01"}),
        {
            "edit": Call("PATCH", "", {"description": "Blue"}),
            "change-stage": Call("POST", "/stage", {"stage": "proposal"}),
            "win": Call("POST", "/win"),
            "lose": Call("POST", "/loss", {"reason": "Too dear"}),
            "transfer": Call("POST", "/transfer", {"owner_id": 9}),
        },
    ),
    (
        TASK,
        ("/tasks", {"title": "Call", "due_at": "2027-01-05T09:00:00Z"}),
        {
            "edit": Call("PATCH", "", {"title": "Call again"}),
            "finish": Call("POST", "/completion"),
            "take-up": Call("POST", "/reopening"),
            "drop": Call("POST", "/dropping"),
        },
    ),
]


@pytest.fixture
def clients(mei: Client, bo: Client, sue: Client) -> dict[str, Client]:
    return {"mei": mei, "bo": bo, "sue": sue}


@pytest.mark.parametrize(("machine", "begun", "calls"), WALKS, ids=[machine.noun for machine, *_ in WALKS])
def test_the_server_does_what_it_offers(
    clients: dict[str, Client], machine: Machine, begun: Begun, calls: Mapping[str, Call]
) -> None:
    tried = some.tuples(some.sampled_from(sorted(clients)), some.sampled_from(sorted(calls)))

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(starter=some.sampled_from(sorted(clients)), choices=some.lists(tried, min_size=3, max_size=12))
    def walk(starter: str, choices: list[tuple[str, str]]) -> None:
        path, fields = begun
        record = clients[starter].post(path, **fields)
        Walk(machine, calls, f"{path}/{record['id']}").go((clients[who], action) for who, action in choices)

    walk()
