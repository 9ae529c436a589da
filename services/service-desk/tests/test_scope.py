"""Whose requests, complaints and visits one sees: always exactly those in the own data scope."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from chassis.dictionary import ItemAdded
from chassis.principal import Principal
from chassis.testing.scope import Case, Law, ScopedList, cases, scope_settings
from chassis.testing.stage import Stage
from service_desk.reactions import CustomerOpened

ACME = "KH202611230000001"


def made(stage: Stage, owner: int, path: str, **said: Any) -> int:
    creator = Principal(user_id=owner, name=f"P{owner}", kind="user", scope="own")
    number: int = stage.client(creator).post(path, customer_no=ACME, **said)["id"]
    return number


def a_request(stage: Stage, owner: int) -> int:
    return made(stage, owner, "/requests", kind="complaint", title="Pump leaks", request_text="It drips")


def a_complaint(stage: Stage, owner: int) -> int:
    return made(stage, owner, "/complaints", title="Pump leaks", severity="serious", description="It drips")


def a_visit(stage: Stage, owner: int) -> int:
    return made(stage, owner, "/visits", subject="Ask", planned_for="2026-12-01T09:00:00Z")


LISTS = [
    ScopedList(path="/requests", make=a_request, one="/requests/{}"),
    ScopedList(path="/complaints", make=a_complaint, one="/complaints/{}"),
    ScopedList(path="/visits", make=a_visit, one="/visits/{}"),
    ScopedList(path="/work", make=a_request),
]


@pytest.fixture
def law(stage: Stage) -> Law:
    stage.hears(
        CustomerOpened(customer_no=ACME, name="Acme", status=1, manager_id=7),
        ItemAdded(item_id=1, kind="service type", value="complaint", text="投诉"),
    )
    return Law(stage)


@pytest.mark.parametrize("scoped", LISTS, ids=str)
@given(case=cases())
@scope_settings
def test_nobody_sees_beyond_the_own_scope(law: Law, scoped: ScopedList, case: Case) -> None:
    assert law.faults(scoped, case) == []
