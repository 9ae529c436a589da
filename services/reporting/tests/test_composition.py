"""Composition: how many customers there are of each kind."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.facts.customer import (
    CustomerDeleted,
    CustomerEdited,
    CustomerLost,
    CustomerMatched,
    CustomerOpened,
    CustomerRecovered,
)

EVE = Principal(user_id=4, name="Eve", role="executive", kind="user", scope="all")


def told(number: str, **more: Any) -> dict[str, Any]:
    known = {"name": number, "region": "North", "manager_id": 7, "manager_name": "Mei", "level": 1, "status": 1}
    return {"customer_no": number, "satisfaction": None, "credit": None, **known, **more}


@pytest.fixture
def eve(stage: Stage) -> Client:
    stage.hears(
        CustomerOpened(**told("A", level=2, credit=4, satisfaction=5)),
        CustomerOpened(**told("B", level=2, region="West", manager_id=9)),
        CustomerOpened(**told("C", level=5, credit=4)),
        CustomerOpened(**told("D", level=5, credit=1)),
    )
    return stage.client(EVE, "report:composition")


def parts(report: dict[str, Any]) -> list[tuple[str | None, int, float]]:
    return [(one["value"], one["customers"], one["share"]) for one in report["items"]]


def test_customers_are_counted_by_level(eve: Client) -> None:
    report = eve.get("/reports/composition")

    assert (report["by"], report["total"]) == ("level", 4)
    assert parts(report) == [("2", 2, 0.5), ("5", 2, 0.5)]


def test_customers_are_counted_by_credit_satisfaction_and_region(eve: Client) -> None:
    assert parts(eve.get("/reports/composition?by=credit")) == [("1", 1, 0.25), ("4", 2, 0.5), (None, 1, 0.25)]
    assert parts(eve.get("/reports/composition?by=satisfaction")) == [("5", 1, 0.25), (None, 3, 0.75)]
    assert parts(eve.get("/reports/composition?by=region")) == [("North", 3, 0.75), ("West", 1, 0.25)]


def test_deleted_customers_are_left_out_and_lost_ones_are_not(stage: Stage, eve: Client) -> None:
    stage.hears(CustomerDeleted(**told("A", level=2, status=3)), CustomerLost(**told("B", level=2, status=2)), times=2)

    assert parts(eve.get("/reports/composition")) == [("2", 1, 1 / 3), ("5", 2, 2 / 3)]


def test_a_customer_is_counted_as_it_is_now(stage: Stage, eve: Client) -> None:
    stage.hears(
        CustomerEdited(**told("A", level=5)),
        CustomerMatched(**told("B", level=5)),
        CustomerLost(**told("C", level=5, status=2)),
        CustomerRecovered(**told("C", level=4)),
    )

    assert parts(eve.get("/reports/composition")) == [("4", 1, 0.25), ("5", 3, 0.75)]


def test_an_old_standing_that_arrives_late_is_not_believed(stage: Stage, eve: Client) -> None:
    older, newer = (stage.says(CustomerEdited(**told("A", level=level))) for level in (3, 4))

    stage.takes(newer)
    stage.takes(older)

    assert parts(eve.get("/reports/composition"))[1] == ("4", 1, 0.25)


def test_nobody_yet_is_no_parts(stage: Stage) -> None:
    report = stage.client(EVE, "report:composition").get("/reports/composition")

    assert (report["items"], report["total"]) == ([], 0)


def test_an_account_manager_would_count_only_his_own(stage: Stage, eve: Client) -> None:
    bo = Principal(user_id=9, name="Bo", kind="user", scope="own")

    assert stage.client(bo, "report:composition").get("/reports/composition")["total"] == 1


def test_other_aspects_are_refused(eve: Client) -> None:
    eve.get("/reports/composition?by=name", expect=422)


def test_the_report_needs_its_right(stage: Stage) -> None:
    stage.client(EVE, "report:loss").get("/reports/composition", expect=403)
