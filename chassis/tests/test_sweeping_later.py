"""Sweeping again, beside others at work, and after a crash: what was written meanwhile is caught, and said once."""

from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import sweeping
from chassis.dialect import clock
from chassis.personal import Subject
from chassis.sweeping import Sweeper
from chassis.tables import erasure_task
from chassis.testing.stage import Stage
from chassis.transaction import transaction
from tests import toy
from tests.toy_person import Child, own_tables, take_in
from tests.toy_sweep import ADA, MIA, begin, left, sweep, told

# Once more, later


def make_due(stage: Stage) -> None:
    with stage.database.connection() as connection:
        past = clock(connection) - timedelta(seconds=1)
        connection.execute(sa.update(erasure_task).values(again_at=past))


def test_a_request_that_was_under_way_is_caught_by_the_second_sweep(nursery: Stage) -> None:
    begin(nursery, ADA)
    sweep(nursery)
    take_in(nursery.database, "Mia", carer_name="Ada Marker")
    make_due(nursery)

    assert sweep(nursery) == 0

    assert left(nursery, "Ada Marker") == []
    assert len(told(nursery)) == 1
    assert [row["again_at"] for row in toy.rows(nursery.database, erasure_task)] == [None]


def test_a_field_that_was_forgotten_is_blanked_once_it_is_marked(nursery: Stage) -> None:
    """A row, a message, an event whose mark came with a later build: everybody erased before is erased in it, too."""
    take_in(nursery.database, "Mia", nickname="Mimi Marker")
    unmarked = own_tables(*(table for table in toy.Base.metadata.sorted_tables if table.name == "toy"))
    old_build = Sweeper(nursery.database, dataclasses.replace(nursery.service, metadata=unmarked))
    begin(nursery, MIA)
    assert old_build.run_due() == 1
    assert left(nursery, "Mimi Marker")
    make_due(nursery)

    sweep(nursery)

    assert left(nursery, "Mimi Marker") == []


# Others at work


@pytest.mark.infra
def test_a_transaction_that_does_not_know_of_the_erasure_is_waited_for(busy_nursery: Stage) -> None:
    nursery, database = busy_nursery, busy_nursery.database
    take_in(database, "Mia", carer_name="Ada Marker")
    sweeper = Sweeper(database, nursery.service)
    begin(nursery, MIA, ADA)

    with transaction(database, "nursery") as tx:
        child = Child(name="Tom", peg="t", nickname=None, carer_id=7, carer_name="Ada Marker", story="", cots=1)
        assert sweeper.run_due() == 0
        tx.add(child)
        tx.publish(child.came())
    assert sweeper.run_due() == 1

    assert left(nursery, "Ada Marker") == []


@pytest.mark.infra
def test_whoever_read_a_row_before_it_was_blank_is_waited_for_before_the_log_is_swept(
    busy_nursery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    nursery, database = busy_nursery, busy_nursery.database
    take_in(database, "Mia", carer_name="Ada Marker")
    sweeper = Sweeper(database, nursery.service)
    begin(nursery, ADA)
    swept, copied = sweeper._sweep_rows, threading.Event()
    slow = transaction(database, "nursery")

    def somebody_reads_just_before() -> Any:
        if copied.is_set():
            return swept()
        copied.set()
        tx = slow.__enter__()
        name = tx.scalar(sa.select(Child.carer_name))
        assert name == "Ada Marker"
        found = swept()
        other = tx.add(Child(name="Tom", peg="t", nickname=None, carer_id=7, carer_name=name, story="", cots=1))
        tx.publish(other.came())
        return found

    monkeypatch.setattr(sweeper, "_sweep_rows", somebody_reads_just_before)
    assert sweeper.run_due() == 0
    slow.__exit__(None, None, None)

    assert sweeper.run_due() == 1
    assert left(nursery, "Ada Marker") == []


def test_a_sweep_that_was_killed_begins_again(nursery: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(nursery.database, "Mia Marker")
    begin(nursery, MIA)

    def die(name: str) -> None:
        raise RuntimeError(name)

    monkeypatch.setattr(sweeping, "failpoint", die)
    with pytest.raises(RuntimeError):
        sweep(nursery)
    monkeypatch.undo()
    assert told(nursery) == []

    assert sweep(nursery) == 1
    assert len(told(nursery)) == 1


def test_two_workers_sweep_at_once_and_say_it_once(nursery: Stage) -> None:
    for number in range(20):
        take_in(nursery.database, f"Mia Marker {number}")
    begin(nursery, *(Subject("child", str(number)) for number in range(1, 21)))
    sweepers = [Sweeper(nursery.database, nursery.service) for _ in range(2)]

    toy.at_once(*(sweeper.run_due for sweeper in sweepers))
    while any(row["state"] == "waiting" for row in toy.rows(nursery.database, erasure_task)):
        sweepers[0].run_due()

    assert len(told(nursery)) == 1
    assert left(nursery, "Mia Marker") == []
