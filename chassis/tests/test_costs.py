"""The meter at every test's client: a write route that grows dear is noticed by whichever test sends it a request."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.bulk import Batch, BulkAnswer, bulk_of, in_bulk
from chassis.database import Database
from chassis.remembering import remembered
from chassis.routes import MOST_STATEMENTS, Route
from chassis.testing.costs import TooDear
from chassis.testing.stage import Client, Stage, some_settings
from chassis.transaction import Transaction
from tests import toy
from tests.toy import NewToy, Toy, ToyView

FIXED = 4
"""Time or lock, row, event, commit."""


def looking(times: int) -> Any:
    """A command that makes a toy after looking around so often."""

    def make(tx: Transaction, name: str, rank: int | None = None) -> Toy:
        for number in range(times):
            tx.scalar(sa.select(Toy.id).where(Toy.rank == number))
        return toy.make_toy(tx, name, rank)

    return make


def settled(tx: Transaction, name: str, rank: int | None = None) -> Toy:
    """A command that needs settings which are read once for all."""
    for number in range(MOST_STATEMENTS):
        remembered(tx, f"setting {number}", lambda tx: tx.rows(sa.select(Toy.id)))
    return toy.make_toy(tx, name, rank)


@in_bulk
def one_by_one(tx: Transaction, batch: Batch) -> None:
    for row in batch:
        toy.make_toy(tx, row.values["name"])


def client_of(database: Database, path: str, **more: Any) -> Client:
    usual = {"method": "POST", "takes": NewToy, "gives": ToyView, "needs": "x", "status": 201}
    route = Route(path=path, **usual | more)  # type: ignore[arg-type]
    service = dataclasses.replace(toy.workshop, routes=[route])
    return Stage(service, database, some_settings("workshop", str(database.url))).client()


def test_a_route_may_cost_six_statements_and_no_more(database: Database) -> None:
    fits, is_dear = looking(MOST_STATEMENTS - FIXED), looking(MOST_STATEMENTS - FIXED + 1)

    client_of(database, "/fits", calls=fits).post("/fits", name="bear")
    with pytest.raises(TooDear, match="POST /dear sent 7 statements, not 6"):
        client_of(database, "/dear", calls=is_dear).post("/dear", name="bear")


def test_a_row_may_say_that_it_costs_more(database: Database) -> None:
    client = client_of(database, "/dear", calls=looking(5), most_statements=FIXED + 5)

    client.post("/dear", name="bear")


def test_an_idempotency_key_costs_two_more(database: Database) -> None:
    client = client_of(database, "/fits", calls=looking(MOST_STATEMENTS - FIXED))

    client.post("/fits", name="bear", headers={"Idempotency-Key": "one"})


def test_what_is_read_once_for_all_requests_is_not_counted(database: Database) -> None:
    client_of(database, "/settled", calls=settled).post("/settled", name="bear")


def test_many_rows_are_counted_where_they_are_told(database: Database) -> None:
    client = client_of(database, "/many", calls=one_by_one, takes=bulk_of(NewToy), gives=BulkAnswer, status=200)

    client.post("/many", expect=200, rows=[{"name": f"bear {number}"} for number in range(20)])


def test_what_is_refused_costs_what_it_likes(database: Database) -> None:
    client = client_of(database, "/dear", calls=looking(9))

    client.post("/dear", expect=422, name="")
