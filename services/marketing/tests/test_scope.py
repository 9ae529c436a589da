"""Whose records one sees in marketing: always exactly those in the own data scope."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from chassis.dictionary import ItemAdded
from chassis.principal import Principal
from chassis.testing.scope import Case, Law, ScopedList, cases, scope_settings
from chassis.testing.stage import Client, Stage


def of(stage: Stage, owner: int) -> Client:
    return stage.client(Principal(user_id=owner, name=f"P{owner}", kind="user", scope="own"))


def made(stage: Stage, owner: int, path: str, **said: Any) -> int:
    number: int = of(stage, owner).post(path, **said)["id"]
    return number


def an_opportunity(stage: Stage, owner: int) -> int:
    said = {"customer_name": "华星", "title": "Pumps", "success_rate": 50, "description": "At the fair"}
    return made(stage, owner, "/opportunities", **said)


def a_lead(stage: Stage, owner: int) -> int:
    return made(stage, owner, "/leads", full_name="Li Wei", company="华星")


def a_deal(stage: Stage, owner: int) -> int:
    said = {"name": "Pumps", "amount": "505.30", "expected_on": "2026-12-01", "customer_name": "华星"}
    return made(stage, owner, "/deals", **said)


def a_task(stage: Stage, owner: int) -> int:
    return made(stage, owner, "/tasks", title="Call", due_at="2026-12-01T09:00:00Z")


def a_forecast(stage: Stage, owner: int) -> int:
    said = {"month": "2026-12", "amount": "1000.00"}
    number: int = of(stage, owner).call("PUT", "/forecasts", said, expect=200)["id"]
    return number


def a_marketing_plan(stage: Stage, owner: int) -> int:
    stage.hears(ItemAdded(item_id=1, kind="visit plan kind", value="routine"))
    said = {
        "kind": "visit",
        "sub_kind": "routine",
        "goal": "Orders",
        "starts_on": "2026-12-01",
        "ends_on": "2026-12-02",
    }
    return made(stage, owner, "/marketing-plans", title="Tea", **said)


def a_check_in(stage: Stage, owner: int) -> int:
    number = a_marketing_plan(stage, owner)
    path = f"/marketing-plans/{number}"
    of(stage, owner).post(path + "/submission", expect=200)
    stage.client().post(path + "/approval", expect=200)
    of(stage, owner).post(path + "/check-ins", expect=200, kind="arrival", latitude="31.2", longitude="121.5")
    return number


def plans_summed(summary: Any) -> int:
    return sum(one["plans"] for one in summary["items"])


def an_import(stage: Stage, owner: int) -> int:
    file = "full_name,company\nLi Wei,华星\n".encode()
    number: int = of(stage, owner).upload("/leads/imports", "leads.csv", file, expect=202)["id"]
    return number


def deals_on_board(board: Any) -> int:
    return sum(column["deals"] for column in board["items"])


LISTS = [
    ScopedList(path="/opportunities", make=an_opportunity, one="/opportunities/{}"),
    ScopedList(path="/leads", make=a_lead, one="/leads/{}"),
    ScopedList(path="/deals", make=a_deal, one="/deals/{}", figures=[("/deals/board", deals_on_board)]),
    ScopedList(
        path="/marketing-plans",
        make=a_marketing_plan,
        one="/marketing-plans/{}",
        figures=[("/marketing-plans/summary", plans_summed)],
    ),
    ScopedList(path="/marketing-plans/check-ins", make=a_check_in),
    ScopedList(path="/tasks", make=a_task, one="/tasks/{}"),
    ScopedList(path="/calendar", make=a_task),
    ScopedList(path="/forecasts", make=a_forecast),
    ScopedList(path="/leads/imports", make=an_import),
]


@pytest.fixture
def law(stage: Stage) -> Law:
    return Law(stage)


@pytest.mark.parametrize("scoped", LISTS, ids=str)
@given(case=cases())
@scope_settings
def test_nobody_sees_beyond_the_own_scope(law: Law, scoped: ScopedList, case: Case) -> None:
    assert law.faults(scoped, case) == []
