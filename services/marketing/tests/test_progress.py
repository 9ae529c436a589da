"""Opportunities in development: worth something, making progress, or falling idle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.dictionary import ItemAdded
from chassis.testing.stage import Client, Stage
from marketing.opportunity.commands import find_idle_opportunities

HINT = {"customer_name": "Acme", "title": "Pumps", "success_rate": 50, "description": ".", "product": "Pump"}


def in_development(sue: Client) -> str:
    path = f"/opportunities/{sue.post('/opportunities', **HINT)['id']}"
    sue.post(path + "/assignment", expect=200, assignee_id=7)
    return path


def find_idle(stage: Stage, after: timedelta) -> None:
    with stage.doing(at=datetime.now(UTC) + after) as tx:
        find_idle_opportunities(tx)


def test_progress_changes_what_it_is_worth_and_stays_in_the_history(mei: Client, sue: Client) -> None:
    path = in_development(sue)

    shown = mei.post(path + "/progress", expect=200, amount="900.00", heat="hot", expected_on="2027-02-01", note="Yes")

    assert (shown["amount"], shown["heat"], shown["expected_on"]) == ("900.00", "hot", "2027-02-01")
    last = mei.get(path + "/history")["items"][-1]
    assert (last["data"]["note"], last["changes"]["heat"]) == ("Yes", {"old": "", "new": "hot"})
    assert mei.get("/opportunities?heat=hot")["total"] == 1


def test_nobody_else_reports_progress(bo: Client, sue: Client) -> None:
    bo.post(in_development(sue) + "/progress", expect=404, heat="hot")


def test_one_open_opportunity_per_customer_and_product(sue: Client, mei: Client) -> None:
    path = in_development(sue)

    problem = sue.post("/opportunities", expect=409, **HINT | {"customer_name": "ACME"})

    assert problem["type"] == "/problems/opportunity-already-open"
    sue.post("/opportunities", **HINT | {"product": "Valve"})
    mei.post(path + "/failure", expect=200, reason="Too dear")
    sue.post("/opportunities", **HINT)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"amount": "0.00"}, "/amount"), ({"is_gift": True}, "/is_gift"), ({"heat": "boiling"}, "/heat"),
     ({"expected_on": "2027-02-30"}, "/expected_on")],
)  # fmt: skip
def test_wrong_fields_are_named(sue: Client, change: dict[str, Any], pointer: str) -> None:
    problem = sue.post("/opportunities", expect=422, **HINT | change)

    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_an_idle_opportunity_is_flagged_once_until_something_happens(
    furnished: Stage, mei: Client, sue: Client
) -> None:
    path = in_development(sue)
    furnished.said()
    find_idle(furnished, timedelta(days=13))
    assert furnished.said() == []

    for _ in range(2):
        find_idle(furnished, timedelta(days=15))

    assert [kind.rpartition(".")[2] for kind, _ in furnished.said()] == ["idle"]
    assert sue.get("/opportunities?idle=true")["total"] == 1
    assert mei.post(path + "/progress", expect=200, note="Called")["idle_since"] is None


def test_the_dictionary_says_after_how_many_days(furnished: Stage, sue: Client) -> None:
    in_development(sue)
    furnished.said()
    furnished.hears(ItemAdded(item_id=9, kind="idle days", value="3"))

    find_idle(furnished, timedelta(days=4))

    assert [kind.rpartition(".")[2] for kind, _ in furnished.said()] == ["idle"]
