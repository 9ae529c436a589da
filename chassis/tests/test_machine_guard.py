"""The unit of work keeps no move that a machine does not draw, whatever the command did."""

from __future__ import annotations

from enum import IntEnum

import pytest

from chassis.database import Database
from chassis.machine import Machine, Move
from chassis.transaction import IllegalMove, transaction
from tests import toy


class Sale(IntEnum):
    """Whether a toy is still in the workshop."""

    HERE = 0
    SOLD = 1


LIFE_CYCLE = Machine(
    noun="toy",
    states=Sale,
    column="is_sold",
    final=(Sale.SOLD,),
    moves=[
        Move("make", to=Sale.HERE, needs="toy:make"),
        Move("sell", Sale.HERE, to=Sale.SOLD, needs="toy:sell"),
    ],
)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toy.Toy, "machine", LIFE_CYCLE)


def take_back(database: Database, toy_id: int) -> None:
    """What nobody drew."""
    with transaction(database, "workshop") as tx:
        tx.get(toy.Toy, toy_id).is_sold = False
        tx.publish(toy.ToyPainted(toy_id=toy_id, colour="red"))


def test_a_move_along_an_arrow_is_kept(database: Database) -> None:
    toy_id = toy.make(database, "bear")

    with transaction(database, "workshop") as tx:
        found = tx.get(toy.Toy, toy_id)
        found.is_sold = True
        tx.publish(toy.ToySold(toy_id=toy_id))

    assert [row["is_sold"] for row in toy.rows(database, toy.Toy.__table__)] == [True]


def test_a_move_along_no_arrow_is_not_kept(database: Database) -> None:
    toy_id = toy.make(database, "bear")
    with transaction(database, "workshop") as tx:
        tx.get(toy.Toy, toy_id).is_sold = True
        tx.publish(toy.ToySold(toy_id=toy_id))

    with pytest.raises(IllegalMove):
        take_back(database, toy_id)

    assert [row["is_sold"] for row in toy.rows(database, toy.Toy.__table__)] == [True]
