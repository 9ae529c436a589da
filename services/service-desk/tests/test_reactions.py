"""What others tell the service desk: heard once, twice, late and out of order."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.dictionary import ItemAdded
from chassis.testing.stage import Stage
from service_desk.copies import customer_copy
from service_desk.reactions import (
    CustomerDeleted,
    CustomerEdited,
    CustomerLost,
    CustomerOpened,
    CustomerRecovered,
)

ACME = "KH202611230000001"
COMPLAINT = ItemAdded(item_id=1, kind="service type", value="complaint", text="投诉")


def opened(name: str = "Acme") -> CustomerOpened:
    return CustomerOpened(customer_no=ACME, name=name, status=1, manager_id=7)


def edited(name: str, manager_id: int = 7) -> CustomerEdited:
    return CustomerEdited(customer_no=ACME, name=name, status=1, manager_id=manager_id)


def rows(stage: Stage, *columns: Any) -> list[tuple[Any, ...]]:
    with stage.database.reading() as session:
        return [tuple(row) for row in session.execute(sa.select(*columns))]


def known(stage: Stage) -> list[tuple[Any, ...]]:
    table = customer_copy.c
    return rows(stage, table.customer_no, table.name, table.status, table.manager_id)


def test_a_customer_is_known_once_however_often_it_is_opened(stage: Stage) -> None:
    stage.hears(opened(), times=2)

    assert known(stage) == [(ACME, "Acme", 1, 7)]


def test_what_is_known_of_a_customer_follows_its_life(stage: Stage) -> None:
    stage.hears(opened(), edited("Acme Ltd", manager_id=9))
    assert known(stage) == [(ACME, "Acme Ltd", 1, 9)]

    stage.hears(CustomerLost(customer_no=ACME, name="Acme Ltd", status=2, manager_id=9))
    assert known(stage)[0][2] == 2
    stage.hears(CustomerRecovered(customer_no=ACME, name="Acme Ltd", status=1, manager_id=9))
    assert known(stage)[0][2] == 1
    stage.hears(CustomerDeleted(customer_no=ACME, name="Acme Ltd", status=3, manager_id=9))
    assert known(stage)[0][2] == 3


def test_an_old_name_that_arrives_late_does_not_come_back(stage: Stage) -> None:
    first, second, third = (stage.says(one) for one in (opened(), edited("Acme Ltd"), edited("Acme Group")))

    stage.takes(third)
    stage.takes(second)
    stage.takes(first)

    assert known(stage) == [(ACME, "Acme Group", 1, 7)]


def test_hearing_says_nothing(stage: Stage) -> None:
    stage.said()

    stage.hears(opened(), COMPLAINT)

    assert stage.said() == []
