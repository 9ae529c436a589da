"""Somebody leaves: requests, complaints and visits go to others, however far they are."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.handing_over import HandOverBegun, HandOverRequested
from chassis.schedule import Releaser
from chassis.testing.stage import Client, Stage
from service_desk.charges import HAND_OVER

REQUEST = {"kind": "complaint", "title": "Leaks", "customer_no": "KH1", "request_text": "The pump leaks"}
COMPLAINT = {"title": "Leaks again", "severity": "minor", "customer_no": "KH1", "description": "Still"}
VISIT = {"subject": "Is it dry?", "customer_no": "KH1", "planned_for": "2027-01-11T09:00:00Z"}
TO_BO = dict.fromkeys(HAND_OVER.kinds, 9)


def moves(stage: Stage) -> list[dict[str, Any]]:
    """Mei hands everything over to Bo; what is said of the hand-over itself."""
    stage.hears(HandOverRequested(hand_over_id=1, user_id=7, receivers=TO_BO))
    stage.hears(HandOverBegun(hand_over_id=1, user_id=7, receivers=TO_BO, turn=1))
    while Releaser(stage.database, stage.service.name, stage.service.all_timers()).run_due():
        pass
    return [data for kind, data in stage.said() if ".hand-over." in kind]


@pytest.fixture
def request_path(mei: Client, sue: Client) -> str:
    path = f"/requests/{mei.post('/requests', **REQUEST)['id']}"
    sue.post(path + "/allocation", expect=200, assignee_id=7)
    return path


@pytest.fixture
def complaint_path(mei: Client, sue: Client) -> str:
    path = f"/complaints/{mei.post('/complaints', **COMPLAINT)['id']}"
    sue.post(path + "/assignment", expect=200, assignee_id=7)
    return path


def test_all_that_is_open_goes_over(
    furnished: Stage, mei: Client, bo: Client, request_path: str, complaint_path: str
) -> None:
    mei.post("/requests", **REQUEST)
    visit = mei.post("/visits", **VISIT)["id"]

    counted, moved = moves(furnished)

    assert counted["counted"] == moved["moved"] == {"request": 1, "complaint": 1, "visit": 1}
    assert bo.get(request_path)["assignee_name"] == bo.get(complaint_path)["assignee_name"] == "Bo"
    assert bo.get(f"/visits/{visit}")["owner_name"] == "Bo"
    assert mei.get("/requests?status=new")["total"] == 1


def test_who_takes_a_request_handles_it(furnished: Stage, bo: Client, mei: Client, request_path: str) -> None:
    moves(furnished)

    mei.post(request_path + "/handling", expect=403, handling="New seal")
    assert bo.post(request_path + "/handling", expect=200, handling="New seal")["handler_name"] == "Bo"


def test_who_takes_a_handled_request_asks_the_customer(
    furnished: Stage, mei: Client, bo: Client, request_path: str
) -> None:
    mei.post(request_path + "/handling", expect=200, handling="New seal")
    moves(furnished)

    archived = bo.post(request_path + "/feedback", expect=200, result="Dry", satisfaction=5)

    assert (archived["status"], archived["handler_name"]) == ("archived", "Mei")


def test_who_takes_a_handled_complaint_gets_it_back_from_an_unhappy_customer(
    furnished: Stage, mei: Client, bo: Client, sue: Client, complaint_path: str
) -> None:
    mei.post(complaint_path + "/handling", expect=200, handling="A new pump")
    moves(furnished)

    sue.post(complaint_path + "/visit", expect=200, result="Still leaks", satisfaction=1)

    assert bo.post(complaint_path + "/handling", expect=200, handling="Another one")["handler_name"] == "Bo"


def test_what_is_over_stays(furnished: Stage, mei: Client, sue: Client, request_path: str) -> None:
    mei.post(request_path + "/handling", expect=200, handling="New seal")
    mei.post(request_path + "/feedback", expect=200, result="Dry", satisfaction=5)

    *_, moved = moves(furnished)

    assert (moved["moved"], sue.get(request_path)["assignee_id"]) == ({"visit": 1}, 7)
