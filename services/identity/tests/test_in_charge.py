"""Whoever looks after customers is not deleted: identity knows who does, from what the customer service says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.events import Event
from chassis.testing.stage import Client, Stage
from identity.in_charge import (
    CustomerAbsorbed,
    CustomerClaimed,
    CustomerDeleted,
    CustomerEdited,
    CustomerMerged,
    CustomerOpened,
    CustomerRestored,
)
from services.identity.tests.test_hand_overs import all_moved, confirmed, counted_everywhere


class Transferred(Event, type="customer.customer.transferred", key="customer_no"):
    """As the customer service tells it."""

    customer_no: str
    manager_id: int
    from_manager_id: int
    name: str = "Acme"
    manager_name: str = "Sam"
    reason: str = "Moves"


class Released(Event, type="customer.customer.released", key="customer_no"):
    """As the customer service tells it."""

    customer_no: str
    manager_id: int
    from_manager_id: int
    name: str = "Acme"
    reason: str = "Idle"


@pytest.fixture
def mei(id_of: Callable[[str], int]) -> int:
    return id_of("mei")


def says(kind: type[Any], manager_id: int, status: int = 1) -> Any:
    return kind(customer_no="KH1", manager_id=manager_id, status=status)


def deleting(admin: Client, user_id: int) -> tuple[int, Any]:
    version = admin.get(f"/users/{user_id}")["version"]
    answer = admin.client.delete(f"/users/{user_id}", headers={"If-Match": f'"{version}"'})
    return answer.status_code, answer.get_json()


def test_who_looks_after_customers_is_not_deleted(stage: Stage, admin: Client, mei: int) -> None:
    stage.hears(says(CustomerOpened, mei), CustomerOpened(customer_no="KH2", manager_id=mei), times=2)

    status, problem = deleting(admin, mei)

    assert (status, problem["type"], problem["customers"]) == (409, "/problems/still-in-charge", 2)
    offered = {one["action"]: one["allowed"] for one in admin.get(f"/users/{mei}")["actions"]}
    assert (offered["delete"], offered["disable"]) == (False, True)


@pytest.mark.parametrize(
    "then",
    [
        lambda mei: Transferred(customer_no="KH1", manager_id=99, from_manager_id=mei),
        lambda mei: Released(customer_no="KH1", manager_id=0, from_manager_id=mei),
        lambda _: says(CustomerEdited, 99),
        lambda mei: says(CustomerDeleted, mei, status=3),
        lambda mei: says(CustomerAbsorbed, mei, status=3),
    ],
    ids=["transferred", "released", "edited", "deleted", "absorbed"],
)
def test_once_somebody_else_or_nobody_looks_after_them_one_may_go(
    stage: Stage, admin: Client, mei: int, then: Callable[[int], Any]
) -> None:
    stage.hears(says(CustomerOpened, mei))

    stage.hears(then(mei))

    assert deleting(admin, mei)[0] == 204


@pytest.mark.parametrize("again", [CustomerClaimed, CustomerRestored, CustomerMerged])
def test_what_comes_back_or_is_taken_counts_again(stage: Stage, admin: Client, mei: int, again: type[Any]) -> None:
    stage.hears(says(CustomerOpened, mei), Released(customer_no="KH1", manager_id=0, from_manager_id=mei))

    stage.hears(says(again, mei))

    assert deleting(admin, mei)[0] == 409


def test_a_hand_over_settles_what_was_given_away_before_anybody_kept_count(
    stage: Stage, admin: Client, mei: int, id_of: Callable[[str], int]
) -> None:
    stage.hears(says(CustomerOpened, mei))
    wish = {"user_id": mei, "to_user_id": id_of("sam"), "reason": "Mei leaves"}
    path = counted_everywhere(stage, admin, wish)
    confirmed(stage, admin, path)
    assert deleting(admin, mei)[0] == 409

    for turn in (1, 2):
        all_moved(stage, turn=turn)

    assert deleting(admin, mei)[0] == 204
