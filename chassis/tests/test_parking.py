"""What cannot be applied or read, what is too new, and crashes in between: nothing is lost and nobody else waits."""

from __future__ import annotations

import msgspec
import pytest
import sqlalchemy as sa

from chassis import operating
from chassis.events import encode
from chassis.parking import SCHEDULE, release_understood
from chassis.reactions import OneByOne
from chassis.redrive import Redriver
from chassis.tables import parked_event
from chassis.testing.stage import Stage
from tests import toy
from tests.toy import HeardMade, HeardPainted, notes
from tests.toy_shelf import (
    HeardRepainted,
    ToyRepainted,
    let_time_pass,
    life_of,
    of_toy,
    parked,
    states,
    try_again,
    whole,
)

# What cannot be applied


@pytest.mark.fault(33)
def test_a_poisonous_event_is_put_aside_and_only_its_followers_wait(shelf: Stage) -> None:
    """Fault 33."""
    toy.jam_printer(shelf.database, "blue")

    shelf.takes(*life_of(shelf, 1), *life_of(shelf, 2, ("red", "green")))

    assert notes(shelf.database) == [*whole(1, 2), *whole(2, 3)]
    assert parked(shelf) == [(3, "failed", "waiting"), (4, "behind", "waiting"), (5, "behind", "waiting")]
    assert states(shelf) == {1: "done", 2: "done", 3: "parked", 4: "parked", 5: "parked"}


@pytest.mark.fault(33)
def test_what_is_mended_is_applied_in_order(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*life_of(shelf))
    toy.mend_printer(shelf.database)

    assert try_again(shelf) == 3

    assert notes(shelf.database) == whole()
    assert parked(shelf) == []
    assert set(states(shelf).values()) == {"done"}
    shelf.hears(HeardPainted(toy_id=1, colour="gold"))
    assert notes(shelf.database) == whole(versions=6)


def test_nothing_is_tried_before_its_time(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*life_of(shelf))
    toy.mend_printer(shelf.database)
    assert shelf.consumer

    assert Redriver(shelf.consumer).run_due() == 0
    assert notes(shelf.database) == whole(versions=2)


@pytest.mark.fault(33)
def test_a_parked_event_is_tried_on_schedule_and_then_is_dead(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*life_of(shelf))

    for number, pause in enumerate(SCHEDULE):
        row = toy.rows(shelf.database, parked_event, reason="failed")[0]
        waits = (row["next_attempt_at"] - row["last_at"]) / pause
        assert (row["attempts"], row["state"]) == (number + 1, "waiting")
        assert 0.79 < waits < 1.21
        assert try_again(shelf) == 0

    assert parked(shelf) == [(3, "failed", "dead"), (4, "behind", "waiting"), (5, "behind", "waiting")]
    toy.mend_printer(shelf.database)
    assert try_again(shelf) == 0


def test_what_is_dead_comes_back_when_an_operator_says_so(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*life_of(shelf))
    for _ in SCHEDULE:
        try_again(shelf)
    toy.mend_printer(shelf.database)
    assert shelf.consumer

    with shelf.doing() as tx:
        operating.redrive(tx, shelf.consumer.name, {"state": "dead"}, "the printer is mended")
    assert Redriver(shelf.consumer).run_due() == 3

    assert notes(shelf.database) == whole()


def test_the_second_poison_of_a_toy_waits_for_its_own_time(shelf: Stage) -> None:
    for colour in ("blue", "green"):
        toy.jam_printer(shelf.database, colour)
    shelf.takes(*life_of(shelf))
    with shelf.database.connection() as connection:
        connection.execute(sa.delete(toy.jam).where(toy.jam.c.colour == "blue"))

    assert try_again(shelf) == 1

    assert parked(shelf) == [(4, "failed", "waiting"), (5, "behind", "waiting")]
    toy.mend_printer(shelf.database)
    assert try_again(shelf) == 2
    assert notes(shelf.database) == whole()


def test_the_story_of_a_failure_is_kept(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    wires = life_of(shelf)
    shelf.takes(*wires)

    row = toy.rows(shelf.database, parked_event, reason="failed")[0]

    assert (row["error_class"], row["event_type"]) == ("PrinterJammed", "crm.workshop.toy.painted")
    assert bytes(row["body"]) == wires[2]
    assert len(row["fingerprint"]) == 32


def test_a_poison_in_a_batch_keeps_nothing_of_itself(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")

    shelf.takes(*life_of(shelf, colours=("blue",)))

    assert toy.rows(shelf.database, toy.Label.__table__)[0]["text"] == "bear"
    assert len(shelf.said()) == 1


# What cannot be read


@pytest.mark.fault(35)
@pytest.mark.parametrize(
    "garbage",
    [
        b"not json",
        b'{"id": "1"}',
        b"",
        b'{"specversion":"1.0","id":"7"',
        b"x" * 1_000_000,
    ],
    ids=["text", "incomplete", "empty", "cut off", "a megabyte"],
)
def test_bytes_that_are_no_event_are_kept_and_hold_up_nobody(shelf: Stage, garbage: bytes) -> None:
    """Fault 35."""
    shelf.takes(garbage, *life_of(shelf))

    assert notes(shelf.database) == whole()
    (row,) = toy.rows(shelf.database, parked_event)
    assert (row["reason"], row["state"], bytes(row["body"])) == ("unparseable", "dead", garbage)


@pytest.mark.fault(35)
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b'"sequence":"00000000000000000001"', b'"sequence":"first"'),
        (b'"type":"crm.workshop.toy.made"', b'"type":"crm.workshop.toy.' + b"m" * 200 + b'"'),
        (b'"subject":"toy/1"', b'"subject":"toy/' + b"1" * 200 + b'"'),
        (b'"subject":"toy/1"', b'"subject":"toy/\\u00001"'),
        (b'"aggregateversion":1', b'"aggregateversion":' + b"9" * 19),
        (b'"authid":"1"', b'"authid":"ada"'),
    ],
    ids=["sequence", "long type", "long subject", "zero byte", "huge version", "who"],
)
def test_an_envelope_with_nonsense_in_it_holds_up_nobody(shelf: Stage, right: bytes, wrong: bytes) -> None:
    whose = shelf.says(HeardMade(toy_id=1, name="bear"))
    assert right in whose
    strange = whose.replace(right, wrong)
    shelf.elsewhere["workshop"].said.clear()

    shelf.takes(strange)
    shelf.takes(strange, *life_of(shelf, 2))

    assert of_toy(shelf, 2) == whole(2)
    assert len(toy.rows(shelf.database, parked_event)) <= 1


@pytest.mark.fault(35)
def test_data_of_another_shape_is_put_aside(shelf: Stage) -> None:
    wire = shelf.says(HeardMade(toy_id=1, name="bear"))

    shelf.takes(wire.replace(b'"name":"bear"', b'"name":[1,2]'), *life_of(shelf, 2))

    assert parked(shelf) == [(1, "failed", "waiting")]
    assert of_toy(shelf, 2) == whole(2)


# What is too new


@pytest.mark.fault(36)
def test_a_newer_major_waits_for_a_build_that_knows_it(shelf: Stage) -> None:
    """Fault 36."""
    shelf.takes(shelf.says(HeardMade(toy_id=1, name="bear")))
    shelf.takes(shelf.says(ToyRepainted(toy_id=1, colours=["red", "blue"])))
    shelf.hears(HeardPainted(toy_id=1, colour="green"))
    assert parked(shelf) == [(2, "unsupported_version", "waiting"), (3, "behind", "waiting")]
    assert try_again(shelf) == 0

    upgrade(shelf)
    assert shelf.consumer
    assert release_understood(shelf.database, shelf.consumer.name, shelf.consumer.reactions) == 1
    assert Redriver(shelf.consumer).run_due() == 2

    assert notes(shelf.database) == whole(versions=3)


def upgrade(shelf: Stage) -> None:
    """A build that hears several colours."""
    assert shelf.consumer

    def print_all(tx: toy.Transaction, event: HeardRepainted) -> None:
        toy.print_again(tx, HeardPainted(toy_id=event.toy_id, colour=event.colours[0]))

    shelf.consumer.reactions = OneByOne({**toy.shelf.hears, HeardRepainted: print_all})


def test_a_newer_major_behind_a_poison_is_not_passed_over(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    shelf.hears(HeardMade(toy_id=1, name="bear"), HeardPainted(toy_id=1, colour="blue"))
    shelf.takes(shelf.says(ToyRepainted(toy_id=1, colours=["red"])))
    toy.mend_printer(shelf.database)

    assert try_again(shelf) == 1

    assert parked(shelf) == [(3, "unsupported_version", "waiting")]
    upgrade(shelf)
    assert shelf.consumer
    release_understood(shelf.database, shelf.consumer.name, shelf.consumer.reactions)
    assert try_again(shelf) == 1
    assert notes(shelf.database) == whole(versions=3)


def test_a_build_releases_what_it_knows_and_nothing_newer(shelf: Stage) -> None:
    shelf.takes(shelf.says(HeardMade(toy_id=1, name="bear")), shelf.says(HeardMade(toy_id=2, name="duck")))
    newer = shelf.says(ToyRepainted(toy_id=1, colours=["red"])).replace(b"painted.v2", b"painted.v3")
    shelf.takes(newer, shelf.says(ToyRepainted(toy_id=2, colours=["red"])))
    shelf.hears(HeardPainted(toy_id=1, colour="green"), HeardPainted(toy_id=2, colour="green"))
    upgrade(shelf)
    assert shelf.consumer

    assert release_understood(shelf.database, shelf.consumer.name, shelf.consumer.reactions) == 1
    Redriver(shelf.consumer).run_due()

    assert of_toy(shelf, 2) == whole(2, 3)
    assert parked(shelf) == [(2, "unsupported_version", "waiting"), (3, "behind", "waiting")]


def test_an_older_build_releases_nothing(shelf: Stage) -> None:
    shelf.takes(shelf.says(ToyRepainted(toy_id=1, colours=["red"])))
    assert shelf.consumer

    assert release_understood(shelf.database, shelf.consumer.name, shelf.consumer.reactions) == 0


# A crash in between


@pytest.mark.fault(48)
def test_followers_are_not_forgotten_when_the_redrive_is_interrupted(
    shelf: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 48: the first is applied, then the process ends."""
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*life_of(shelf))
    toy.mend_printer(shelf.database)
    interrupt_after(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        try_again(shelf)
    assert notes(shelf.database) == whole(versions=3)
    monkeypatch.undo()

    assert shelf.consumer
    assert Redriver(shelf.consumer).run_due() == 2

    assert notes(shelf.database) == whole()


def interrupt_after(monkeypatch: pytest.MonkeyPatch, commits: int) -> None:
    from chassis import redrive

    left = [commits]

    def stop(_name: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(redrive, "failpoint", stop)


def test_nothing_overtakes_while_followers_wait(shelf: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.jam_printer(shelf.database, "blue")
    wires = life_of(shelf)
    shelf.takes(*wires[:4])
    toy.mend_printer(shelf.database)
    interrupt_after(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        try_again(shelf)
    monkeypatch.undo()

    shelf.takes(wires[4])
    assert notes(shelf.database) == whole(versions=3)
    try_again(shelf)

    assert notes(shelf.database) == whole()


@pytest.mark.fault(48)
def test_two_redrives_at_once_apply_each_once(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    for toy_id in range(1, 5):
        shelf.takes(*life_of(shelf, toy_id))
    toy.mend_printer(shelf.database)
    let_time_pass(shelf.database)
    assert shelf.consumer
    others = toy.shelf.consumer(shelf.database, shelf.elsewhere)
    assert others

    toy.at_once(Redriver(shelf.consumer).run_due, Redriver(others).run_due)

    assert all(of_toy(shelf, toy_id) == whole(toy_id) for toy_id in range(1, 5))


def test_two_consumers_at_once_apply_each_once(shelf: Stage) -> None:
    """A zombie of the last connection and its successor."""
    wires = [wire for toy_id in range(1, 9) for wire in life_of(shelf, toy_id)]
    assert shelf.consumer
    other = toy.shelf.consumer(shelf.database, shelf.elsewhere)
    assert other
    first, second = shelf.consumer, other

    toy.at_once(lambda: first.take(wires, "push"), lambda: [second.take([wire], "push") for wire in wires])

    assert all(of_toy(shelf, toy_id) == whole(toy_id) for toy_id in range(1, 9))


def test_an_error_text_with_strange_characters_can_be_kept(shelf: Stage) -> None:
    def break_down(tx: toy.Transaction, event: HeardMade) -> None:
        raise ValueError("zero \x00 and half \ud800")

    assert shelf.consumer
    shelf.consumer.reactions = OneByOne({HeardMade: break_down})

    shelf.hears(HeardMade(toy_id=1, name="bear"))

    assert parked(shelf) == [(1, "failed", "waiting")]


def test_a_bug_in_a_statement_is_no_outage(shelf: Stage) -> None:
    def ask_nonsense(tx: toy.Transaction, event: HeardMade) -> None:
        tx.execute(sa.text("SELECT nothing FROM nowhere"))

    assert shelf.consumer
    shelf.consumer.reactions = OneByOne({HeardMade: ask_nonsense})

    shelf.hears(HeardMade(toy_id=1, name="bear"))

    assert parked(shelf) == [(1, "failed", "waiting")]


def test_events_are_bytes_on_the_way(shelf: Stage) -> None:
    wire = shelf.says(HeardMade(toy_id=1, name="bear"))

    assert isinstance(wire, bytes)
    assert msgspec.json.decode(wire)["data"] == {"toy_id": 1, "name": "bear"}
    assert encode(HeardMade(toy_id=1, name="bear")) in wire
