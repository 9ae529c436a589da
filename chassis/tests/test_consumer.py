"""What a listener does with what arrives: once, twice, late, out of order, broken, too new."""

from __future__ import annotations

import random

import msgspec
import pytest
import sqlalchemy as sa

from chassis.events import open_envelope
from chassis.parking import SCHEDULE
from chassis.tables import inbox_stream, parked_event
from chassis.testing.stage import Stage
from tests import toy
from tests.toy import HeardMade, HeardPainted, HeardSold, notes
from tests.toy_shelf import (
    ToyWrapped,
    life_of,
    of_toy,
    parked,
    reconcile,
    states,
    try_again,
    whole,
)

# In order, again, out of order


def test_an_event_heard_once_has_one_effect_and_causes_one_event(shelf: Stage) -> None:
    shelf.hears(HeardMade(toy_id=1, name="bear"))

    assert notes(shelf.database) == [(1, 1)]
    assert shelf.said() == [("crm.shelf.label.printed", {"toy_id": 1, "text": "bear", "changes": {}})]


def test_what_is_caused_names_its_cause(shelf: Stage) -> None:
    (cause,) = (open_envelope(raw) for raw in life_of(shelf, colours=()))
    shelf.takes(shelf.elsewhere["workshop"].said[0])

    effect = caused(shelf)
    assert (effect.causationid, effect.correlationid) == (cause.id, cause.correlationid)
    assert (effect.authid, effect.authname) == ("1", "Ada Admin")


def caused(shelf: Stage) -> msgspec.Struct:
    from chassis.log import DatabaseLog, seal

    seal(shelf.database)
    return open_envelope(DatabaseLog(shelf.database).read(0, 1)[0].raw)


def test_an_event_heard_twice_has_one_effect(shelf: Stage) -> None:
    shelf.hears(HeardMade(toy_id=1, name="bear"), times=2)

    assert notes(shelf.database) == [(1, 1)]
    assert len(shelf.said()) == 1


@pytest.mark.fault(30)
def test_everything_delivered_up_to_three_times_has_one_effect_each(shelf: Stage) -> None:
    """Fault 30."""
    wires = life_of(shelf)
    chance = random.Random(30)

    for wire in wires:
        shelf.takes(*[wire] * chance.randint(1, 3))
    shelf.takes(*(wire for wire in wires for _ in range(chance.randint(1, 3))))

    assert notes(shelf.database) == whole()


@pytest.mark.fault(31)
@pytest.mark.parametrize("together", [1, 7, 200])
def test_a_shuffled_delivery_ends_as_an_ordered_one(shelf: Stage, together: int) -> None:
    """Fault 31: a window of twenty is shuffled, and arrives alone, in small batches, in one."""
    wires = [wire for toy_id in range(1, 9) for wire in life_of(shelf, toy_id)]
    chance = random.Random(31)
    for start in range(0, len(wires), 20):
        window = wires[start : start + 20]
        chance.shuffle(window)
        wires[start : start + 20] = window

    for start in range(0, len(wires), together):
        shelf.takes(*wires[start : start + together])

    assert all(of_toy(shelf, toy_id) == whole(toy_id) for toy_id in range(1, 9))
    assert len(notes(shelf.database)) == len(wires)


@pytest.mark.fault(32)
def test_lost_events_are_found_by_the_next_one_or_by_reconciling(shelf: Stage) -> None:
    """Fault 32: one in twenty is lost without a word, the last ones of some toys among them."""
    wires = [wire for toy_id in range(1, 21) for wire in life_of(shelf, toy_id)]
    chance = random.Random(32)
    arrived = [wire for wire in wires if chance.random() > 0.05]
    assert len(arrived) < len(wires)

    for wire in arrived:
        shelf.takes(wire)
    assert reconcile(shelf) == 0

    assert all(of_toy(shelf, toy_id) == whole(toy_id) for toy_id in range(1, 21))


def test_an_old_event_that_was_never_seen_changes_nothing(shelf: Stage) -> None:
    shelf.takes(*life_of(shelf))
    stale = shelf.says(HeardPainted(toy_id=1, colour="pink"), version=2)

    shelf.takes(stale)

    assert notes(shelf.database) == whole()


def test_an_event_nobody_listens_to_is_noted_and_keeps_the_order(shelf: Stage) -> None:
    shelf.hears(HeardMade(toy_id=1, name="bear"), ToyWrapped(toy_id=1), HeardSold(toy_id=1))

    assert notes(shelf.database) == [(1, 1), (1, 3)]
    assert states(shelf) == {1: "done", 2: "done", 3: "done"}


def test_an_unknown_field_is_ignored(shelf: Stage) -> None:
    wire = shelf.says(toy.ToyMade(toy_id=1, name="bear"))
    assert b'"changes"' in wire

    shelf.takes(wire)

    assert notes(shelf.database) == [(1, 1)]


# What is missing


def test_a_gap_that_nobody_fills_is_put_aside_and_others_flow(shelf: Stage) -> None:
    wires = life_of(shelf)
    shelf.elsewhere["workshop"].is_reachable = False

    shelf.takes(wires[0], wires[3], *life_of(shelf, 2))

    assert notes(shelf.database) == [(1, 1), *whole(2)]
    assert parked(shelf) == [(4, "gap_unavailable", "waiting")]


def test_a_gap_is_filled_when_the_source_answers_again(shelf: Stage) -> None:
    wires = life_of(shelf)
    shelf.elsewhere["workshop"].is_reachable = False
    shelf.takes(wires[0])
    shelf.takes(wires[3])
    shelf.elsewhere["workshop"].is_reachable = True

    assert try_again(shelf) == 3

    assert notes(shelf.database) == whole(versions=4)
    assert parked(shelf) == []


def test_a_source_that_stays_silent_makes_nothing_dead(shelf: Stage) -> None:
    wires = life_of(shelf)
    shelf.elsewhere["workshop"].is_reachable = False
    shelf.takes(wires[2])

    for _ in range(len(SCHEDULE) + 2):
        assert try_again(shelf) == 0

    assert parked(shelf) == [(3, "gap_unavailable", "waiting")]


def test_what_was_missing_may_arrive_late_by_itself(shelf: Stage) -> None:
    wires = life_of(shelf)
    shelf.elsewhere["workshop"].is_reachable = False
    shelf.takes(wires[0])
    shelf.takes(wires[3])
    shelf.takes(wires[1])
    assert parked(shelf) == [(2, "behind", "waiting"), (4, "gap_unavailable", "waiting")]

    shelf.elsewhere["workshop"].is_reachable = True
    try_again(shelf)
    shelf.takes(*wires)

    assert notes(shelf.database) == whole()
    assert parked(shelf) == []


def test_a_hole_behind_a_poison_is_filled_when_the_poison_is_gone(shelf: Stage) -> None:
    wires = life_of(shelf)
    toy.jam_printer(shelf.database, "red")
    shelf.takes(wires[0])
    shelf.takes(wires[1])
    shelf.takes(wires[3])
    toy.mend_printer(shelf.database)

    try_again(shelf)
    shelf.takes(wires[2])
    shelf.takes(wires[4])

    assert notes(shelf.database) == whole()


def test_a_poison_inside_a_gap_is_the_one_that_is_put_aside(shelf: Stage) -> None:
    wires = life_of(shelf)
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(wires[0])

    shelf.takes(wires[4])

    assert notes(shelf.database) == whole(versions=2)
    assert parked(shelf) == [(3, "failed", "waiting"), (4, "behind", "waiting"), (5, "behind", "waiting")]
    toy.mend_printer(shelf.database)
    try_again(shelf)
    assert notes(shelf.database) == whole()


def test_a_poison_with_a_gap_before_it_does_not_hold_up_what_was_missing(shelf: Stage) -> None:
    wires = life_of(shelf)
    toy.jam_printer(shelf.database, "green")

    shelf.takes(wires[3])

    assert notes(shelf.database) == whole(versions=3)
    assert parked(shelf) == [(4, "failed", "waiting")]


def test_a_poison_found_in_a_gap_that_was_filled_late(shelf: Stage) -> None:
    wires = life_of(shelf)
    toy.jam_printer(shelf.database, "red")
    shelf.elsewhere["workshop"].is_reachable = False
    shelf.takes(wires[3])
    shelf.elsewhere["workshop"].is_reachable = True

    assert try_again(shelf) == 1

    assert notes(shelf.database) == whole(versions=1)
    assert parked(shelf)[0] == (2, "failed", "waiting")
    toy.mend_printer(shelf.database)
    assert try_again(shelf) == 3
    shelf.takes(wires[4])
    assert notes(shelf.database) == whole()


def test_a_discarded_event_is_passed_over(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    wires = life_of(shelf)
    shelf.takes(*wires[:3])
    with shelf.database.connection() as connection:
        connection.execute(sa.update(parked_event).values(state="discarded", next_attempt_at=None))
        connection.execute(sa.update(inbox_stream).values(blocked_by=None))

    shelf.takes(*wires)

    assert notes(shelf.database) == [(1, 1), (1, 2), (1, 4), (1, 5)]
