"""What marketing brings in: taken in once, answered as often as it is asked, refused without a trace."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.stage import Client, Stage
from customer.reactions import ConversionRequested, DealCreated, DealCustomerRequested

LEAD = {"company": "Brandnew", "full_name": "Ada Low", "position": "Buyer", "phone": "010-1", "mobile": "138",
        "website": "brand.example", "address": "1 Road", "remarks": ["Met at the fair"],
        "owner_id": 7, "owner_name": "Mei"}  # fmt: skip


@pytest.fixture
def mei(stage: Stage) -> Client:
    return stage.client()


def asked(lead_id: int = 3, **more: Any) -> ConversionRequested:
    return ConversionRequested(lead_id=lead_id, **{**LEAD, **more})


def answers(stage: Stage) -> list[tuple[str, dict[str, Any]]]:
    return [(kind.rpartition(".")[2], said) for kind, said in stage.said() if ".intake." in kind]


def test_a_lead_becomes_a_customer_with_a_contact_and_its_remarks(stage: Stage, mei: Client) -> None:
    stage.hears(asked(), times=2)

    [(fact, said)] = answers(stage)
    number = said["customer_no"]
    customer = mei.get(f"/customers/{number}")
    [contact] = mei.get(f"/customers/{number}/contacts")["items"]
    [activity] = mei.get(f"/customers/{number}/activities")["items"]
    assert (fact, said["origin"], said["contact_id"]) == ("received", "lead/3", contact["id"])
    assert (customer["phone"], customer["website"], customer["address"]) == ("010-1", "brand.example", "1 Road")
    assert (contact["name"], contact["position"], contact["mobile"]) == ("Ada Low", "Buyer", "138")
    assert activity["title"] == "Met at the fair"


def test_asked_again_it_answers_again_and_makes_nothing_more(stage: Stage, mei: Client) -> None:
    stage.hears(asked())
    stage.hears(asked())

    (_, first), (_, again) = answers(stage)
    assert (first["customer_no"], first["contact_id"]) == (again["customer_no"], again["contact_id"])
    assert mei.get("/customers")["total"] == 1


def test_a_name_that_is_taken_is_refused_and_leaves_no_trace(stage: Stage, mei: Client) -> None:
    number = mei.post("/customers", name="brandnew", region="x", level=1)["customer_no"]
    stage.said()

    stage.hears(asked(), times=2)

    [(fact, said)] = answers(stage)
    assert (fact, said["reason"]) == ("refused", f"Customer {number} has this name already")
    assert mei.get(f"/customers/{number}/contacts")["total"] == 0
    stage.hears(asked(customer_no=number))
    assert answers(stage)[0][1]["customer_no"] == number


def test_a_chosen_customer_that_is_not_there_is_refused(stage: Stage) -> None:
    stage.hears(asked(customer_no="KH0"))

    assert answers(stage)[0][1]["reason"] == "There is no customer KH0"


def test_a_deal_with_somebody_unknown_opens_or_finds_the_customer(stage: Stage, mei: Client) -> None:
    deal = {"customer_name": "Brandnew", "contact_name": "", "owner_id": 7, "owner_name": "Mei"}
    stage.hears(DealCreated(deal_id=5, **deal), DealCustomerRequested(deal_id=5, **deal))
    stage.hears(DealCreated(deal_id=6, **deal))
    stage.hears(DealCreated(deal_id=7, customer_no="KH1", **deal))

    numbers = {said["customer_no"] for _, said in answers(stage)}

    assert len(numbers) == 1
    assert mei.get("/customers")["total"] == 1
