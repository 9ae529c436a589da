"""A customer becomes part of another one, or goes to another account manager: what the desk has of it follows."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.stage import Client, Stage
from service_desk.reactions import (
    CustomerAbsorbed,
    CustomerOpened,
    CustomerPurged,
    CustomerRestored,
    CustomerTransferred,
    DealWon,
)

REQUEST = {"kind": "complaint", "title": "Leaks", "customer_no": "KH1", "request_text": "The pump leaks"}
COMPLAINT = {"title": "Leaks again", "severity": "minor", "customer_no": "KH1", "description": "Still"}
VISIT = {"subject": "Is it dry?", "customer_no": "KH1", "planned_for": "2027-01-11T09:00:00Z"}


def absorbed(number: str = "KH1", into: str = "KH2") -> CustomerAbsorbed:
    return CustomerAbsorbed(customer_no=number, name="Acme", status=3, manager_id=7, into=into, into_name="Acme Ltd")


def transferred(**more: Any) -> CustomerTransferred:
    said = {"customer_no": "KH1", "name": "Acme", "status": 1, "manager_id": 9, "from_manager_id": 7}
    return CustomerTransferred(**{**said, "reason": "Moves", "with_open_work": True, **more})


def facts(stage: Stage) -> list[str]:
    return [kind.removeprefix("crm.service-desk.") for kind, _ in stage.said()]


def test_requests_complaints_and_visits_follow_a_merge_once(furnished: Stage, mei: Client, sue: Client) -> None:
    furnished.hears(CustomerOpened(customer_no="KH2", name="Acme Ltd", status=1, manager_id=7))
    request = mei.post("/requests", **REQUEST)["id"]
    complaint, visit = mei.post("/complaints", **COMPLAINT)["id"], mei.post("/visits", **VISIT)["id"]
    furnished.said()

    furnished.hears(absorbed(), times=2)
    furnished.hears(absorbed())

    assert facts(furnished) == ["request.moved", "complaint.moved", "visit.moved"]
    for path in (f"/requests/{request}", f"/complaints/{complaint}", f"/visits/{visit}"):
        assert sue.get(path)["customer_no"] == "KH2"
    assert mei.post("/visits", expect=409, **VISIT)["type"] == "/problems/customer-unknown"


def test_a_win_that_is_heard_late_is_visited_at_the_customer_that_is_there(furnished: Stage, mei: Client) -> None:
    furnished.hears(CustomerOpened(customer_no="KH2", name="Acme Ltd", status=1, manager_id=7), absorbed())

    furnished.hears(DealWon(deal_id=5, name="Pumps", customer_no="KH1", customer_name="Acme", owner_id=7,
                            owner_name="Mei"))  # fmt: skip

    assert mei.get("/visits?deal_id=5")["items"][0]["customer_no"] == "KH2"


def test_open_visits_of_the_old_manager_go_to_the_new_one(furnished: Stage, mei: Client, bo: Client) -> None:
    mine, done = (mei.post("/visits", **VISIT)["id"] for _ in range(2))
    bos = bo.post("/visits", **VISIT)["id"]
    mei.post(f"/visits/{done}/start", expect=200)
    mei.post(f"/visits/{done}/completion", expect=200, result="Dry", satisfaction=5)
    furnished.said()

    furnished.hears(transferred(), times=2)

    assert facts(furnished) == ["visit.edited"]
    assert bo.get(f"/visits/{mine}")["owner_name"] == "Bo"
    assert mei.get(f"/visits/{done}")["owner_id"] == 7
    assert bo.get(f"/visits/{bos}")["version"] == 1


def test_open_requests_and_complaints_of_the_old_manager_go_to_the_new_one(
    furnished: Stage, mei: Client, bo: Client, sue: Client
) -> None:
    mine, bos, handled, new = (f"/requests/{mei.post('/requests', **REQUEST)['id']}" for _ in range(4))
    complaint = f"/complaints/{mei.post('/complaints', **COMPLAINT)['id']}"
    sue.post(complaint + "/assignment", expect=200, assignee_id=7)
    for path, assignee in ((mine, 7), (bos, 9), (handled, 7)):
        sue.post(path + "/allocation", expect=200, assignee_id=assignee)
    mei.post(handled + "/handling", expect=200, handling="New seal")
    furnished.said()

    furnished.hears(transferred(), times=2)

    assert facts(furnished) == ["request.handed-over", "request.handed-over", "complaint.assigned"]
    assert [bo.get(path)["assignee_name"] for path in (mine, handled, complaint)] == ["Bo", "Bo", "Bo"]
    assert [sue.get(path)["version"] for path in (bos, new)] == [2, 1]


@pytest.mark.parametrize(
    "said", [transferred(with_open_work=False), transferred(manager_id=0), transferred(manager_id=77)]
)
def test_open_work_stays_when_that_is_wanted_or_nobody_is_there(
    furnished: Stage, mei: Client, sue: Client, said: Any
) -> None:
    visit, request = mei.post("/visits", **VISIT)["id"], f"/requests/{mei.post('/requests', **REQUEST)['id']}"
    sue.post(request + "/allocation", expect=200, assignee_id=7)

    furnished.hears(said)

    assert (mei.get(f"/visits/{visit}")["owner_id"], mei.get(request)["assignee_id"]) == (7, 7)


def test_who_is_restored_is_served_again_and_who_is_purged_is_not(furnished: Stage, mei: Client) -> None:
    furnished.hears(absorbed())
    furnished.hears(CustomerRestored(customer_no="KH1", name="Acme", status=1, manager_id=7))
    mei.post("/visits", **VISIT)

    furnished.hears(CustomerPurged(customer_no="KH1"))

    mei.post("/visits", expect=409, **VISIT)
