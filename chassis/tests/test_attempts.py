"""Events that kill whoever handles them: they are put aside after five deaths, and no innocent one ever is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa

from chassis import operating
from chassis.attempts import HANDS_FULL, MOST_ATTEMPTS, alone
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.problems import Unavailable
from chassis.pull import Puller
from chassis.reactions import OneByOne
from chassis.redrive import Redriver
from chassis.tables import consumer_state, delivery_attempt, inbox, parked_event, parked_failure
from chassis.testing.stage import Stage
from tests import toy
from tests.toy import HeardPainted, notes
from tests.toy_databases import statements
from tests.toy_shelf import let_time_pass, life_of, of_toy, parked, states, whole


class Died(BaseException):
    """The process is gone: whatever it had not committed is, too."""


def deadly(tx: toy.Transaction, event: HeardPainted) -> None:
    """Whoever paints a toy blue dies of it."""
    if event.colour == "blue":
        raise Died
    toy.print_again(tx, event)


def life(shelf: Stage, paint: Callable[..., None] = deadly) -> Consumer:
    """A process that begins to read, with nothing in memory of the one before it."""
    found = toy.shelf.consumer(shelf.database, shelf.elsewhere)
    assert found
    found.reactions = OneByOne({**toy.shelf.hears, HeardPainted: paint})
    found.attempts.begin_life(shelf.elsewhere)
    return found


def deaths(shelf: Stage, act: Callable[[Consumer], object], most: int = 20) -> int:
    """How many processes die of the same thing, one after the other, until one lives."""
    for number in range(most):
        try:
            act(life(shelf))
        except Died:
            continue
        return number
    return most


def again(wires: Sequence[bytes]) -> Callable[[Consumer], object]:
    """What the broker brings a second time."""
    return lambda consumer: consumer.take(wires, "push", None, True)


def counted(shelf: Stage) -> list[int]:
    return [row["attempts"] for row in toy.rows(shelf.database, delivery_attempt)]


# What is pushed


def test_what_comes_again_and_kills_is_put_aside_after_five_deaths(shelf: Stage) -> None:
    """Fault 34."""
    wires = [*life_of(shelf, 1), *life_of(shelf, 2, ("red", "green"))]

    assert deaths(shelf, again(wires)) == MOST_ATTEMPTS

    assert parked(shelf) == [(3, "crash_loop", "dead"), (4, "behind", "waiting"), (5, "behind", "waiting")]
    assert (of_toy(shelf, 1), of_toy(shelf, 2)) == (whole(1, 2), whole(2, 3))
    assert states(shelf) == {1: "done", 2: "done", 3: "parked", 4: "parked", 5: "parked"}
    assert counted(shelf) == []


def test_the_story_of_a_crash_loop_is_kept(shelf: Stage) -> None:
    deaths(shelf, again(life_of(shelf)))

    (row,) = toy.rows(shelf.database, parked_event, reason="crash_loop")
    (failure,) = toy.rows(shelf.database, parked_failure)

    assert (row["error_class"], row["error"]) == ("CrashLoop", "5 processes have died while they handled it")
    assert (failure["event_id"], failure["reason"]) == (row["event_id"], "crash_loop")


def test_a_poison_in_a_gap_is_blamed_and_not_the_event_that_brought_it(shelf: Stage) -> None:
    wires = life_of(shelf)
    shelf.takes(wires[0])

    assert deaths(shelf, again([wires[4]])) == MOST_ATTEMPTS

    assert parked(shelf) == [(3, "crash_loop", "dead"), (4, "behind", "waiting"), (5, "behind", "waiting")]


def test_what_comes_again_and_is_known_is_not_handled_again(shelf: Stage) -> None:
    wires = life_of(shelf)
    shelf.takes(*wires)

    assert deaths(shelf, again(wires)) == 0

    assert notes(shelf.database) == whole()


def test_what_comes_again_and_fails_is_parked_like_any_other(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "red")
    wires = life_of(shelf, 1, ("red",))

    assert deaths(shelf, again(wires)) == 0

    assert parked(shelf) == [(2, "failed", "waiting")]
    assert counted(shelf) == []


def test_an_ordinary_delivery_costs_no_statement_more(shelf: Stage) -> None:
    wires = life_of(shelf)
    consumer = life(shelf, toy.print_again)

    with statements(shelf.database) as said:
        consumer.take(wires, "push")

    assert said
    assert [one for one in said if "delivery_attempt" in one or "consumer_state" in one or "parked" in one] == []


# What is read


def test_what_is_read_and_kills_is_put_aside_too(shelf: Stage) -> None:
    """Embedded: the first death is nobody's fault yet, the next five are counted."""
    life_of(shelf, 1)
    life_of(shelf, 2, ("red", "green"))

    assert deaths(shelf, lambda consumer: Puller(consumer).pull("workshop")) == MOST_ATTEMPTS + 1

    assert parked(shelf) == [(3, "crash_loop", "dead"), (4, "behind", "waiting"), (5, "behind", "waiting")]
    assert (of_toy(shelf, 1), of_toy(shelf, 2)) == (whole(1, 2), whole(2, 3))
    assert counted(shelf) == []


def test_two_poisons_kill_ten_and_no_innocent_is_put_aside(shelf: Stage) -> None:
    for toy_id in range(1, 8):
        life_of(shelf, toy_id, ("red", "green") if toy_id not in (3, 6) else ("red", "blue"))

    assert deaths(shelf, lambda consumer: Puller(consumer).pull("workshop"), most=30) == 2 * MOST_ATTEMPTS + 1

    assert parked(shelf) == [(3, "crash_loop", "dead"), (3, "crash_loop", "dead")]
    assert [of_toy(shelf, toy_id) == whole(toy_id, 3) for toy_id in (1, 2, 4, 5, 7)] == [True] * 5


def test_what_reconciling_brings_and_kills_is_put_aside(shelf: Stage) -> None:
    wires = life_of(shelf)

    assert deaths(shelf, lambda consumer: consumer.take(wires, "reconcile")) == MOST_ATTEMPTS + 1

    assert parked(shelf)[0] == (3, "crash_loop", "dead")


def test_after_a_clean_end_nothing_is_read_with_care(shelf: Stage) -> None:
    life(shelf).attempts.end_life()

    assert life(shelf).attempts.unsure == {}
    assert life(shelf).attempts.unsure == {"workshop": HANDS_FULL}


def test_care_ends_where_all_was_read(shelf: Stage) -> None:
    life(shelf)
    consumer = life(shelf, toy.print_again)
    life_of(shelf)
    puller = Puller(consumer)
    while puller.pull("workshop"):
        pass

    with statements(shelf.database) as said:
        life_of(shelf, 2)
        puller.pull("workshop")

    assert of_toy(shelf, 2) == whole(2)
    assert [one for one in said if "delivery_attempt" in one] == []


def test_care_ends_after_as_many_events_as_a_hand_can_hold(shelf: Stage) -> None:
    life(shelf)
    attempts = life(shelf).attempts

    attempts.grow_sure("workshop", HANDS_FULL - 1)
    assert attempts.unsure == {"workshop": 1}
    attempts.grow_sure("workshop", 1)

    assert attempts.unsure == {}


def test_a_successor_does_not_end_the_life_of_who_came_after(shelf: Stage) -> None:
    first, second = life(shelf), life(shelf)

    first.attempts.end_life()
    (row,) = toy.rows(shelf.database, consumer_state)
    assert row["life"] == second.attempts.life

    second.attempts.end_life()
    assert toy.rows(shelf.database, consumer_state)[0]["life"] == ""


# What is tried again


def test_what_is_parked_and_kills_when_it_is_tried_again_is_put_aside_for_good(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*life_of(shelf))
    let_time_pass(shelf.database)

    assert deaths(shelf, lambda consumer: Redriver(consumer).run_due()) == MOST_ATTEMPTS

    assert parked(shelf) == [(3, "crash_loop", "dead"), (4, "behind", "waiting"), (5, "behind", "waiting")]
    assert counted(shelf) == []


def test_an_operator_gives_it_five_lives_more(shelf: Stage) -> None:
    deaths(shelf, again(life_of(shelf)))
    redrive_dead(shelf)

    assert deaths(shelf, lambda consumer: Redriver(consumer).run_due()) == MOST_ATTEMPTS

    redrive_dead(shelf)
    assert Redriver(life(shelf, toy.print_again)).run_due() == 3
    assert notes(shelf.database) == whole()


def redrive_dead(shelf: Stage) -> None:
    with shelf.doing() as tx:
        operating.redrive(tx, "shelf.events", {"state": "dead"}, "it will go now")


def test_who_dies_beside_a_redrive_leaves_no_blame_when_it_succeeds(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "red")
    shelf.takes(*life_of(shelf, 1, ("red",)))
    toy.mend_printer(shelf.database)
    let_time_pass(shelf.database)
    with shelf.database.connection() as connection:
        (event,) = connection.scalars(sa.select(parked_event.c.event_id))
    life(shelf).attempts.begin(event)
    assert counted(shelf) == [1]

    assert Redriver(life(shelf)).run_due() == 1

    assert counted(shelf) == []


# What is no death


def test_an_outage_is_no_death_however_often_it_comes(shelf: Stage) -> None:
    """Fault 24: the database goes away in the middle of a try, ten times in one life."""
    wires = life_of(shelf)

    def lose_database(tx: toy.Transaction, event: HeardPainted) -> None:
        raise Unavailable(detail="The database does not answer")

    consumer = life(shelf, lose_database)
    for _ in range(2 * MOST_ATTEMPTS):
        with pytest.raises(Unavailable):
            consumer.take(wires, "push", None, True)
    assert counted(shelf) == [1]

    consumer.attempts.end_life()
    assert counted(shelf) == [0]
    life(shelf, toy.print_again).take(wires, "push", None, True)
    assert (notes(shelf.database), counted(shelf)) == (whole(), [])


def test_what_others_have_handled_meanwhile_is_forgotten_at_the_next_start(shelf: Stage) -> None:
    wires = life_of(shelf, 1, ())
    shelf.takes(*wires)
    (row,) = toy.rows(shelf.database, inbox)
    with shelf.database.connection() as connection:
        tried = {"consumer": "shelf.events", "event_id": row["event_id"], "attempts": 3}
        connection.execute(sa.insert(delivery_attempt).values(**tried, started_at=row["processed_at"]))

    life(shelf)

    assert counted(shelf) == []


def test_nobody_else_in_the_process_begins_while_one_may_die(new_sqlite: Callable[[], Database]) -> None:
    """Embedded services share a process: the poison of one must not count against what another has in hand."""
    first, second = (Stage(toy.shelf, new_sqlite(), None) for _ in range(2))  # type: ignore[arg-type]
    inside, go_on = threading.Event(), threading.Event()

    def wait(tx: toy.Transaction, event: HeardPainted) -> None:
        inside.set()
        go_on.wait(20)

    slow = threading.Thread(target=life(first, wait).take, args=(life_of(first, 1, ("red",)), "push", None, True))
    slow.start()
    inside.wait(20)
    wires = life_of(second, 1, ("red",))
    other = threading.Thread(target=life(second, toy.print_again).take, args=(wires, "push", None, True))
    other.start()
    other.join(0.3)
    assert (counted(first), counted(second), notes(second.database)) == ([1], [], [])

    go_on.set()
    slow.join(20)
    other.join(20)
    assert notes(second.database) == whole(1, 2)


def test_a_try_that_never_ends_holds_up_the_others_only_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.attempts.ALONE_SECONDS", 0.05)
    with alone():
        waited = threading.Thread(target=_alone_once)
        waited.start()
        waited.join(5)
        assert not waited.is_alive()


def _alone_once() -> None:
    with alone():
        pass


def test_bytes_too_deep_to_read_are_no_endless_loop(shelf: Stage) -> None:
    """They were: reading them raises what is neither a wrong value nor a wrong message."""
    wire = life_of(shelf, 1, ())[0]
    deep = wire.replace(b'"data":{', b'"data":{"deep":' + b"[" * 100_000 + b"]" * 100_000 + b",")

    shelf.takes(deep, *life_of(shelf, 2, ()))

    assert of_toy(shelf, 2) == whole(2, 1)
    assert [(row["reason"], row["state"]) for row in toy.rows(shelf.database, parked_event)] == [
        ("unparseable", "dead")
    ]
