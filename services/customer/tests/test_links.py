"""Which customer came of a won opportunity: told again when asked, refused with a reason when there can be none."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.tables import parked_event
from chassis.testing.stage import Client, Stage
from customer.links import LONGEST_NAME, Unnameable, must_be_nameable
from customer.reactions import LinkRequested, OpportunityWon

FIELDS: dict[str, Any] = {"contact_name": "Li Wei", "contact_phone": "010-123", "manager_id": 7, "manager_name": "Mei"}
TOO_LONG = "x" * (LONGEST_NAME + 1)


def won(name: str = "Duck & Co", opportunity_id: int = 1) -> OpportunityWon:
    return OpportunityWon(opportunity_id=opportunity_id, customer_name=name, **FIELDS)


def asked(name: str = "Duck & Co", opportunity_id: int = 1) -> LinkRequested:
    return LinkRequested(opportunity_id=opportunity_id, customer_name=name, **FIELDS)


def told(stage: Stage) -> list[tuple[str, Any]]:
    """(fact, customer or reason) of what was said about customers and links."""
    facts = [(kind.removeprefix("crm.customer."), data) for kind, data in stage.said()]
    return [(fact, data.get("customer_no") or data.get("reason")) for fact, data in facts if fact != "contact.added"]


def test_who_asks_is_told_again_as_often_as_asked(stage: Stage, mei: Client) -> None:
    stage.hears(won())
    [customer] = mei.get("/customers")["items"]
    stage.said()

    stage.hears(asked(), times=2)
    stage.hears(asked())

    assert told(stage) == [("customer.matched", customer["customer_no"])] * 2
    assert mei.get("/customers")["total"] == 1


def test_who_asks_before_the_win_was_heard_has_the_customer_opened_once(stage: Stage, mei: Client) -> None:
    win = stage.says(won())
    question = stage.says(asked())
    stage.said()

    stage.takes(question)
    stage.takes(win)

    assert [fact for fact, _ in told(stage)] == ["customer.opened", "customer.matched"], "the win was fetched first"
    assert mei.get("/customers")["total"] == 1


def test_who_asks_about_a_win_that_never_came_has_the_customer_opened(stage: Stage, mei: Client) -> None:
    stage.said()

    stage.hears(asked())

    assert [fact for fact, _ in told(stage)] == ["customer.opened"]
    assert mei.get("/contacts")["items"][0]["name"] == "Li Wei"


@pytest.mark.parametrize("name", ["", "   ", TOO_LONG])
def test_a_name_that_no_customer_can_have_is_refused_and_nothing_is_opened(stage: Stage, name: str) -> None:
    stage.said()

    stage.hears(won(name), times=2)

    [(fact, reason)] = told(stage)
    assert fact == "link.refused"
    assert reason == f"A customer's name has 1 to 100 characters, not {len(name.strip())}"
    assert stage.count(parked_event) == 0


def test_who_asks_again_is_refused_again(stage: Stage) -> None:
    stage.hears(won(TOO_LONG))
    stage.said()

    stage.hears(asked(TOO_LONG))

    assert [fact for fact, _ in told(stage)] == ["link.refused"]


def test_after_a_refusal_a_better_name_is_taken(stage: Stage) -> None:
    stage.hears(won(TOO_LONG))
    stage.said()

    stage.hears(asked("Duck & Co"))

    assert [fact for fact, _ in told(stage)] == ["customer.opened"]


@pytest.mark.infra
def test_a_name_wider_than_the_column_is_refused_on_postgresql_too(pg_stage: Stage) -> None:
    pg_stage.said()

    pg_stage.hears(won(TOO_LONG), won("x" * LONGEST_NAME, opportunity_id=2))

    assert [fact for fact, _ in told(pg_stage)] == ["link.refused", "customer.opened"]


def test_names_are_as_long_as_the_column() -> None:
    must_be_nameable("x")
    must_be_nameable("x" * LONGEST_NAME)
    for name in ("", TOO_LONG):
        with pytest.raises(Unnameable):
            must_be_nameable(name)
