"""A replay brings what is missing and repeats nothing; the inbox forgets what can no longer come back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.comparing import compare
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.jobs import Scheduler
from chassis.log import DatabaseLog, Head, seal
from chassis.pruning import KEPT_FOR, PRUNING
from chassis.pull import note_complete
from chassis.reactions import Reacting
from chassis.redrive import Redriver
from chassis.replay import NotHeard, Replayed, replay
from chassis.tables import inbox, inbox_position, parked_event
from chassis.transaction import Transaction
from tests import toy
from tests.toy import HeardMade, HeardPainted, HeardSold, notes


@pytest.fixture
def said_in(new_database: Callable[[], Database]) -> Database:
    return new_database()


@pytest.fixture
def consumer(new_database: Callable[[], Database], said_in: Database) -> Consumer:
    return listening(new_database(), said_in, toy.shelf.hears)


def listening(heard_in: Database, said_in: Database, hears: Mapping[Any, Any]) -> Consumer:
    service = dataclasses.replace(toy.shelf, hears=hears)
    found = service.consumer(heard_in, {"workshop": DatabaseLog(said_in)})
    assert found
    return found


def forget_all(consumer: Consumer) -> None:
    """As if from a backup that was made before anything was heard."""
    with consumer.database.connection() as connection:
        for table in ("inbox", "inbox_stream", "note", "label", "event_log"):
            connection.execute(sa.delete(sa.table(table)))


# Replay


def test_what_is_missing_is_applied_once(consumer: Consumer, said_in: Database) -> None:
    bear = toy.make(said_in, "bear", ["red", "blue"])
    seal(said_in)

    assert replay(consumer, "workshop") == Replayed("workshop", read=3, news=3)
    assert replay(consumer, "workshop") == Replayed("workshop", read=3, news=0)
    assert notes(consumer.database) == [(bear, 1), (bear, 2), (bear, 3)]


def test_a_stretch_may_have_a_beginning_and_an_end(
    consumer: Consumer, said_in: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.replay.PAGE", 2)
    toys = [toy.make(said_in, name) for name in ("bear", "duck", "cat", "cow", "pig")]
    seal(said_in)

    assert replay(consumer, "workshop", after=1, to=4) == Replayed("workshop", read=3, news=3)

    assert notes(consumer.database) == [(one, 1) for one in toys[1:4]]


def test_the_end_of_the_log_is_the_end(consumer: Consumer, said_in: Database) -> None:
    toy.make(said_in, "bear")
    seal(said_in)

    assert replay(consumer, "workshop", to=99) == Replayed("workshop", read=1, news=1)


def test_who_does_not_hear_a_source_is_told_so(consumer: Consumer) -> None:
    with pytest.raises(NotHeard):
        replay(consumer, "forest")


def send(tx: Transaction, event: HeardPainted) -> None:
    toy._note(tx, event.toy_id, "sent")


REACHING: Mapping[Any, Any] = {HeardMade: toy.print_label, HeardPainted: Reacting(send, effects=True)}


def test_a_replay_has_no_effects_outside(new_sqlite: Callable[[], Database]) -> None:
    said_in = new_sqlite()
    consumer = listening(new_sqlite(), said_in, REACHING)
    toy.make(said_in, "bear", ["red"])
    wires = [one.raw for one in DatabaseLog(said_in).read(0, 9)]

    replay(consumer, "workshop")
    assert notes(consumer.database) == [(1, 1)]
    forget_all(consumer)
    consumer.take(wires, "push")

    assert notes(consumer.database) == [(1, 1), (1, 2)]


def test_what_was_replayed_and_parked_has_none_when_it_is_tried_again(new_sqlite: Callable[[], Database]) -> None:
    said_in = new_sqlite()

    def fail(tx: Transaction, event: HeardMade) -> None:
        raise RuntimeError("out of paper")

    consumer = listening(new_sqlite(), said_in, {**REACHING, HeardMade: fail})
    toy.make(said_in, "bear", ["red"])
    replay(consumer, "workshop")
    assert len(toy.rows(consumer.database, parked_event)) == 2

    mended = listening(consumer.database, said_in, REACHING)
    with consumer.database.connection() as connection:
        connection.execute(sa.update(parked_event).values(next_attempt_at=parked_event.c.first_at))

    assert Redriver(mended).run_due() == 2
    assert notes(consumer.database) == [(1, 1)]


# Forgetting


@pytest.fixture
def old(consumer: Consumer, said_in: Database) -> Consumer:
    """Everything was heard long ago; one event is parked, and what followed it waits behind."""
    toy.jam_printer(consumer.database, "jam")
    toy.make(said_in, "bear", ["red", "blue"])
    toy.make(said_in, "duck", ["jam", "white"])
    seal(said_in)
    consumer.take([one.raw for one in DatabaseLog(said_in).read(0, 99)], "push")
    note_complete(consumer, "workshop", Head(6, 1))
    age(consumer, KEPT_FOR + timedelta(minutes=1))
    return consumer


def age(consumer: Consumer, by: timedelta) -> None:
    with consumer.database.connection() as connection:
        connection.execute(sa.update(inbox).values(processed_at=datetime.now(UTC) - by))


def prune(consumer: Consumer) -> None:
    assert Scheduler(consumer.database, "shelf", [PRUNING]).run_due() == 1


def left(consumer: Consumer) -> list[int]:
    return sorted(row["position"] for row in toy.rows(consumer.database, inbox))


def test_what_was_applied_long_ago_is_forgotten_and_what_is_parked_is_not(old: Consumer) -> None:
    prune(old)

    assert left(old) == [5, 6]
    assert toy.rows(old.database, inbox_position)[0]["pruned_to"] == 4


def test_what_is_not_old_enough_is_kept(old: Consumer) -> None:
    age(old, KEPT_FOR - timedelta(hours=1))

    prune(old)

    assert left(old) == [1, 2, 3, 4, 5, 6]


def test_what_is_not_proven_to_be_complete_is_kept(old: Consumer) -> None:
    with old.database.connection() as connection:
        connection.execute(sa.update(inbox_position).values(reconciled_to=2))

    prune(old)

    assert left(old) == [3, 4, 5, 6]


def test_only_so_much_at_a_time(old: Consumer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.pruning.AT_ONCE", 3)

    prune(old)

    assert left(old) == [4, 5, 6]


def test_what_is_forgotten_is_not_missing_and_not_applied_again(old: Consumer, said_in: Database) -> None:
    before = notes(old.database)
    prune(old)

    (found,) = compare(old, repair=True)
    old.take([one.raw for one in DatabaseLog(said_in).read(0, 3)], "push")

    assert (found.expected, len(found.missing), len(found.extra)) == (6, 0, 0)
    assert notes(old.database) == before
    assert sorted({row["state"] for row in toy.rows(old.database, inbox)}) == ["parked", "skipped"]


def test_what_nobody_reacts_to_is_forgotten_too(new_sqlite: Callable[[], Database]) -> None:
    said_in = new_sqlite()
    consumer = listening(new_sqlite(), said_in, {HeardSold: toy.note_sale})
    toy.make(said_in, "bear", ["red"])
    replay(consumer, "workshop")
    note_complete(consumer, "workshop", Head(2, 1))
    age(consumer, KEPT_FOR * 2)

    prune(consumer)

    assert left(consumer) == []
