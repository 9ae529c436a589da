"""A customer becomes part of another one, or goes to another account manager: what marketing has with it follows."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.stage import Client, Stage
from marketing.reactions import (
    ContactMoved,
    ContactRemoved,
    ContactRestored,
    CustomerAbsorbed,
    CustomerMerged,
    CustomerOpened,
    CustomerPurged,
    CustomerRestored,
    CustomerTransferred,
    IntakeReceived,
)

DEAL = {"name": "Three pumps", "customer_no": "KH1", "amount": "9000.00", "expected_on": "2027-02-01"}


def absorbed(number: str = "KH1", into: str = "KH2") -> CustomerAbsorbed:
    return CustomerAbsorbed(customer_no=number, name="Acme", status=3, manager_id=7, into=into, into_name="Acme Ltd")


def transferred(**more: Any) -> CustomerTransferred:
    said = {"customer_no": "KH1", "name": "Acme", "status": 1, "manager_id": 9, "from_manager_id": 7}
    return CustomerTransferred(**{**said, "reason": "Moves", "with_open_work": True, **more})


def facts(stage: Stage) -> list[str]:
    return [kind.removeprefix("crm.marketing.") for kind, _ in stage.said()]


@pytest.fixture
def other(furnished: Stage) -> Stage:
    """There is the other file of the same customer, too."""
    furnished.hears(CustomerOpened(customer_no="KH2", name="Acme Ltd", status=1, manager_id=7))
    furnished.said()
    return furnished


def test_deals_follow_a_merge_once_however_often_it_is_heard(other: Stage, mei: Client) -> None:
    deal = mei.post("/deals", **DEAL, contact_id=4)["id"]
    other.said()

    other.hears(absorbed(), times=2)
    other.hears(absorbed())  # the same fact in another event

    assert facts(other) == ["deal.linked"]
    shown = mei.get(f"/deals/{deal}")
    assert (shown["customer_no"], shown["contact_id"]) == ("KH2", 4)
    mei.post("/deals", expect=422, **DEAL)


def test_a_lead_follows_its_customer(other: Stage, mei: Client) -> None:
    lead = mei.post("/leads", full_name="Li Wei", company="Acme Trading", source="fair")["id"]
    mei.post(f"/leads/{lead}/conversion", expect=200)
    other.hears(IntakeReceived(origin=f"lead/{lead}", customer_no="KH1", contact_id=4))
    other.said()

    other.hears(absorbed())

    assert facts(other) == ["lead.relinked"]
    assert mei.get(f"/leads/{lead}")["customer_no"] == "KH2"


def test_an_answer_that_is_heard_late_names_the_customer_that_is_there(other: Stage, mei: Client) -> None:
    """Asked before the merges, answered before them, heard after both."""
    deal = mei.post("/deals", **_with_a_new_customer())["id"]
    other.hears(CustomerOpened(customer_no="KH3", name="Acme Holding", status=1, manager_id=7))
    other.hears(absorbed(), absorbed("KH2", into="KH3"))
    other.said()

    other.hears(IntakeReceived(origin=f"deal/{deal}", customer_no="KH1"))

    assert mei.get(f"/deals/{deal}")["customer_no"] == "KH3"


def _with_a_new_customer() -> dict[str, Any]:
    return {name: value for name, value in DEAL.items() if name != "customer_no"} | {"customer_name": "Somebody new"}


def test_contacts_move_and_come_back(other: Stage, mei: Client) -> None:
    other.hears(ContactMoved(contact_id=4, customer_no="KH2", name="Li Wei"))
    mei.post("/deals", expect=422, **DEAL, contact_id=4)
    assert mei.post("/deals", **{**DEAL, "customer_no": "KH2"}, contact_id=4)["contact_name"] == "Li Wei"

    other.hears(ContactRemoved(contact_id=4))
    mei.post("/deals", expect=422, **{**DEAL, "customer_no": "KH2"}, contact_id=4)
    other.hears(ContactRestored(contact_id=4, customer_no="KH2", name="Li Wei"))
    mei.post("/deals", **{**DEAL, "customer_no": "KH2"}, contact_id=4)


def test_open_deals_of_the_old_manager_go_to_the_new_one(furnished: Stage, mei: Client, bo: Client) -> None:
    mine, won = (mei.post("/deals", **DEAL)["id"] for _ in range(2))
    bos = bo.post("/deals", **DEAL)["id"]
    mei.post(f"/deals/{won}/win", expect=200)
    furnished.said()

    furnished.hears(transferred(), times=2)

    assert facts(furnished) == ["deal.transferred"]
    assert bo.get(f"/deals/{mine}")["owner_name"] == "Bo"
    assert mei.get(f"/deals/{won}")["owner_id"] == 7
    assert bo.get(f"/deals/{bos}")["version"] == 1


HINT = {"customer_name": "Acme", "title": "Pumps", "success_rate": 5, "description": "At the fair"}


def developed(mei: Client, sue: Client, assignee: int = 7, **more: Any) -> str:
    path = f"/opportunities/{mei.post('/opportunities', **{**HINT, **more})['id']}"
    sue.post(path + "/assignment", expect=200, assignee_id=assignee)
    return path


def test_open_opportunities_of_the_old_manager_go_to_the_new_one(
    furnished: Stage, mei: Client, bo: Client, sue: Client
) -> None:
    mine = developed(mei, sue, customer_name=" ACME ")
    others = [
        developed(mei, sue, customer_name="Acme Mill"),
        developed(mei, sue, assignee=9, title="Bo's"),
        f"/opportunities/{mei.post('/opportunities', **HINT)['id']}",
    ]
    failed = developed(mei, sue)
    mei.post(failed + "/failure", expect=200, reason="Too dear")
    before = [sue.get(path)["version"] for path in (*others, failed)]
    furnished.said()

    furnished.hears(transferred(), times=2)

    assert facts(furnished) == ["opportunity.assigned"]
    assert bo.get(mine)["assignee_name"] == "Bo"
    assert "KH1" in bo.get(mine + "/history")["items"][-1]["data"]["reason"]
    assert [sue.get(path)["version"] for path in (*others, failed)] == before


@pytest.mark.parametrize(
    "said", [transferred(with_open_work=False), transferred(manager_id=0), transferred(manager_id=77)]
)
def test_open_work_stays_when_that_is_wanted_or_nobody_is_there(
    furnished: Stage, mei: Client, sue: Client, said: Any
) -> None:
    deal, opportunity = mei.post("/deals", **DEAL)["id"], developed(mei, sue)
    furnished.said()

    furnished.hears(said)

    assert facts(furnished) == []
    assert (mei.get(f"/deals/{deal}")["owner_id"], mei.get(opportunity)["assignee_id"]) == (7, 7)


def test_who_is_restored_can_be_sold_to_again_and_who_is_purged_cannot(other: Stage, mei: Client) -> None:
    other.hears(absorbed("KH1"), CustomerMerged(customer_no="KH2", name="Acme Trading", status=1, manager_id=7))
    assert mei.post("/deals", **{**DEAL, "customer_no": "KH2"})["customer_name"] == "Acme Trading"
    other.hears(CustomerRestored(customer_no="KH1", name="Acme", status=1, manager_id=7))
    mei.post("/deals", **DEAL)

    other.hears(CustomerPurged(customer_no="KH1"))

    mei.post("/deals", expect=422, **DEAL)
