"""The log: positions without holes, given after the commit, so that no reader can skip an event."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.dialect import clock
from chassis.events import open_envelope
from chassis.log import DatabaseLog, in_version_order, prepare_log, seal
from chassis.principal import SYSTEM
from chassis.tables import event_log, log_state
from chassis.testing.stage import an_envelope
from chassis.transaction import Transaction
from tests import toy


class Reader:
    """Somebody who reads the log to its end, page by page, whenever told to."""

    def __init__(self, database: Database) -> None:
        self.database, self.log = database, DatabaseLog(database)
        self.positions: list[int] = []
        self.subjects: list[str] = []

    def read_on(self, page: int = 3) -> None:
        while found := self.log.read(self.positions[-1] if self.positions else 0, page):
            self.positions += [logged.position for logged in found]
            envelopes = [open_envelope(logged.raw) for logged in found]
            self.subjects += [f"{one.aggregate_id}.{one.aggregateversion}" for one in envelopes]


def a_row(toy_id: int, version: int) -> dict[str, Any]:
    """A row of the log as a transaction would write it."""
    event = toy.ToyPainted(toy_id=toy_id, colour="red")
    envelope = open_envelope(raw := an_envelope(event, source="workshop", version=version))
    return {
        "event_id": UUID(envelope.id),
        "event_type": envelope.type,
        "aggregate_type": envelope.aggregate,
        "aggregate_id": envelope.aggregate_id,
        "aggregate_version": version,
        "occurred_at": envelope.time,
        "recorded_at": envelope.recordedtime,
        "envelope": raw,
    }


def test_positions_begin_at_one_and_have_no_holes(database: Database) -> None:
    toy.make(database, "bear", ["red", "blue"])
    seal(database)

    assert [logged.position for logged in DatabaseLog(database).read(0, 10)] == [1, 2, 3]
    assert (DatabaseLog(database).head().position, DatabaseLog(database).head().epoch) == (3, 1)


def test_what_was_rolled_back_leaves_no_hole(database: Database) -> None:
    reader = Reader(database)
    for name in ("bear", "", "duck"):
        with database.writing() as session:
            tx = Transaction(session, database, "workshop", principal=SYSTEM, now=clock(session))
            toy.make_toy(tx, name or "ghost")
            if name:
                tx.commit()
    seal(database)

    reader.read_on()

    assert reader.positions == [1, 2]


def test_pages_of_the_log_join_without_repeat_or_hole(database: Database) -> None:
    for number in range(7):
        toy.make(database, f"toy {number}")
    seal(database)
    reader = Reader(database)

    reader.read_on(page=2)

    assert reader.positions == [1, 2, 3, 4, 5, 6, 7]


def test_bytes_on_replay_are_the_same_every_time(database: Database) -> None:
    toy.make(database, "bear")
    seal(database)
    log = DatabaseLog(database)

    assert log.read(0, 1) == log.read(0, 1) == log.of_aggregate("toy", "1", 0, 1)
    assert open_envelope(log.read(0, 1)[0].raw).sequence == "00000000000000000001"


def test_only_the_asked_aggregates_are_read_and_counted(database: Database) -> None:
    toy.make(database, "bear")
    seal(database)
    log = DatabaseLog(database)

    assert log.read(0, 10, ["label"]) == []
    assert (log.count(0, 10, ["label"]), log.count(0, 10, ["toy"]), log.count(1, 10)) == (0, 1, 0)


def test_an_aggregate_is_read_by_its_versions(database: Database) -> None:
    toy_id = toy.make(database, "bear", ["red", "blue", "green"])
    seal(database)

    found = DatabaseLog(database).of_aggregate("toy", str(toy_id), 1, 3)

    assert [open_envelope(logged.raw).aggregateversion for logged in found] == [2, 3]


def test_preparing_the_log_twice_changes_nothing(database: Database) -> None:
    with database.connection() as connection:
        prepare_log(connection)

    assert [row["epoch"] for row in toy.rows(database, log_state)] == [1]


def test_slots_of_an_aggregate_are_filled_by_rising_version() -> None:
    keys = [("a", 2), ("b", 1), ("a", 1), ("b", 2), ("a", 3)]
    rows = [
        SimpleNamespace(id=place, aggregate_type="toy", aggregate_id=key, aggregate_version=version)
        for place, (key, version) in enumerate(keys)
    ]

    assert in_version_order(rows) == [2, 1, 0, 3, 4]


# What only PostgreSQL can do


@pytest.mark.fault(27)
@pytest.mark.infra
def test_a_late_commit_is_not_skipped(new_postgres: Callable[[], Database]) -> None:
    """Fault 27: the earlier id commits after the later one was read."""
    database = new_postgres()
    reader = Reader(database)
    late = database.engine.connect()
    late.execute(sa.insert(event_log), [a_row(900, 1)])
    toy.make(database, "early")
    seal(database)
    reader.read_on()
    assert reader.positions == [1]

    late.commit()
    late.close()
    seal(database)
    reader.read_on()

    assert reader.positions == [1, 2]
    assert [row["position"] for row in toy.rows(database, event_log, id=1)] == [2]


@pytest.mark.fault(29)
@pytest.mark.infra
def test_ids_inverted_inside_an_aggregate_are_sealed_by_version(new_postgres: Callable[[], Database]) -> None:
    """Fault 29: ids taken before the lock that orders the versions."""
    database = new_postgres()
    with database.connection() as connection:
        for toy_id, version in [(1, 2), (2, 1), (1, 1), (1, 3), (2, 2)]:
            connection.execute(sa.insert(event_log), [a_row(toy_id, version)])
    reader = Reader(database)

    seal(database)
    reader.read_on()

    assert reader.subjects == ["1.1", "2.1", "1.2", "1.3", "2.2"]


@pytest.mark.fault(28)
@pytest.mark.infra
def test_an_open_transaction_does_not_hold_up_the_sealing(new_postgres: Callable[[], Database]) -> None:
    """Fault 28."""
    database = new_postgres()
    with database.engine.begin() as long_one:
        long_one.execute(sa.insert(event_log), [a_row(900, 1)])
        toy.make(database, "bear")

        assert seal(database) == 1


@pytest.mark.fault(20, 27)
@pytest.mark.infra
def test_two_sealers_and_many_writers_leave_no_hole_and_no_double(new_postgres: Callable[[], Database]) -> None:
    database = new_postgres()
    reader = Reader(database)
    written = threading.Barrier(4)
    all_written = threading.Event()

    def write() -> None:
        toy_id = toy.make(database)
        for number in range(40):
            toy.paint(database, toy_id, f"colour {number}")
        if written.wait(60) == 0:
            all_written.set()

    def keep_sealing() -> None:
        while not all_written.is_set() or seal(database, limit=7):
            seal(database, limit=7)

    def keep_reading() -> None:
        while not all_written.wait(0.01):
            reader.read_on()

    toy.at_once(write, write, write, write, keep_sealing, keep_sealing, keep_reading)
    reader.read_on()

    assert reader.positions == list(range(1, 4 * 41 + 1))
    assert all(versions_of(reader, str(toy_id)) == list(range(1, 42)) for toy_id in range(1, 5))


def versions_of(reader: Reader, toy_id: str) -> list[int]:
    return [int(one.partition(".")[2]) for one in reader.subjects if one.partition(".")[0] == toy_id]
