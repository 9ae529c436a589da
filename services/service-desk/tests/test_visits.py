"""Return visits: planned by people and by themselves, reminded of once, made by whoever is to make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.testing.stage import Client, Stage
from service_desk.reactions import DealWon
from service_desk.visit.commands import remind_of_visits

SOON = "2027-01-11T09:00:00Z"
LATER = datetime(2027, 2, 1, tzinfo=UTC)
VISIT = {"subject": "Is the pump still dry?", "customer_no": "KH1", "planned_for": SOON}


def planned(mei: Client, **more: Any) -> str:
    return f"/visits/{mei.post('/visits', **VISIT, **more)['id']}"


def won(deal_id: int = 5) -> DealWon:
    return DealWon(deal_id=deal_id, name="Three pumps", customer_no="KH1", customer_name="Acme", contact_name="Li",
                   owner_id=7, owner_name="Mei")  # fmt: skip


def test_a_won_deal_plans_one_visit_however_often_it_is_heard(furnished: Stage, mei: Client) -> None:
    furnished.hears(won(), times=2)

    [visit] = mei.get("/visits?deal_id=5")["items"]
    assert (visit["owner_id"], visit["contact_name"], visit["status"]) == (7, "Li", 1)
    assert len([kind for kind, _ in furnished.said() if kind.endswith("visit.planned")]) == 1


def test_a_visit_is_made_step_by_step(mei: Client) -> None:
    path = planned(mei)
    assert mei.post(path + "/waiting", expect=200, waiting_for="the customer's holiday")["status"] == 5
    assert mei.post(path + "/start", expect=200)["status"] == 3
    assert mei.post(path + "/deferral", expect=200, planned_for="2027-03-01T09:00:00Z")["status"] == 2

    done = mei.post(path + "/completion", expect=200, result="All is well", satisfaction=5)

    assert (done["status"], done["satisfaction"]) == (4, 5)
    assert not any(action["allowed"] for action in done["actions"])
    assert mei.post(path + "/start", expect=409)["type"] == "/problems/visit-closed"


def test_a_visit_that_repeats_is_planned_again(mei: Client) -> None:
    path = planned(mei, repeat_days=90)

    mei.post(path + "/completion", expect=200, result="All is well")

    _, following = sorted(mei.get("/visits")["items"], key=lambda visit: visit["id"])
    assert (following["subject"], following["status"]) == (VISIT["subject"], 1)


def test_only_the_visitor_or_a_supervisor_acts(furnished: Stage, mei: Client, bo: Client, sue: Client) -> None:
    path = planned(mei)
    bo.post(path + "/start", expect=404)

    assert sue.post(path + "/assignment", expect=200, owner_id=9)["owner_name"] == "Bo"

    mei.post(path + "/start", expect=404)
    assert bo.post(path + "/start", expect=200)["status"] == 3


def test_a_visit_that_was_begun_is_not_thrown_away(mei: Client) -> None:
    path = planned(mei)
    mei.post(path + "/start", expect=200)

    assert mei.delete(path, version=2, expect=409)["type"] == "/problems/visit-begun"


def test_a_visit_cannot_be_deferred_to_the_past(mei: Client) -> None:
    problem = mei.post(planned(mei) + "/deferral", expect=422, planned_for="2001-01-01T00:00:00Z")

    assert [error["pointer"] for error in problem["errors"]] == ["/planned_for"]


def test_a_visit_is_reminded_of_once_and_again_when_it_was_deferred(furnished: Stage, mei: Client) -> None:
    path = planned(mei)
    furnished.said()
    remind(furnished, LATER)
    remind(furnished, LATER)
    assert [kind.rpartition(".")[2] for kind, _ in furnished.said()] == ["due"]

    mei.post(path + "/deferral", expect=200, planned_for="2027-03-01T09:00:00Z")
    remind(furnished, LATER)
    remind(furnished, LATER + timedelta(days=60))

    assert [kind.rpartition(".")[2] for kind, _ in furnished.said()] == ["edited", "due"]


def remind(stage: Stage, at: datetime) -> None:
    with stage.doing(at=at) as tx:
        remind_of_visits(tx)


def test_an_archived_request_plans_a_visit_of_whoever_handled_it(sue: Client, mei: Client) -> None:
    asked = {"kind": "complaint", "title": "Leaks", "customer_no": "KH1", "request_text": "It drips"}
    path = f"/requests/{mei.post('/requests', **asked)['id']}"
    sue.post(path + "/allocation", expect=200, assignee_id=7)
    mei.post(path + "/handling", expect=200, handling="New seal")

    mei.post(path + "/feedback", expect=200, result="Dry", satisfaction=5)

    [visit] = mei.get("/visits")["items"]
    assert (visit["request_id"], visit["owner_id"]) == (1, 7)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"planned_for": "2027-02-31T09:00:00Z"}, "/planned_for"), ({"priority": 6}, "/priority"),
     ({"repeat_days": 0}, "/repeat_days"), ({"subject": ""}, "/subject")],
)  # fmt: skip
def test_wrong_fields_are_named(mei: Client, change: dict[str, Any], pointer: str) -> None:
    problem = mei.post("/visits", expect=422, **VISIT | change)

    assert [error["pointer"] for error in problem["errors"]] == [pointer]
