"""A consumer that pauses, because an operator says so or because everything would be put aside."""

from __future__ import annotations

import contextlib
import threading

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from chassis import operating
from chassis.breaker import AGGREGATES, FAILURES, Breaker
from chassis.consumer import Consumer
from chassis.dialect import clock
from chassis.parking import SCHEDULE
from chassis.pausing import PROBE_EVERY, ConsumerPaused
from chassis.principal import Principal
from chassis.problems import Unavailable
from chassis.reactions import OneByOne
from chassis.redrive import Redriver
from chassis.tables import consumer_state, parked_event
from chassis.testing.stage import Stage
from tests import toy
from tests.toy import HeardMade, HeardPainted, notes
from tests.toy_shelf import ToyRepainted, let_time_pass, parked

TOYS = range(1, FAILURES + 3)


# The rule


def test_ten_failures_in_a_row_about_five_things_are_enough() -> None:
    breaker = Breaker()

    told = [breaker.failed("jam", number % AGGREGATES) for number in range(FAILURES)]

    assert told == [False] * (FAILURES - 1) + [True]


def test_one_thing_alone_is_never_enough_and_four_are_not() -> None:
    breaker = Breaker()

    assert not any(breaker.failed("jam", number % (AGGREGATES - 1)) for number in range(10 * FAILURES))


def test_another_cause_begins_the_count_anew() -> None:
    breaker = Breaker()

    assert not any(breaker.failed(f"cause {number // (FAILURES - 1)}", number) for number in range(10 * FAILURES - 10))


def test_one_success_begins_the_count_anew() -> None:
    breaker = Breaker()
    for number in range(FAILURES - 1):
        breaker.failed("jam", number)

    breaker.succeeded()

    assert not any(breaker.failed("jam", number) for number in range(FAILURES - 1))
    assert breaker.failed("jam", FAILURES)


# The breaker at work


def made(shelf: Stage) -> list[bytes]:
    """Toys are made, and then each is painted blue: what the workshop says of the second part."""
    shelf.hears(*(HeardMade(toy_id=toy_id, name="bear") for toy_id in TOYS))
    return [shelf.says(HeardPainted(toy_id=toy_id, colour="blue")) for toy_id in TOYS]


def tripped(shelf: Stage) -> list[bytes]:
    """The printer jams for every one of them."""
    wires = made(shelf)
    toy.jam_printer(shelf.database, "blue")
    with pytest.raises(ConsumerPaused):
        shelf.takes(*wires)
    return wires


def consumer(shelf: Stage) -> Consumer:
    assert shelf.consumer
    return shelf.consumer


def attempts(shelf: Stage) -> list[int]:
    return [row["attempts"] for row in toy.rows(shelf.database, parked_event)]


def let_probe(shelf: Stage) -> None:
    """Ten seconds later."""
    with shelf.database.connection() as connection:
        connection.execute(sa.update(consumer_state).values(probed_at=clock(connection) - PROBE_EVERY))


def told(name: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"consumer": "shelf.events"})


def test_when_everything_fails_the_tenth_is_not_put_aside_any_more(shelf: Stage) -> None:
    tripped(shelf)

    assert parked(shelf) == [(2, "failed", "waiting")] * (FAILURES - 1)
    standing = consumer(shelf).pausing.standing
    assert (standing.breaker, standing.breaker_error) == (
        "failing",
        "PrinterJammed: The printer cannot print this colour",
    )
    assert told("bus_breaker_open") == 1


def test_while_it_is_open_nothing_is_taken_and_no_attempt_is_burnt(shelf: Stage) -> None:
    wires = tripped(shelf)

    for _ in SCHEDULE:
        let_time_pass(shelf.database)
        let_probe(shelf)
        assert Redriver(consumer(shelf)).run_due() == 0
    with pytest.raises(ConsumerPaused):
        shelf.takes(wires[-1])

    assert set(attempts(shelf)) == {1}


def test_what_was_read_before_it_opened_is_not_believed_after(shelf: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that began before the tenth failure and ends after it: the eleventh event must not be put aside."""
    pausing = consumer(shelf).pausing
    wires = made(shelf)
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*wires[: FAILURES - 1])
    trip = threading.Thread(target=take_what_goes, args=(shelf, wires[FAILURES - 1 :]))

    def open_meanwhile(session: object) -> int:
        trip.start()
        trip.join(0.5)
        return 0

    monkeypatch.setattr(pausing, "_parked", open_meanwhile)
    pausing.look()
    trip.join(20)

    assert pausing.is_held
    assert len(parked(shelf)) == FAILURES - 1


def take_what_goes(shelf: Stage, wires: list[bytes]) -> None:
    with contextlib.suppress(ConsumerPaused):
        shelf.takes(*wires)


def test_every_ten_seconds_one_event_is_tried_and_each_has_its_turn(shelf: Stage) -> None:
    tripped(shelf)
    tried: list[int] = []

    def note(tx: toy.Transaction, event: HeardPainted) -> None:
        tried.append(event.toy_id)
        toy.print_again(tx, event)

    consumer(shelf).reactions = OneByOne({**toy.shelf.hears, HeardPainted: note})

    Redriver(consumer(shelf)).run_due()
    assert tried == []
    for _ in range(3):
        let_probe(shelf)
        Redriver(consumer(shelf)).run_due()
        Redriver(consumer(shelf)).run_due()

    assert len(set(tried)) == len(tried) == 3


def test_two_workers_try_one_event_together(shelf: Stage) -> None:
    tripped(shelf)
    let_probe(shelf)
    other = toy.shelf.consumer(shelf.database, shelf.elsewhere)
    assert other
    other.pausing.look()

    assert [one.pausing.claim_probe() for one in (consumer(shelf), other)] == [True, False]


def test_it_closes_itself_when_one_succeeds_and_the_others_follow_at_once(shelf: Stage) -> None:
    wires = tripped(shelf)
    toy.mend_printer(shelf.database)
    let_probe(shelf)

    assert Redriver(consumer(shelf)).run_due() == 1

    assert consumer(shelf).pausing.standing.breaker == ""
    assert told("bus_breaker_open") == 0
    assert Redriver(consumer(shelf)).run_due() == FAILURES - 2
    shelf.takes(*wires)
    assert len(notes(shelf.database)) == 2 * len(TOYS)
    assert parked(shelf) == []


def test_one_that_is_bad_for_its_own_sake_does_not_keep_it_open(shelf: Stage) -> None:
    tripped(shelf)
    toy.mend_printer(shelf.database)

    def dislike_one(tx: toy.Transaction, event: HeardPainted) -> None:
        if event.toy_id == 1:
            raise ValueError("not this one")
        toy.print_again(tx, event)

    consumer(shelf).reactions = OneByOne({**toy.shelf.hears, HeardPainted: dislike_one})
    tried = 0
    while consumer(shelf).pausing.standing.breaker and tried < 3:
        let_probe(shelf)
        Redriver(consumer(shelf)).run_due()
        tried += 1

    assert consumer(shelf).pausing.standing.breaker == ""
    assert toy.rows(shelf.database, parked_event, aggregate_id="1")[0]["attempts"] == 1


def test_it_closes_when_an_operator_has_dealt_with_all_that_failed(shelf: Stage) -> None:
    tripped(shelf)
    with shelf.doing() as tx:
        operating.discard(tx, "shelf.events", {"state": "waiting"}, "not needed")
    let_probe(shelf)

    assert Redriver(consumer(shelf)).run_due() == 0

    assert consumer(shelf).pausing.standing.breaker == ""


def test_a_restart_changes_nothing(shelf: Stage) -> None:
    wires = tripped(shelf)
    again = toy.shelf.consumer(shelf.database, shelf.elsewhere)
    assert again

    again.pausing.look()

    with pytest.raises(ConsumerPaused):
        again.take(wires, "push")
    assert str(again.pausing.standing).startswith("everything fails since ")


def test_one_kind_that_fails_among_others_that_go_holds_up_nobody(shelf: Stage) -> None:
    """Fault 33: what cannot be applied is put aside, however much of it there is."""
    toy.jam_printer(shelf.database, "blue")

    for toy_id in TOYS:
        shelf.hears(HeardMade(toy_id=toy_id, name="bear"), HeardPainted(toy_id=toy_id, colour="blue"))

    assert len(parked(shelf)) == len(TOYS)
    assert consumer(shelf).pausing.standing.breaker == ""


def test_waiting_for_a_newer_build_or_for_a_silent_source_opens_nothing(shelf: Stage) -> None:
    made(shelf)
    shelf.takes(*(shelf.says(ToyRepainted(toy_id=toy_id, colours=["red"])) for toy_id in TOYS))
    shelf.elsewhere["workshop"].is_reachable = False
    for toy_id in range(100, 112):
        shelf.takes(shelf.says(HeardPainted(toy_id=toy_id, colour="red"), version=3))

    assert {reason for _, reason, _ in parked(shelf)} == {"unsupported_version", "gap_unavailable"}
    assert consumer(shelf).pausing.standing.breaker == ""


def test_tries_of_what_is_parked_open_nothing(shelf: Stage) -> None:
    """A few bad events on a quiet day must not stop the rest: only deliveries count."""
    wires = made(shelf)[:AGGREGATES]
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*wires)

    for _ in range(3):
        let_time_pass(shelf.database)
        Redriver(consumer(shelf)).run_due()

    assert consumer(shelf).pausing.standing.breaker == ""
    assert set(attempts(shelf)) == {4}


# Too many


def test_too_many_parked_events_pause_the_consumer_until_few_are_left(shelf: Stage) -> None:
    pausing = consumer(shelf).pausing
    pausing.most_parked = 10
    toy.jam_printer(shelf.database, "blue")
    for toy_id in TOYS[:10]:
        shelf.hears(HeardMade(toy_id=toy_id, name="bear"), HeardPainted(toy_id=toy_id, colour="blue"))
    pausing.look()
    assert pausing.standing.breaker == ""

    shelf.hears(HeardMade(toy_id=99, name="bear"), HeardPainted(toy_id=99, colour="blue"))
    pausing.look()

    assert str(pausing.standing) == "too many events are parked: more than 10"
    with pytest.raises(ConsumerPaused):
        shelf.hears(HeardMade(toy_id=100, name="bear"))
    toy.mend_printer(shelf.database)
    for left, cause in ((1, "full"), (1, "")):
        let_some_time_pass(shelf, left)
        Redriver(consumer(shelf)).run_due()
        pausing.look()
        assert pausing.standing.breaker == cause


def let_some_time_pass(shelf: Stage, number: int) -> None:
    """So many are due."""
    with shelf.database.connection() as connection:
        some = sa.select(parked_event.c.event_id).limit(number)
        due = sa.update(parked_event).where(parked_event.c.event_id.in_(some))
        connection.execute(due.values(next_attempt_at=parked_event.c.first_at))


# An operator


OLGA = Principal(user_id=3, name="Olga", kind="user")


def pause(shelf: Stage) -> None:
    with shelf.doing(by=OLGA) as tx:
        operating.pause(tx, "shelf.events", "the printer is away")
    consumer(shelf).pausing.look()


def test_who_is_paused_takes_nothing_and_tries_nothing(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    shelf.hears(HeardMade(toy_id=1, name="bear"), HeardPainted(toy_id=1, colour="blue"))
    toy.mend_printer(shelf.database)
    let_time_pass(shelf.database)

    pause(shelf)

    with pytest.raises(ConsumerPaused):
        shelf.hears(HeardMade(toy_id=2, name="duck"))
    assert Redriver(consumer(shelf)).run_due() == 0
    assert notes(shelf.database) == [(1, 1)]
    assert told("bus_consumer_paused") == 1


def test_who_is_resumed_goes_on(shelf: Stage) -> None:
    pause(shelf)
    with shelf.doing(by=OLGA) as tx:
        operating.resume(tx, "shelf.events", "it is back")
    consumer(shelf).pausing.look()

    shelf.hears(HeardMade(toy_id=1, name="bear"))

    assert notes(shelf.database) == [(1, 1)]
    assert told("bus_consumer_paused") == 0


def test_pausing_twice_and_resuming_who_goes_are_refused(shelf: Stage) -> None:
    with pytest.raises(operating.NotPaused), shelf.doing() as tx:
        operating.resume(tx, "shelf.events", "why not")
    pause(shelf)

    with pytest.raises(operating.PausedAlready) as refused:
        pause(shelf)

    assert refused.value.facts() == {"paused_by": "Olga", "pause_reason": "the printer is away"}


def test_who_is_paused_while_everything_fails_does_not_even_try(shelf: Stage) -> None:
    tripped(shelf)
    toy.mend_printer(shelf.database)
    pause(shelf)
    let_probe(shelf)

    assert Redriver(consumer(shelf)).run_due() == 0

    assert str(consumer(shelf).pausing.standing).count(";") == 1
    assert len(parked(shelf)) == FAILURES - 1


def test_an_operator_may_close_the_breaker_by_hand(shelf: Stage) -> None:
    wires = tripped(shelf)
    toy.mend_printer(shelf.database)

    with shelf.doing(by=OLGA) as tx:
        operating.resume(tx, "shelf.events", "mended")
    consumer(shelf).pausing.look()

    assert Redriver(consumer(shelf)).run_due() == FAILURES - 1
    shelf.takes(*wires)
    assert len(notes(shelf.database)) == 2 * len(TOYS)


def test_an_outage_is_told_as_one_and_pauses_nobody(shelf: Stage) -> None:
    def lose_database(tx: toy.Transaction, event: HeardPainted) -> None:
        raise Unavailable(detail="gone")

    consumer(shelf).reactions = OneByOne({HeardPainted: lose_database})
    for toy_id in TOYS:
        with pytest.raises(Unavailable):
            shelf.hears(HeardPainted(toy_id=toy_id, colour="red"))

    assert consumer(shelf).pausing.standing.breaker == ""
    assert parked(shelf) == []
