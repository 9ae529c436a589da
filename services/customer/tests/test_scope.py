"""Whose customers one sees, and what belongs to them: always exactly those in the own data scope."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given

from chassis.principal import Principal
from chassis.testing.scope import Case, Law, ScopedList, cases, scope_settings
from chassis.testing.stage import Client, Stage

NAMES = itertools.count(1)


def of(stage: Stage, owner: int) -> Client:
    return stage.client(Principal(user_id=owner, name=f"P{owner}", kind="user", scope="own"))


def a_customer(stage: Stage, owner: int) -> str:
    opened_at = "2020-01-01T00:00:00Z"
    row = {"reference": f"R{next(NAMES)}", "name": f"Customer {next(NAMES)}", "region": "华东", "level": 1}
    of(stage, owner).post("/customers/bulk", expect=200, rows=[row | {"opened_at": opened_at}])
    [found] = of(stage, owner).get(f"/customers?reference={row['reference']}")["items"]
    number: str = found["customer_no"]
    return number


def a_contact(stage: Stage, owner: int) -> int:
    path = f"/customers/{a_customer(stage, owner)}/contacts"
    number: int = of(stage, owner).post(path, name="Li Wei", phone="010-1234")["id"]
    return number


def an_activity(stage: Stage, owner: int) -> int:
    path = f"/customers/{a_customer(stage, owner)}/activities"
    said = {"held_at": "2026-01-31T09:00:00Z", "place": "Shanghai", "title": "Showed the pump"}
    number: int = of(stage, owner).post(path, **said)["id"]
    return number


def an_order(stage: Stage, owner: int) -> str:
    customer_no, order_no = a_customer(stage, owner), str(next(NAMES))
    row = {"order_no": order_no, "customer_no": customer_no, "ordered_at": "2026-01-01T00:00:00Z", "amount": "1.00"}
    of(stage, owner).post("/orders/bulk", expect=200, rows=[row])
    return order_no


def a_loss(stage: Stage, owner: int) -> int:
    customer_no = a_customer(stage, owner)
    of(stage, owner).post("/losses/detection", expect=200)
    [found] = of(stage, owner).get(f"/losses?customer_no={customer_no}")["items"]
    number: int = found["id"]
    return number


def an_open_order(stage: Stage, owner: int) -> str:
    said = {"customer_no": a_customer(stage, owner), "ordered_at": "2026-01-01T00:00:00Z", "amount": "100.00"}
    number: str = of(stage, owner).post("/orders", **said)["order_no"]
    return number


def a_payment(stage: Stage, owner: int) -> int:
    order_no = an_open_order(stage, owner)
    path = f"/orders/{order_no}/payments"
    of(stage, owner).post(path, expect=200, amount="1.00", received_on="2026-01-02")
    [found] = of(stage, owner).get(path)["items"]
    number: int = found["id"]
    return number


def a_deleted_customer(stage: Stage, owner: int) -> str:
    number = a_customer(stage, owner)
    of(stage, owner).delete(f"/customers/{number}", version=1)
    return number


def a_removed_contact(stage: Stage, owner: int) -> int:
    number = a_customer(stage, owner)
    contact: int = of(stage, owner).post(f"/customers/{number}/contacts", name="Li Wei", phone="010-1234")["id"]
    of(stage, owner).delete(f"/customers/{number}/contacts/{contact}", version=1)
    return contact


LISTS = [
    ScopedList(path="/customers", make=a_customer, key="customer_no", one="/customers/{}"),
    ScopedList(path="/customers/bin", make=a_deleted_customer, key="customer_no"),
    ScopedList(path="/contacts", make=a_contact),
    ScopedList(path="/contacts/bin", make=a_removed_contact),
    ScopedList(path="/activities", make=an_activity),
    ScopedList(path="/orders", make=an_order, key="order_no", one="/orders/{}"),
    ScopedList(path="/losses", make=a_loss, one="/losses/{}"),
    ScopedList(path="/payments", make=a_payment),
    ScopedList(path="/receivables", make=an_open_order, key="order_no"),
]


@pytest.fixture
def law(empty_stage: Stage) -> Law:
    return Law(empty_stage)


@pytest.mark.parametrize("scoped", LISTS, ids=str)
@given(case=cases())
@scope_settings
def test_nobody_sees_beyond_the_own_scope(law: Law, scoped: ScopedList, case: Case) -> None:
    assert law.faults(scoped, case) == []
