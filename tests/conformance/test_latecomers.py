"""Who comes late misses nothing and hears nothing twice, embedded as with RabbitMQ, while others go on talking."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chassis.events import Event, Heard
from chassis.reactions import Reacting
from chassis.tables import inbox
from chassis.transaction import Transaction, transaction
from tests import toy
from tests.conformance.bus import Bus, Listener, until
from tests.toy import HeardMade, HeardPainted, HeardSold

WITH_BROKER = [pytest.param("rabbitmq", marks=[pytest.mark.infra, pytest.mark.broker])]
COLOURS = [f"colour {number}" for number in range(9)]


class ToyWashed(Event, type="workshop.bath.taken"):
    """An aggregate that nobody listened to at first."""

    bath_id: int


class HeardWashed(Heard, type="workshop.bath.taken"):
    bath_id: int


class Bath(toy.Aggregate, toy.Base):
    """Toys are washed, too."""

    __tablename__ = "bath"
    noun = "bath"

    id: toy.Mapped[int] = toy.mapped_column(toy.BigId, primary_key=True)


def note_bath(tx: Transaction, event: HeardWashed) -> None:
    toy._note(tx, 1000 + event.bath_id, "clean")


@contextmanager
def talking(bus: Bus, toys: list[int]) -> Iterator[dict[int, int]]:
    """The workshop goes on painting and washing; how often each toy was painted, and under 0 how often they bathed."""
    enough, painted = threading.Event(), dict.fromkeys([0, *toys], 0)

    def keep_talking() -> None:
        number = 0
        while not enough.wait(0.01):
            number += 1
            one = toys[number % len(toys)]
            toy.paint(bus.said_in, one, f"shade {number}")
            painted[one] += 1
            if number % 5 == 0:
                wash(bus)
                painted[0] += 1

    talker = threading.Thread(target=keep_talking)
    talker.start()
    try:
        yield painted
    finally:
        enough.set()
        talker.join()


def wash(bus: Bus) -> None:
    with transaction(bus.said_in, "workshop") as tx:
        bath = tx.add(Bath())
        tx.publish(ToyWashed(bath_id=bath.id))


def until_joined(listener: Listener) -> None:
    until(lambda: all(one.joiner and one.joiner.is_done for one in listener.workers), "the listener to join")


def must_have_heard(listener: Listener, toys: list[int], painted: dict[int, int], before: int) -> None:
    """Every version of every toy, each once and in order."""
    wanted = {one: list(range(1, before + painted[one] + 1)) for one in toys}
    until(lambda: len(toy_notes(listener)) >= sum(map(len, wanted.values())), "everything to be heard")
    assert {one: listener.of_toy(one) for one in toys} == wanted


def toy_notes(listener: Listener) -> list[tuple[int, int]]:
    return [one for one in listener.notes if one[0] < 1000]


def baths(listener: Listener) -> list[int]:
    return sorted(one - 1000 for one, _ in listener.notes if one > 1000)


def test_a_newborn_listener_takes_the_past_and_joins_the_talk(bus: Bus) -> None:
    toys = [bus.make(*COLOURS) for _ in range(5)]
    late = bus.listener("late")

    with talking(bus, toys) as painted:
        late.start()
        until_joined(late)
        time.sleep(0.5)

    must_have_heard(late, toys, painted, before=10)
    vias = {row["via"] for row in toy.rows(late.database, inbox)}
    assert "push" in vias if bus.is_push else vias == {"pull"}


def test_an_added_reaction_takes_its_past_and_joins_the_talk(bus: Bus) -> None:
    shelf = bus.listener(hears={HeardMade: toy.print_label, HeardSold: toy.note_sale})
    shelf.start()
    toys = [bus.make(*COLOURS) for _ in range(5)]
    until(lambda: len(toy.rows(shelf.database, inbox)) == 50)
    assert len(shelf.notes) == 5

    with talking(bus, toys) as painted:
        time.sleep(0.2)
        shelf.stop()
        shelf.upgrade({HeardPainted: toy.print_again})
        shelf.start()
        until_joined(shelf)
        time.sleep(0.5)

    must_have_heard(shelf, toys, painted, before=10)


@pytest.mark.parametrize("silent_bus", WITH_BROKER, indirect=True)
def test_it_may_come_while_the_build_before_still_listens(bus: Bus) -> None:
    """A rolling upgrade: the old build stands aside when the new one has joined. Embedded there is only one process."""
    shelf = bus.listener(hears={HeardMade: toy.print_label, HeardSold: toy.note_sale})
    old = shelf.start()
    toys = [bus.make(*COLOURS) for _ in range(3)]
    until(lambda: len(toy.rows(shelf.database, inbox)) == 30)

    with talking(bus, toys) as painted:
        shelf.upgrade({HeardPainted: toy.print_again})
        new = shelf.start()
        until(lambda: bool(new.joiner and new.joiner.is_done))
        time.sleep(0.5)
        shelf.workers.remove(old)
        old.stop()
        time.sleep(0.5)

    must_have_heard(shelf, toys, painted, before=10)


def test_an_added_aggregate_is_heard_from_its_beginning(bus: Bus) -> None:
    shelf = bus.listener()
    shelf.start()
    toys = [bus.make(*COLOURS) for _ in range(3)]
    for _ in range(7):
        wash(bus)
    until(lambda: len(shelf.notes) == 30)

    with talking(bus, toys) as painted:
        time.sleep(0.2)
        shelf.stop()
        shelf.upgrade({HeardWashed: note_bath})
        shelf.start()
        until_joined(shelf)
        time.sleep(0.5)

    must_have_heard(shelf, toys, painted, before=10)
    until(lambda: len(baths(shelf)) >= 7 + painted[0])
    assert baths(shelf) == list(range(1, 7 + painted[0] + 1))


def test_the_past_has_no_effect_outside_and_the_talk_has(bus: Bus) -> None:
    sent: list[int] = []

    def send(tx: Transaction, event: HeardPainted) -> None:
        assert tx.may_reach_out
        sent.append(tx.heard_version)

    bear = bus.make(*COLOURS)
    hears: dict[type[Heard], Any] = {HeardMade: toy.print_label, HeardPainted: Reacting(send, effects=True)}
    late = bus.listener("late", hears)
    late.start()
    until_joined(late)
    until(lambda: len(toy.rows(late.database, inbox)) == 10)

    toy.paint(bus.said_in, bear, "gold")
    until(lambda: sent)

    assert sent == [11]
