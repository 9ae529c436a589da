"""The service report: requests per kind and year, how content customers are, how long they wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.request_load.model import (
    RequestAllocated,
    RequestArchived,
    RequestCreated,
    RequestDeleted,
    RequestHandled,
    RequestReopened,
)

EVE = Principal(user_id=4, name="Eve", role="executive", kind="user", scope="all")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def created(number: int, kind: str = "complaint", at: datetime = MONDAY, by: int = 9) -> RequestCreated:
    return RequestCreated(request_id=number, kind=kind, customer_no="A", creator_id=by, created_at=at)


def allocated(number: int) -> RequestAllocated:
    return RequestAllocated(request_id=number, assignee_id=7)


def handled(number: int, after_hours: int) -> RequestHandled:
    return RequestHandled(request_id=number, created_at=MONDAY, handled_at=MONDAY + timedelta(hours=after_hours))


def served(number: int, after_hours: int, satisfaction: int) -> list[Any]:
    archived = RequestArchived(request_id=number, satisfaction=satisfaction)
    return [created(number), allocated(number), handled(number, after_hours), archived]


@pytest.fixture
def eve(stage: Stage) -> Client:
    return stage.client(EVE, "report:service")


def test_requests_are_counted_by_kind_and_state(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2), allocated(2), created(3, "consultation"), *served(4, 2, 5))

    report = eve.get("/reports/service")

    complaints, consultations = report["items"]
    states = [complaints[state] for state in ("new", "allocated", "handled", "archived")]
    assert (complaints["kind"], complaints["requests"], states) == ("complaint", 3, [1, 1, 0, 1])
    assert (consultations["kind"], consultations["requests"], report["total"]) == ("consultation", 1, 4)


def test_satisfaction_and_waiting_are_averaged_over_what_is_known(stage: Stage, eve: Client) -> None:
    stage.hears(*served(1, 1, 5), *served(2, 2, 4), created(3))

    [complaints] = eve.get("/reports/service")["items"]

    assert (complaints["average_satisfaction"], complaints["average_wait_seconds"]) == (4.5, 5400)


def test_nothing_to_average_is_no_average(stage: Stage, eve: Client) -> None:
    stage.hears(created(1))

    [complaints] = eve.get("/reports/service")["items"]

    assert (complaints["average_satisfaction"], complaints["average_wait_seconds"]) == (None, None)


def test_a_reopened_request_is_in_work_again_and_its_last_feedback_counts(stage: Stage, eve: Client) -> None:
    reopened = RequestReopened(request_id=1, satisfaction=1)
    stage.hears(created(1), allocated(1), handled(1, 1), reopened, times=2)
    [complaints] = eve.get("/reports/service")["items"]
    assert (complaints["allocated"], complaints["reopenings"], complaints["average_satisfaction"]) == (1, 1, 1.0)

    stage.hears(handled(1, 3), RequestArchived(request_id=1, satisfaction=4))

    [complaints] = eve.get("/reports/service")["items"]
    assert (complaints["archived"], complaints["reopenings"], complaints["average_satisfaction"]) == (1, 1, 4.0)
    assert complaints["average_wait_seconds"] == 3 * 3600


def test_the_year_of_creation_counts(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2, at=datetime(2025, 12, 31, 23, tzinfo=UTC)))

    assert [one["year"] for one in eve.get("/reports/service")["items"]] == [2026, 2025]
    assert [one["requests"] for one in eve.get("/reports/service?year=2025")["items"]] == [1]
    assert eve.get("/reports/service?year=2024")["items"] == []


def test_a_deleted_request_is_left_out(stage: Stage, eve: Client) -> None:
    stage.hears(created(1), created(2), RequestDeleted(request_id=1), times=2)

    assert eve.get("/reports/service")["total"] == 1


def test_a_life_that_arrives_backwards_is_right_in_the_end(stage: Stage, eve: Client) -> None:
    wires = [stage.says(event) for event in served(1, 2, 5)]

    for wire in reversed(wires):
        stage.takes(wire)

    [complaints] = eve.get("/reports/service")["items"]
    assert (complaints["requests"], complaints["archived"], complaints["average_wait_seconds"]) == (1, 1, 7200)


def test_an_account_manager_would_count_what_he_created_or_handles(stage: Stage, eve: Client) -> None:
    stage.hears(created(1, by=7), created(2, by=9), created(3, by=9), allocated(3))
    mei = Principal(user_id=7, name="Mei", kind="user", scope="own")

    assert stage.client(mei, "report:service").get("/reports/service")["total"] == 2


def test_a_wrong_year_is_refused(eve: Client) -> None:
    eve.get("/reports/service?year=soon", expect=422)


def test_the_report_needs_its_right(stage: Stage) -> None:
    stage.client(EVE, "report:loss").get("/reports/service", expect=403)
