"""Erasing in the customer service: who is the same person, what goes, and what is refused afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chassis.erasure import ErasureRequested
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from customer.reactions import ConversionRequested, DealCreated, LinkRequested, OpportunityWon
from services.customer.tests.erasing import erase, everything

ADA = Principal(user_id=1, name="Ada", role="administrator", kind="user", scope="all")
MARKER = {
    name: f"Marker {name}"[:50]
    for name in (
        "name", "address", "phone", "fax", "website", "licence_no", "legal_person", "bank", "bank_account",
        "local_tax_no", "national_tax_no",
    )
} | {"postal_code": "Marker"}  # fmt: skip
CARD = {
    "name": "Marker name",
    "sex": "Marke",
    "position": "Marker",
    "phone": "Marker",
    "mobile": "Marker",
    "memo": "Marker",
}
LI = {"contact_name": "Li Marker", "contact_phone": "010-Marker"}


def won(number: int, name: str = "Duck & Co", **more: Any) -> OpportunityWon:
    who = {"manager_id": 7, "manager_name": "Mei"}
    return OpportunityWon(opportunity_id=number, customer_name=name, **{**LI, **who, **more})


def intake(lead_id: int) -> ConversionRequested:
    card = {"company": "Li Marker Ltd", "full_name": "Li Marker", "position": "Marker", "phone": "Marker"}
    more = {"mobile": "Marker", "website": "Marker", "address": "Marker", "remarks": ["Marker called"]}
    return ConversionRequested(lead_id=lead_id, **card, **more, owner_id=7, owner_name="Mei")


BARGAIN = {"customer_name": "Bo Marker", "contact_name": "Bo Marker", "owner_id": 7, "owner_name": "Mei"}


def traced(stage: Stage, *subjects: str, number: int = 1) -> Any:
    """What the service answers who asks for the person."""
    stage.said()
    stage.hears(ErasureRequested(erasure_id=number, asked=1, subjects=subjects))
    [(kind, data)] = stage.said()
    return data["subjects"] if kind.endswith("traced") else kind


# Who is the same person


def test_a_contact_and_the_opportunities_it_was_named_in_are_one_person(stage: Stage) -> None:
    stage.hears(won(1), won(2), won(3, contact_name="Bo"), won(4, "Other Ltd"))

    assert traced(stage, "contact/1") == ["contact/1", "opportunity/1", "opportunity/2"]
    assert traced(stage, "opportunity/2", number=2) == ["contact/1", "opportunity/1"]


def test_a_customer_takes_its_contacts_and_prospects_along_but_no_contact_its_customer(
    stage: Stage, mei: Client
) -> None:
    stage.hears(won(1, "Li Marker"))
    [customer] = mei.get("/customers")["items"]
    no = customer["customer_no"]
    mei.post(f"/customers/{no}/contacts", name="Wife of Li", phone="1")
    mei.post("/losses/detection", expect=200)

    whole = {"contact/1", "contact/2", f"customer/{no}", "opportunity/1", "prospect/1"}
    assert set(traced(stage, f"customer/{no}")) == whole
    assert set(traced(stage, "prospect/1", number=2)) == whole - {"prospect/1"}
    assert traced(stage, "contact/2", number=3) == ["contact/2"]


def test_whoever_was_brought_in_is_known_as_lead_and_as_contact(stage: Stage) -> None:
    stage.hears(intake(3), DealCreated(deal_id=5, **BARGAIN))

    assert traced(stage, "lead/3") == ["contact/1"]
    assert traced(stage, "contact/2", number=2) == ["contact/2", "deal/5"]
    assert traced(stage, "buyer/5", number=3)[0] == "contact/2"


def test_a_customer_who_is_a_person_was_the_lead(stage: Stage, mei: Client) -> None:
    stage.hears(intake(3))
    [customer] = mei.get("/customers")["items"]

    assert set(traced(stage, f"customer/{customer['customer_no']}")) == {
        "contact/1", f"customer/{customer['customer_no']}", "lead/3",
    }  # fmt: skip


def test_whoever_is_nobodys_record_here_is_left_to_others(stage: Stage) -> None:
    assert traced(stage, "user/7", "opportunity/99") == []
    assert traced(stage, "contact/99", number=2) == "crm.customer.personal-data.unknown"


def test_of_a_deleted_contact_the_history_is_known(stage: Stage, mei: Client, acme: dict[str, Any]) -> None:
    path = f"/customers/{acme['customer_no']}/contacts"
    mei.post(path, **CARD)
    mei.delete(f"{path}/1", version=1)

    assert traced(stage, "contact/1") == ["contact/1"]
    erase(stage, "contact/1")

    assert "Marke" not in everything(stage)


# What goes


def test_a_contact_is_forgotten_and_its_place_stays(stage: Stage, mei: Client, acme: dict[str, Any]) -> None:
    path = f"/customers/{acme['customer_no']}/contacts"
    mei.post(path, **CARD, headers={"Idempotency-Key": "k"})
    mei.post(path, name="Bo", phone="2")
    mei.patch(f"{path}/1", version=1, name="Marker the second", memo="Marker again")

    erase(stage, "contact/1")

    assert "Marke" not in everything(stage)
    one, bo = mei.get(f"{path}/1"), mei.get(f"{path}/2")
    assert one == {"id": 1, "customer_no": acme["customer_no"], "version": 2, "erased": "contact"} | dict.fromkeys(
        CARD, ""
    )
    assert (bo["name"], bo["erased"]) == ("Bo", "")
    history = mei.get(f"{path}/1/history")["items"]
    assert [(event["version"], event["data"]["name"], event["erased"]) for event in history] == [
        (1, "", ["contact/1"]),
        (2, "", ["contact/1"]),
    ]


def test_a_customer_who_is_a_person_is_forgotten_with_all_that_names_it(stage: Stage, mei: Client, sue: Client) -> None:
    fields = {"region": "North", "level": 2, "opened_at": "2020-01-01T00:00:00Z", "manager_login": "mei"}
    sue.post("/customers/bulk", expect=200, rows=[{**fields, **MARKER, "reference": "R-1"}])
    [customer] = mei.get("/customers")["items"]
    no = customer["customer_no"]
    order = {"order_no": "1", "customer_no": no, "ordered_at": "2020-01-02T00:00:00Z", "amount": "5.00"}
    sue.post("/orders/bulk", expect=200, rows=[{**order, "address": "Marker street"}])
    mei.post("/losses/detection", expect=200)
    mei.post("/losses/1/measures", expect=200, text="Marker was called")
    mei.post(f"/customers/{no}/activities", held_at="2026-01-01T00:00:00Z", place="Marker", title="Marker")
    subjects = traced(stage, f"customer/{no}")

    erase(stage, *subjects)
    assert {word for word in ("Marker was called", "Marker street") if word in everything(stage)} == {
        "Marker was called"
    }
    erase(stage, *subjects, texts=True, number=2)

    assert "Marker" not in everything(stage)
    shown = mei.get(f"/customers/{no}")
    assert (shown["name"], shown["phone"], shown["region"], shown["level"], shown["manager_name"]) == (
        "", "", "North", 2, "Mei",
    )  # fmt: skip
    assert mei.get("/orders/1")["amount"] == "5.00"


def test_an_account_manager_who_left_is_forgotten(stage: Stage, mei: Client, sue: Client, acme: dict[str, Any]) -> None:
    no = acme["customer_no"]
    mei.post(f"/customers/{no}/contacts", name="Bo", phone="2")
    assert '"authname":"Mei"' in everything(stage)

    erase(stage, "user/7")

    assert "Mei" not in everything(stage)
    assert sue.get(f"/customers/{no}")["manager_id"] == 7
    assert sue.get("/customers/managers")["total"] == 2


def test_many_erased_customers_may_have_no_name(stage: Stage, mei: Client) -> None:
    numbers = [mei.post("/customers", name=name, region="N", level=1)["customer_no"] for name in ("A", "B", "C")]

    erase(stage, *(f"customer/{no}" for no in numbers))

    assert [one["name"] for one in mei.get("/customers")["items"]] == ["", "", ""]
    mei.post("/customers", name="A", region="N", level=1)


# What is refused afterwards


@pytest.fixture
def erased(stage: Stage, mei: Client, acme: dict[str, Any]) -> str:
    """The number of a customer who is no more than a number."""
    no: str = acme["customer_no"]
    mei.post(f"/customers/{no}/contacts", name="Bo", phone="2")
    erase(stage, f"customer/{no}", "contact/1")
    return no


def test_nothing_personal_is_written_to_an_erased_customer_again(mei: Client, erased: str) -> None:
    path = f"/customers/{erased}"

    for answer in (
        mei.patch(path, version=1, expect=409, name="Acme"),
        mei.patch(path, version=1, expect=409, phone="1"),
        mei.post(f"{path}/contacts", expect=409, name="Li", phone="1"),
        mei.patch(f"{path}/contacts/1", version=1, expect=409, name="Li"),
        mei.post(f"{path}/activities", expect=409, held_at="2026-01-01T00:00:00Z", place="x", title="x"),
    ):
        assert answer["type"] == "/problems/person-erased"
    mei.patch(path, version=1, level=3, region="South")
    mei.delete(path, version=2)


def test_an_erased_contact_cannot_be_filled_in_again(stage: Stage, mei: Client, acme: dict[str, Any]) -> None:
    path = f"/customers/{acme['customer_no']}/contacts/1"
    mei.post(path.removesuffix("/1"), name="Bo", phone="2")
    erase(stage, "contact/1")

    assert mei.patch(path, version=1, expect=409, name="Bo")["subject"] == "contact"
    mei.delete(path, version=1)


def test_an_import_cannot_bring_an_erased_customer_back(stage: Stage, sue: Client) -> None:
    row = {"reference": "R-1", "name": "Li Marker", "region": "North", "level": 1, "manager_login": "mei"}
    sue.post("/customers/bulk", expect=200, rows=[row])
    no = sue.get("/customers")["items"][0]["customer_no"]
    erase(stage, f"customer/{no}")

    refused = sue.post("/customers/bulk", expect=422, rows=[row])

    assert refused["errors"][0]["pointer"] == "/rows/0"
    assert "Marker" not in everything(stage)


def test_orders_of_an_erased_customer_count_but_have_no_address(stage: Stage, sue: Client, erased: str) -> None:
    order = {"order_no": "9", "customer_no": erased, "ordered_at": "2026-01-02T00:00:00Z", "amount": "5.00"}

    assert sue.post("/orders/bulk", expect=200, rows=[{**order, "address": "Marker street"}])["created"] == 1
    assert sue.post("/orders/bulk", expect=200, rows=[{**order, "address": "Marker street"}])["unchanged"] == 1

    assert "Marker" not in everything(stage)
    assert sue.get("/orders/9")["customer_name"] == ""


def test_nobody_is_warned_of_losing_an_erased_customer(stage: Stage, mei: Client, sue: Client) -> None:
    row = {"reference": "R-1", "name": "Li", "region": "North", "level": 1, "opened_at": "2020-01-01T00:00:00Z"}
    sue.post("/customers/bulk", expect=200, rows=[row | {"manager_login": "mei"}])
    erase(stage, f"customer/{sue.get('/customers')['items'][0]['customer_no']}")

    assert mei.post("/losses/detection", expect=200)["alerted"] == 0


def test_an_old_win_that_is_heard_after_the_erasure_opens_a_customer_without_its_contact(
    stage: Stage, mei: Client
) -> None:
    late = stage.says(won(5))
    erase(stage, "opportunity/5")

    stage.takes(late)

    assert mei.get("/customers")["items"][0]["name"] == "Duck & Co"
    assert mei.get("/contacts")["total"] == 0
    assert "Marker" not in everything(stage)


def test_a_lead_that_was_erased_on_its_way_is_not_taken_in(stage: Stage, mei: Client) -> None:
    late = stage.says(intake(3))
    erase(stage, "lead/3", texts=True)

    stage.takes(late)

    assert mei.get("/customers")["total"] == 0
    assert "Marker" not in everything(stage)


def test_asked_for_the_customer_of_an_erased_prospect_the_link_is_told_without_the_name(stage: Stage) -> None:
    stage.hears(won(1, "Li Marker"))
    erase(stage, "prospect/1", *traced(stage, "prospect/1"))
    stage.said()

    stage.hears(LinkRequested(opportunity_id=1, customer_name="Li Marker", **LI, manager_id=7, manager_name="Mei"))

    [(kind, data)] = stage.said()
    assert (kind, data["name"]) == ("crm.customer.customer.matched", "")


# Handing out


def test_all_that_is_held_about_a_contact_is_handed_out(stage: Stage, mei: Client, acme: dict[str, Any]) -> None:
    stage.hears(won(1, "Acme"))
    ada = stage.client(ADA, "personal-data:export")

    page = ada.get("/personal-data/customer?subjects=opportunity/1")

    assert page["subjects"] == ["contact/1", "opportunity/1"]
    assert page["next_cursor"] is None
    by_table = {item["table"]: item for item in page["items"]}
    assert by_table["cst_linkman"]["values"] == {"name": "Li Marker", "phone": "010-Marker"}
    assert by_table["event_log"]["event_type"] == "crm.customer.contact.added"
    assert "Acme" not in json.dumps(page["items"])
