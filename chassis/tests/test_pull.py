"""Reading the logs of others: from the beginning, without a hole, and honest about how far."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.comparing import compare
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.events import Heard
from chassis.log import DatabaseLog, Head, Logged, seal
from chassis.migrations import hear_again
from chassis.problems import Unavailable
from chassis.pull import PAGE, Puller, bookmark
from chassis.reactions import OneByOne
from chassis.reconcile import Reconciler
from chassis.tables import event_log, inbox, inbox_position, log_state, parked_event
from chassis.transaction import transaction
from tests import toy


class Between:
    """A log in which something happens right after its head was asked for."""

    def __init__(self, log: DatabaseLog, happens: Callable[[], object]) -> None:
        self.log, self.happens = log, happens

    def head(self) -> Head:
        found = self.log.head()
        self.happens()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


class Whispered(Heard, type="forest.tree.whispered"):
    """Another source."""

    tree_id: int


class Silent:
    """A log that does not answer."""

    def head(self) -> Head:
        raise Unavailable(detail="silence")

    def read(self, after: int, limit: int, aggregates: Sequence[str]) -> list[Logged]:
        raise Unavailable(detail="silence")

    of_aggregate = count = read


@pytest.fixture
def workshop_database(new_database: Callable[[], Database]) -> Database:
    return new_database()


@pytest.fixture
def listener(new_database: Callable[[], Database], workshop_database: Database) -> Consumer:
    """The shelf, which reads the workshop's log."""
    consumer = toy.shelf.consumer(new_database(), {"workshop": DatabaseLog(workshop_database)})
    assert consumer
    return consumer


def pull_all(consumer: Consumer) -> None:
    puller = Puller(consumer)
    while puller.pull("workshop"):
        pass


@contextmanager
def running(puller: Puller) -> Iterator[None]:
    stopping = threading.Event()
    thread = threading.Thread(target=puller.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        puller.bell.set()
        thread.join(10)


def until(what: Callable[[], object], within: float = 10.0) -> float:
    """How long it took until something is so."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < within, "it never came to that"
        time.sleep(0.005)
    return time.monotonic() - began


def complete_at(consumer: Consumer) -> datetime | None:
    rows = toy.rows(consumer.database, inbox_position)
    return rows[0]["complete_at"] if rows else None


def test_a_late_listener_hears_everything_from_the_beginning(listener: Consumer, workshop_database: Database) -> None:
    toy.make(workshop_database, "bear", ["red", "blue"])
    seal(workshop_database)

    pull_all(listener)

    assert toy.notes(listener.database) == [(1, 1), (1, 2), (1, 3)]


def test_after_an_upgrade_an_aggregate_can_be_heard_again(listener: Consumer, workshop_database: Database) -> None:
    toy.make(workshop_database, "bear", ["red"])
    seal(workshop_database)
    pull_all(listener)
    with listener.database.connection() as connection:
        for kept in (toy.note, toy.Label.__table__, event_log):
            connection.execute(sa.delete(kept))
        hear_again(connection, "workshop", "toy")

    pull_all(listener)

    assert toy.notes(listener.database) == [(1, 1), (1, 2)]


def test_a_log_of_several_pages_is_read_to_its_end(
    listener: Consumer, workshop_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.pull.PAGE", 3)
    toy.make(workshop_database, "bear", [f"colour {n}" for n in range(7)])
    seal(workshop_database)
    puller = Puller(listener)

    assert [puller.pull("workshop") for _ in range(4)] == [3, 3, 2, 0]
    assert bookmark(listener, "workshop").pulled_to == 8


def test_what_is_said_between_head_and_page_is_not_skipped(listener: Consumer, workshop_database: Database) -> None:
    toy.make(workshop_database, "bear")
    seal(workshop_database)

    def say_more() -> None:
        toy.paint(workshop_database, 1, "red")
        seal(workshop_database)

    listener.sources = {"workshop": Between(DatabaseLog(workshop_database), say_more)}
    puller = Puller(listener)
    for _ in range(3):
        puller.pull("workshop")
    listener.sources = {"workshop": DatabaseLog(workshop_database)}
    pull_all(listener)

    assert toy.notes(listener.database) == [(1, version) for version in range(1, 5)]


def test_nothing_is_called_complete_that_was_said_while_reading(
    listener: Consumer, workshop_database: Database
) -> None:
    said_at: list[datetime] = []

    def say_more() -> None:
        if not said_at:
            said_at.append(datetime.now(UTC))
            toy.make(workshop_database, "late")
            seal(workshop_database)

    toy.make(workshop_database, "bear")
    seal(workshop_database)
    listener.sources = {"workshop": Between(DatabaseLog(workshop_database), say_more)}

    Puller(listener).pull("workshop")

    assert toy.notes(listener.database) == [(1, 1)]
    found = complete_at(listener)
    assert found
    assert found <= said_at[0]


def test_the_bookmark_moves_with_the_effects_or_not_at_all(
    listener: Consumer, workshop_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.make(workshop_database, "bear", ["red"])
    seal(workshop_database)

    def crash(name: str) -> None:
        if name == "consumer.before_commit":
            raise KeyboardInterrupt

    monkeypatch.setattr("chassis.consumer.failpoint", crash)
    with pytest.raises(KeyboardInterrupt):
        Puller(listener).pull("workshop")
    assert (toy.notes(listener.database), bookmark(listener, "workshop").pulled_to) == ([], 0)
    monkeypatch.undo()

    pull_all(listener)

    assert toy.notes(listener.database) == [(1, 1), (1, 2)]


def test_a_poison_does_not_stop_the_bookmark(listener: Consumer, workshop_database: Database) -> None:
    toy.jam_printer(listener.database, "red")
    toy.make(workshop_database, "bear", ["red", "blue"])
    toy.make(workshop_database, "duck")
    seal(workshop_database)

    pull_all(listener)

    assert toy.notes(listener.database) == [(1, 1), (2, 1)]
    assert bookmark(listener, "workshop").pulled_to == 4
    assert len(toy.rows(listener.database, parked_event)) == 2


@pytest.mark.fault(51)
def test_a_lost_wake_up_costs_half_a_second(listener: Consumer, workshop_database: Database) -> None:
    """Nobody rings: it looks by itself, and never sleeps longer than that."""
    puller, naps = Puller(listener), list[float]()
    wait = puller.bell.wait
    puller.bell.wait = lambda seconds: (naps.append(seconds), wait(seconds))[1]  # type: ignore[assignment,method-assign]
    with running(puller):
        until(lambda: naps)
        toy.make(workshop_database, "bear")
        seal(workshop_database)
        until(lambda: toy.notes(listener.database))

    assert max(naps) <= 0.5


def test_a_silent_source_holds_up_nobody_and_nothing(
    new_sqlite: Callable[[], Database],
) -> None:
    workshop_database = new_sqlite()
    hears = {Whispered: lambda _tx, _event: None, **toy.shelf.hears}
    consumer = Consumer(
        name="shelf.events",
        service="shelf",
        database=new_sqlite(),
        reactions=OneByOne(hears),
        sources={"forest": Silent(), "workshop": DatabaseLog(workshop_database)},  # type: ignore[dict-item]
    )
    puller = Puller(consumer)
    workshop_database.on_commit(puller.bell.set)
    with running(puller):
        toy.make(workshop_database, "bear")
        until(lambda: toy.notes(consumer.database))
        took = []
        for colour in ("red", "blue", "green"):
            toy.paint(workshop_database, 1, colour)
            took.append(until(lambda: (1, len(took) + 2) in toy.notes(consumer.database)))
        began = time.monotonic()
    stopped_in = time.monotonic() - began

    assert max(took) < 1.0
    assert stopped_in < 1.0


def restored(database: Database, lost: int) -> None:
    """As if from a backup that lacks the newest events (fault 38): they are gone, and this is told by the epoch."""
    with database.connection() as connection:
        newest = sa.select(event_log.c.event_id).order_by(event_log.c.id.desc()).limit(lost)
        connection.execute(sa.delete(event_log).where(event_log.c.event_id.in_(newest)))
        head = connection.scalar(sa.select(sa.func.count()).select_from(event_log))
        connection.execute(sa.update(log_state).values(epoch=2, head_position=head))


@pytest.mark.parametrize("way", ["pull", "reconcile"])
def test_what_a_restored_source_says_on_used_positions_is_heard(
    listener: Consumer, workshop_database: Database, way: str
) -> None:
    toy.make(workshop_database, "bear", ["red", "blue"])
    seal(workshop_database)
    catch_up(listener, way)
    restored(workshop_database, lost=2)
    others = [toy.make(workshop_database, name) for name in ("duck", "cat", "cow")]
    seal(workshop_database)

    catch_up(listener, way)

    assert sorted(toy.notes(listener.database)) == sorted([(1, 1), (1, 2), (1, 3), *((one, 1) for one in others)])
    assert Reconciler(listener).check("workshop") == 0
    (compared,) = compare(listener)
    assert (len(compared.missing), compared.expected) == (0, 4)


def catch_up(consumer: Consumer, way: str) -> None:
    reconciler = Reconciler(consumer)
    if way == "pull":
        pull_all(consumer)
    else:
        reconciler.run_once()
        reconciler.run_once()


# Reconcile


def test_what_is_on_its_way_is_not_fetched(listener: Consumer, workshop_database: Database) -> None:
    toy.make(workshop_database, "bear", ["red", "blue"])
    seal(workshop_database)
    wires = [logged.raw for logged in DatabaseLog(workshop_database).read(0, 10)]
    reconciler = Reconciler(listener)

    missing = []
    for wire in wires:
        missing.append(reconciler.check("workshop"))
        listener.take([wire], "push")

    assert missing == [3, 2, 1]
    assert {row["via"] for row in inbox_of(listener)} == {"push"}
    assert reconciler.check("workshop") == 0


def inbox_of(consumer: Consumer) -> Sequence[Any]:
    return toy.rows(consumer.database, inbox)


def test_what_stands_still_is_fetched(listener: Consumer, workshop_database: Database) -> None:
    toy.make(workshop_database, "bear", ["red", "blue"])
    seal(workshop_database)
    reconciler = Reconciler(listener)

    assert [reconciler.check("workshop"), reconciler.check("workshop")] == [3, 3]

    assert reconciler.check("workshop") == 0
    assert toy.notes(listener.database) == [(1, 1), (1, 2), (1, 3)]


def test_it_is_complete_only_when_all_is_there(listener: Consumer, workshop_database: Database) -> None:
    toy.make(workshop_database, "bear")
    seal(workshop_database)
    reconciler = Reconciler(listener)

    reconciler.check("workshop")
    assert complete_at(listener) is None
    reconciler.check("workshop")
    reconciler.check("workshop")

    assert complete_at(listener) is not None


def test_parked_events_are_there(listener: Consumer, workshop_database: Database) -> None:
    toy.jam_printer(listener.database, "red")
    toy.make(workshop_database, "bear", ["red"])
    seal(workshop_database)
    listener.take([logged.raw for logged in DatabaseLog(workshop_database).read(0, 10)], "push")

    assert Reconciler(listener).check("workshop") == 0


def test_a_silent_source_is_looked_at_next_time(listener: Consumer) -> None:
    listener.sources = {"workshop": Silent()}  # type: ignore[dict-item]

    Reconciler(listener).run_once()


def test_a_long_log_is_fetched_page_by_page(new_sqlite: Callable[[], Database]) -> None:
    database, mine = new_sqlite(), new_sqlite()
    with transaction(database, "workshop") as tx:
        for number in range(PAGE + 10):
            toy.make_toy(tx, f"toy {number}")
    consumer = toy.shelf.consumer(mine, {"workshop": DatabaseLog(database)})
    assert consumer
    reconciler = Reconciler(consumer)

    reconciler.run_once()
    reconciler.run_once()

    assert reconciler.check("workshop") == 0
    assert len(toy.notes(mine)) == PAGE + 10
