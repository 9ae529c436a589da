"""The timeline of a customer: everything in one row, a page at a time, nothing twice and nothing left out."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.stage import Client, Stage
from chassis.testing.statements import statements as statements_of
from services.customer.tests.conftest import BOB, MANAGER_MAY, MEI
from services.customer.tests.test_overview import MAY, SIDES, deal, everything, request

KINDS = sorted(["activity", "order", "order", "order", *SIDES])


@pytest.fixture
def mei(each_stage: Stage) -> Client:
    return each_stage.client(MEI, *MAY)


@pytest.fixture
def acme(mei: Client) -> str:
    number: str = mei.post("/customers", name="Acme", region="North", level=1)["customer_no"]
    return number


def pages(client: Client, number: str, size: int, more: str = "") -> list[dict[str, Any]]:
    """All of it, a page at a time."""
    found, after = [], ""
    while True:
        page = client.get(f"/customers/{number}/timeline?size={size}{more}" + (f"&after={after}" if after else ""))
        found += page["items"]
        assert len(page["items"]) <= size
        if not page["next"]:
            return found
        after = page["next"]


def test_everything_is_in_it_newest_first(each_stage: Stage, mei: Client, acme: str) -> None:
    everything(each_stage, mei, acme)

    found = mei.get(f"/customers/{acme}/timeline")["items"]

    assert sorted(one["noun"] for one in found if one["noun"] != "change") == KINDS
    assert [one["noun"] for one in found].count("change") >= 1
    assert [one["at"] for one in found] == sorted((one["at"] for one in found), reverse=True)


def test_a_change_says_who_changed_what(mei: Client, acme: str) -> None:
    mei.patch(f"/customers/{acme}", version=1, name="Acme Pumps")

    [edited, opened] = mei.get(f"/customers/{acme}/timeline?kinds=change")["items"]

    assert (edited["by_name"], edited["changes"]["name"]) == ("Mei", {"old": "Acme", "new": "Acme Pumps"})
    assert (edited["title"].endswith(".edited"), opened["title"].endswith(".opened")) == (True, True)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_leave_nothing_out_and_say_nothing_twice(each_stage: Stage, mei: Client, acme: str, size: int) -> None:
    everything(each_stage, mei, acme)
    for number in range(2, 6):
        each_stage.hears(deal(acme, number), request(acme, number))
    whole = mei.get(f"/customers/{acme}/timeline?size=100")["items"]

    found = pages(mei, acme, size)

    assert [(one["noun"], one["record"]) for one in found] == [(one["noun"], one["record"]) for one in whole]


def test_only_the_kinds_that_were_asked_for(each_stage: Stage, mei: Client, acme: str) -> None:
    everything(each_stage, mei, acme)

    assert {one["noun"] for one in pages(mei, acme, 2, "&kinds=order,deal")} == {"order", "deal"}
    wrong = mei.get(f"/customers/{acme}/timeline?kinds=order,poem", expect=422)
    assert wrong["errors"][0]["pointer"] == "/kinds"


@pytest.mark.parametrize("cursor", ["x", "W10=", "WyJ4IiwgImRlYWwiLCAxXQ==", "WyIyMDI2LTAxLTAxIiwgImRlYWwiLCAxXQ=="])
def test_a_cursor_of_something_else_is_refused(mei: Client, acme: str, cursor: str) -> None:
    wrong = mei.get(f"/customers/{acme}/timeline?after={cursor}", expect=422)

    assert wrong["errors"][0]["pointer"] == "/after"


def test_of_what_one_may_not_read_nothing_is_told(each_stage: Stage, mei: Client, acme: str) -> None:
    everything(each_stage, mei, acme)

    found = each_stage.client(MEI, "customer:read", "order:read").get(f"/customers/{acme}/timeline")["items"]

    assert {one["noun"] for one in found} == {"change", "order"}
    each_stage.client(BOB, *MANAGER_MAY).get(f"/customers/{acme}/timeline", expect=404)


def test_it_costs_a_select_for_each_source_however_long_the_past(each_stage: Stage, mei: Client, acme: str) -> None:
    for number in range(15):
        each_stage.hears(request(acme, number + 1), deal(acme, number + 1))

    with statements_of(each_stage.database) as sent:
        mei.get(f"/customers/{acme}/timeline")

    assert len(sent) <= 6
