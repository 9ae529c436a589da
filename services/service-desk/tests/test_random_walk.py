"""Anybody tries anything with requests, complaints and visits: the server does what its answers offer, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from chassis.machine import Machine
from chassis.testing.stage import Client
from chassis.testing.walking import Call, Walk
from service_desk.complaint.life_cycle import LIFE_CYCLE as COMPLAINT
from service_desk.request.life_cycle import LIFE_CYCLE as REQUEST
from service_desk.visit.life_cycle import LIFE_CYCLE as VISIT

Begun = tuple[str, Mapping[str, Any]]
WALKS: list[tuple[Machine, Begun, Mapping[str, Call]]] = [
    (
        REQUEST,
        ("/requests", {"kind": "complaint", "title": "Leaks", "customer_no": "KH1", "request_text": "It drips"}),
        {
            "allocate": Call("POST", "/allocation", {"assignee_id": 7}),
            "delete": Call("DELETE"),
            "handle": Call("POST", "/handling", {"handling": "New seal"}),
            "record-feedback": Call("POST", "/feedback", {"result": "Hm", "satisfaction": 2}),
        },
    ),
    (
        COMPLAINT,
        ("/complaints", {"title": "Burst", "severity": "minor", "customer_no": "KH1", "description": "Twice"}),
        {
            "edit": Call("PATCH", "", {"title": "Burst again"}),
            "assign": Call("POST", "/assignment", {"assignee_id": 7}),
            "handle": Call("POST", "/handling", {"handling": "New pump"}),
            "visit": Call("POST", "/visit", {"result": "Fine", "satisfaction": 3}),
            "close": Call("POST", "/closing"),
        },
    ),
    (
        VISIT,
        ("/visits", {"subject": "Dry?", "customer_no": "KH1", "planned_for": "2031-01-11T09:00:00Z"}),
        {
            "edit": Call("PATCH", "", {"subject": "Still dry?"}),
            "start": Call("POST", "/start"),
            "defer": Call("POST", "/deferral", {"planned_for": "2031-03-11T09:00:00Z"}),
            "wait": Call("POST", "/waiting", {"waiting_for": "Godot"}),
            "complete": Call("POST", "/completion", {"result": "Dry"}),
            "assign": Call("POST", "/assignment", {"owner_id": 9}),
            "delete": Call("DELETE"),
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

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(starter=some.sampled_from(sorted(clients)), choices=some.lists(tried, min_size=3, max_size=12))
    def walk(starter: str, choices: list[tuple[str, str]]) -> None:
        path, fields = begun
        record = clients[starter].post(path, **fields)
        Walk(machine, calls, f"{path}/{record['id']}").go((clients[who], action) for who, action in choices)

    walk()


def test_a_server_that_does_something_else_is_found_out(mei: Client) -> None:
    _, (path, fields), calls = WALKS[2]
    record = mei.post(path, **fields)
    lying = {**calls, "complete": calls["start"]}

    with pytest.raises(AssertionError, match="complete led from"):
        Walk(VISIT, lying, f"{path}/{record['id']}").go([(mei, "complete")])
