"""Joining: what cannot be caught up with, aggregates nobody had heard of, newborn listeners, and effects outside."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.log import Head, seal
from chassis.problems import Unavailable
from chassis.reactions import Reacting
from chassis.redrive import Redriver
from chassis.tables import inbox, inbox_position, inbox_stream, parked_event, subscription
from chassis.transaction import Transaction, transaction
from tests import toy
from tests.toy import HeardMade, HeardPainted, HeardSold
from tests.toy_builds import ALL, FIRST, Build, Builds, HeardPacked, Hears, note_box, pack


@pytest.fixture
def said_in(new_database: Callable[[], Database]) -> Database:
    return new_database()


@pytest.fixture
def heard_in(new_database: Callable[[], Database]) -> Database:
    return new_database()


@pytest.fixture
def build(heard_in: Database, said_in: Database) -> Builds:
    def build(hears: Hears, **how: Any) -> Build:
        return Build(heard_in, said_in, hears, **how)

    return build


# What cannot be caught up with


def test_a_past_event_that_fails_is_parked_and_holds_up_its_toy_only(build: Builds, said_in: Database) -> None:
    bear, duck = toy.make(said_in, "bear", ["red", "blue"]), toy.make(said_in, "duck", ["white"])
    build(FIRST).settle()
    second = build(ALL)
    database = second.consumer.database
    toy.jam_printer(database, "red")

    second.join()
    toy.paint(said_in, bear, "gold")
    toy.paint(said_in, duck, "gold")
    second.hear()

    assert second.notes == [(bear, 1), (duck, 1), (duck, 2), (duck, 3)]
    waiting = sorted((row["aggregate_version"], row["reason"]) for row in toy.rows(database, parked_event))
    assert waiting == [(2, "failed"), (3, "behind"), (4, "behind")]

    toy.mend_printer(database)
    with database.connection() as connection:
        connection.execute(sa.update(parked_event).values(next_attempt_at=parked_event.c.first_at))
    assert Redriver(second.consumer).run_due() == 3
    assert [version for one, version in second.notes if one == bear] == [1, 2, 3, 4]
    assert toy.rows(database, inbox_stream, aggregate_id=str(bear))[0]["last_version"] == 4


def test_a_past_event_waits_behind_what_is_parked_already(build: Builds, said_in: Database) -> None:
    bear = toy.make(said_in, "bear", ["red"])
    first = build({HeardMade: toy.print_label, HeardSold: toy.note_sale}).settle()
    with transaction(said_in, "workshop") as tx:
        toy.sell_toy(tx, bear)
    database = first.consumer.database
    with database.connection() as connection:
        connection.execute(sa.text("ALTER TABLE note RENAME TO note_elsewhere"))
    first.hear()
    with database.connection() as connection:
        connection.execute(sa.text("ALTER TABLE note_elsewhere RENAME TO note"))
    second = build(ALL)
    second.join()
    assert second.notes == [(bear, 1)]

    with database.connection() as connection:
        connection.execute(sa.update(parked_event).values(next_attempt_at=parked_event.c.first_at))
    Redriver(second.consumer).run_due()

    assert second.notes == [(bear, 1), (bear, 2), (bear, 3)]


def test_while_the_source_is_silent_the_reaction_waits(build: Builds, said_in: Database) -> None:
    bear = toy.make(said_in, "bear", ["red"])
    build(FIRST).settle()
    second = build(ALL)
    log_of = second.consumer.sources

    class Silent:
        def head(self) -> Head:
            raise Unavailable(detail="silence")

    second.consumer.sources = {"workshop": Silent()}  # type: ignore[dict-item]
    stopping = threading.Event()
    waiting = threading.Thread(target=second.joiner.run, args=(stopping,))
    waiting.start()
    toy.at_once(lambda: threading.Event().wait(0.1))
    assert second.joiner.trouble == "waits for the past of workshop: silence"
    assert not second.joiner.is_done

    second.consumer.sources = log_of
    waiting.join(20)

    assert second.joiner.is_done
    assert second.notes == [(bear, 1), (bear, 2)]


# An aggregate more


@pytest.mark.parametrize("pulls", [True, False])
def test_a_new_aggregate_is_heard_from_its_beginning(build: Builds, said_in: Database, pulls: bool) -> None:
    pack(said_in, 3)
    bear = toy.make(said_in, "bear", ["red"])
    build(ALL).settle()

    second = build({**ALL, HeardPacked: note_box}, pulls=pulls)
    pack(said_in)
    second.hear()
    second.join()
    second.hear()

    assert sorted(second.notes) == [(bear, 1), (bear, 2), (1001, 1), (1002, 1), (1003, 1), (1004, 1)]


def test_a_new_aggregate_is_taken_page_by_page_and_goes_on_where_it_was(
    build: Builds, said_in: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.joining.PAGE", 2)
    pack(said_in, 5)
    build(ALL).settle()
    second = build({**ALL, HeardPacked: note_box})
    take, pages = second.consumer.take, []

    def take_and_die(*arguments: Any) -> None:
        take(*arguments)
        pages.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(second.consumer, "take", take_and_die)
    with pytest.raises(KeyboardInterrupt):
        second.join()
    (row,) = toy.rows(second.consumer.database, subscription, aggregate_type="box", event_type="")
    assert row["taken_to"] == 2

    third = build({**ALL, HeardPacked: note_box})
    third.join()

    assert sorted(third.notes) == [(1000 + number, 1) for number in range(1, 6)]
    assert third.joiner.is_done


# A newborn


def test_a_newborn_beside_a_broker_takes_the_past_before_it_listens(build: Builds, said_in: Database) -> None:
    bear = toy.make(said_in, "bear", ["red"])
    born = build(ALL, pulls=False)
    assert not born.joiner.may_listen.is_set()
    seal(said_in)

    born.joiner.run(threading.Event())

    assert born.joiner.may_listen.is_set()
    assert born.notes == [(bear, 1), (bear, 2)]
    assert {row["via"] for row in toy.rows(born.consumer.database, inbox)} == {"bootstrap"}
    assert toy.rows(born.consumer.database, inbox_position)[0]["pulled_to"] == 2


def test_who_has_listened_before_listens_at_once(build: Builds) -> None:
    born = build(ALL, pulls=False)
    born.join()

    assert build(ALL, pulls=False).joiner.may_listen.is_set()
    assert build({**ALL, HeardPacked: note_box}, pulls=False).joiner.may_listen.is_set()


# Outside effects


SENT: list[tuple[int, bool]] = []


def send(tx: Transaction, event: HeardPainted) -> None:
    SENT.append((tx.heard_version, tx.may_reach_out))


def test_the_past_has_no_effect_outside_and_the_present_has(build: Builds, said_in: Database) -> None:
    SENT.clear()
    bear = toy.make(said_in, "bear", ["red"])
    seal(said_in)
    born = build({HeardPainted: Reacting(send, effects=True)})
    born.settle()
    toy.paint(said_in, bear, "blue")
    born.hear()

    assert SENT == [(3, True)]


def test_an_added_reaction_has_effects_from_when_it_was_added_on(build: Builds, said_in: Database) -> None:
    """What is said while it catches up is no past any more."""
    SENT.clear()
    bear = toy.make(said_in, "bear", ["red"])
    build(FIRST).settle()
    second = build({**FIRST, HeardPainted: Reacting(send, effects=True)})
    second.joiner.meet("workshop")
    toy.paint(said_in, bear, "blue")
    second.hear()
    assert SENT == []

    second.join()

    assert SENT == [(3, True)]
