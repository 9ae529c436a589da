"""What others tell the customer service: heard once, twice, late and out of order."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.dictionary import ItemAdded, ItemEdited, ItemRemoved
from chassis.tables import parked_event
from chassis.testing.stage import Client, Stage
from customer.heard import OpportunityCreated
from customer.reactions import OpportunityWon


def won(opportunity_id: int = 1, **more: Any) -> OpportunityWon:
    fields = {
        "customer_name": "Duck & Co",
        "contact_name": "Li Wei",
        "contact_phone": "010-123",
        "manager_id": 7,
        "manager_name": "Mei",
    }
    return OpportunityWon(opportunity_id=opportunity_id, **{**fields, **more})


def created_before() -> OpportunityCreated:
    return OpportunityCreated(
        opportunity_id=1, customer_name="Duck & Co", title="Pumps", owner_id=7, amount_minor=1, currency="CNY"
    )


def facts(stage: Stage) -> list[str]:
    return [fact.removeprefix("crm.customer.") for fact, _ in stage.said()]


def contacts(mei: Client) -> list[tuple[str, str]]:
    return [(one["name"], one["phone"]) for one in mei.get("/contacts?sort=id")["items"]]


def test_a_won_opportunity_opens_a_customer_with_a_first_contact(stage: Stage, mei: Client) -> None:
    stage.said()

    stage.hears(won())

    told = stage.said()
    assert [fact for fact, _ in told] == ["crm.customer.customer.opened", "crm.customer.contact.added"]
    [customer] = mei.get("/customers")["items"]
    assert (told[0][1]["opportunity_id"], told[0][1]["customer_no"]) == (1, customer["customer_no"])
    assert (customer["name"], customer["manager_name"], customer["level"]) == ("Duck & Co", "Mei", 1)
    assert contacts(mei) == [("Li Wei", "010-123")]


def test_heard_twice_it_opens_nothing_more(stage: Stage, mei: Client) -> None:
    stage.hears(won(), times=2)
    stage.said()

    stage.hears(won())  # the same fact in another event

    assert facts(stage) == []
    assert mei.get("/customers")["total"] == 1
    assert contacts(mei) == [("Li Wei", "010-123")]


def test_a_customer_of_that_name_is_matched(stage: Stage, mei: Client, acme: dict[str, Any]) -> None:
    stage.said()

    stage.hears(won(customer_name=" acme", contact_name="Ada", contact_phone="555"), times=2)

    told = stage.said()
    assert [fact for fact, _ in told] == ["crm.customer.customer.matched", "crm.customer.contact.added"]
    assert (told[0][1]["customer_no"], told[0][1]["opportunity_id"]) == (acme["customer_no"], 1)
    stage.hears(won(customer_name="Acme", contact_name="Ada", contact_phone="555"))
    assert facts(stage) == []
    assert contacts(mei) == [("Ada", "555")]


def test_a_contact_who_is_known_is_not_added_again(stage: Stage, mei: Client) -> None:
    stage.hears(won())

    stage.hears(won(opportunity_id=2))
    stage.hears(won(opportunity_id=3, contact_phone="139"))
    stage.hears(won(opportunity_id=4, contact_name="", contact_phone=""))

    assert contacts(mei) == [("Li Wei", "010-123"), ("Li Wei", "139")]


def test_a_deleted_customer_of_that_name_is_not_matched(stage: Stage, mei: Client, acme: dict[str, Any]) -> None:
    mei.delete(f"/customers/{acme['customer_no']}", version=1)
    stage.said()

    stage.hears(won(customer_name="Acme"))

    assert facts(stage) == ["customer.opened", "contact.added"]
    assert mei.get("/customers")["total"] == 1


def test_a_customer_deleted_since_is_left_alone_when_the_win_is_heard_again(stage: Stage, mei: Client) -> None:
    stage.hears(won())
    [customer] = mei.get("/customers")["items"]
    mei.delete(f"/customers/{customer['customer_no']}", version=1)
    stage.said()

    stage.hears(won(contact_phone="139"))

    assert facts(stage) == []
    assert stage.count(parked_event) == 0


def test_a_win_heard_before_what_came_first_opens_the_customer_once(stage: Stage, mei: Client) -> None:
    created = stage.says(created_before())
    win = stage.says(won())

    stage.takes(win)
    stage.takes(created)
    stage.takes(win)

    assert mei.get("/customers")["total"] == 1


def test_two_wins_with_one_name_in_one_batch_make_one_customer(stage: Stage, mei: Client) -> None:
    stage.said()

    stage.takes(stage.says(won(1)), stage.says(won(2)))

    assert facts(stage) == ["customer.opened", "contact.added", "customer.matched"]
    assert mei.get("/customers")["total"] == 1


@pytest.fixture
def months(mei: Client) -> Any:
    return lambda: mei.post("/losses/detection", expect=200)["months"]


def test_the_dictionary_says_after_how_many_months_a_customer_is_lost(stage: Stage, months: Any) -> None:
    assert months() == 6

    stage.hears(ItemAdded(item_id=5, kind="loss rule", value="9"), times=2)
    assert months() == 9
    stage.hears(ItemEdited(item_id=5, kind="loss rule", value="12"))
    assert months() == 12
    stage.hears(ItemRemoved(item_id=5))
    assert months() == 6


@pytest.mark.parametrize("value", ["0", "121", "six", "-3", "", "9999999999"])
def test_what_is_no_number_of_months_says_nothing(stage: Stage, months: Any, value: str) -> None:
    stage.hears(ItemAdded(item_id=5, kind="loss rule", value="9"), ItemEdited(item_id=5, kind="loss rule", value=value))

    assert months() == 6


def test_other_items_of_the_dictionary_do_not_matter(stage: Stage, months: Any) -> None:
    stage.hears(ItemAdded(item_id=4, kind="region", value="9"), ItemAdded(item_id=5, kind="loss rule", value="9"))
    stage.hears(ItemEdited(item_id=5, kind="region", value="North"))

    assert months() == 6


def test_an_edit_heard_before_the_item_was_added_counts_in_the_end(stage: Stage, months: Any) -> None:
    added = stage.says(ItemAdded(item_id=5, kind="loss rule", value="9"))
    edited = stage.says(ItemEdited(item_id=5, kind="loss rule", value="12"))

    stage.takes(edited)
    stage.takes(added)

    assert months() == 12
