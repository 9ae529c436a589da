"""Events that kill, that fail all together, and that are tried again: with real processes that really die."""

from __future__ import annotations

import pika
import pytest
import sqlalchemy as sa

from chassis import topology
from chassis.attempts import MOST_ATTEMPTS
from chassis.breaker import FAILURES
from chassis.pausing import standing_of
from chassis.tables import consumer_state, delivery_attempt, parked_event
from chassis.transaction import transaction
from tests import toy
from tests.faults.shop import Shop

pytestmark = [pytest.mark.infra, pytest.mark.broker]

SHELF = "shelf.events"
MANY = 2 * MOST_ATTEMPTS


def parked(shop: Shop) -> list[tuple[str, int, str, str]]:
    rows = toy.rows(shop.heard_in, parked_event)
    return sorted((row["aggregate_id"], row["aggregate_version"], row["reason"], row["state"]) for row in rows)


def deaths(shop: Shop, **how: str) -> int:
    """How many processes die, started one after the other as a supervisor does, until one has put the event aside."""
    for number in range(MANY):
        process = shop.shelf(deadly="blue", **how)
        shop.until(lambda one=process: not one.is_alive or is_put_aside(shop), "the process to die or to live")
        if process.is_alive:
            return number
        process.until_dead()
    return MANY


def is_put_aside(shop: Shop) -> bool:
    return any(reason == "crash_loop" for _, _, reason, _ in parked(shop))


def innocents_and_a_poison(shop: Shop) -> tuple[list[int], int]:
    """Toys that anybody can handle, before and after one that is painted blue."""
    before = [toy.make(shop.said_in, colours=["red", "green"]) for _ in range(5)]
    poison = toy.make(shop.said_in, colours=["red", "blue", "green"])
    after = [toy.make(shop.said_in, colours=["red", "green"]) for _ in range(5)]
    return before + after, poison


@pytest.mark.fault(34)
def test_an_event_that_kills_is_put_aside_and_no_innocent_one_with_it(either_shop: Shop) -> None:
    """One death before anybody suspects, five that are counted."""
    shop = either_shop
    innocents, poison = innocents_and_a_poison(shop)

    assert deaths(shop, reconcile="never") == MOST_ATTEMPTS + 1

    shop.until_heard(3 * len(innocents) + 2)
    shop.until(lambda: len(parked(shop)) == 2, "the follower to line up")
    assert parked(shop) == [(str(poison), 3, "crash_loop", "dead"), (str(poison), 4, "behind", "waiting")]
    heard = toy.notes(shop.heard_in)
    assert sorted(heard) == sorted(
        [(one, version) for one in innocents for version in (1, 2, 3)] + [(poison, 1), (poison, 2)]
    )
    assert toy.rows(shop.heard_in, delivery_attempt) == []


@pytest.mark.fault(34)
def test_the_broker_keeps_what_an_innocent_event_has_suffered_to_itself(shop: Shop) -> None:
    """Each death counts against all that was prefetched; none of it reaches the queue for the dead."""
    shop.shelf().until_ready().stop()
    shop.workshop()
    innocents_and_a_poison(shop)

    deaths(shop, reconcile="never")
    shop.until_heard(32)

    with pika.BlockingConnection(pika.URLParameters(shop.amqp_url)) as connection:
        dead = connection.channel().queue_declare(topology.dead_queue_name("shelf"), passive=True)
        assert dead.method.message_count == 0


@pytest.mark.fault(48)
def test_a_redrive_that_is_killed_goes_on_where_it_was(either_shop: Shop) -> None:
    """Killed twice in the middle of a line, each event is applied once and in order."""
    shop = either_shop
    toy.jam_printer(shop.heard_in, "blue")
    first = shop.shelf()
    bear = toy.make(shop.said_in, colours=["blue", "green", "white", "gold"])
    shop.until(lambda: len(parked(shop)) == 4, "the line to form")
    first.stop()
    toy.mend_printer(shop.heard_in)
    make_due(shop)

    for passes in ("2", "1"):
        shop.shelf(failpoint=f"redrive.before_commit:kill:{passes}").until_dead()
    shop.shelf()

    shop.until(lambda: not parked(shop), "all to be applied")
    assert toy.notes(shop.heard_in) == [(bear, version) for version in range(1, 6)]
    assert toy.rows(shop.heard_in, delivery_attempt) == []


def make_due(shop: Shop) -> None:
    with shop.heard_in.connection() as connection:
        waiting = sa.update(parked_event).where(parked_event.c.next_attempt_at.is_not(None))
        connection.execute(waiting.values(next_attempt_at=parked_event.c.first_at))


# Everything fails


def blue_toys(shop: Shop, number: int = FAILURES + 5) -> None:
    """So many toys are there, and then each is painted in the colour that jams the printer."""
    toy.jam_printer(shop.heard_in, "blue")
    toys = [toy.make(shop.said_in) for _ in range(number)]
    shop.until_heard(number)
    with transaction(shop.said_in, "workshop") as tx:
        for one in toys:
            toy.paint_toy(tx, one, "blue")


def breaker(shop: Shop) -> str:
    with shop.heard_in.reading() as session:
        return standing_of(session, SHELF).breaker


def attempts(shop: Shop) -> list[int]:
    return [row["attempts"] for row in toy.rows(shop.heard_in, parked_event)]


def test_when_everything_fails_the_listener_waits_and_goes_on_by_itself(either_shop: Shop) -> None:
    shop = either_shop
    process = shop.shelf(pace="impatient").until_ready()
    blue_toys(shop)
    shop.until(lambda: breaker(shop) == "failing", "the listener to pause itself")
    for _ in range(3):
        make_due(shop)
        probed = probe_time(shop)
        shop.until(lambda last=probed: probe_time(shop) != last, "one more try")
    assert attempts(shop) == [1] * (FAILURES - 1)

    toy.mend_printer(shop.heard_in)

    shop.until(lambda: not breaker(shop) and not parked(shop), "all to be applied")
    shop.until_heard(2 * (FAILURES + 5))
    assert len(toy.notes(shop.heard_in)) == 2 * (FAILURES + 5)
    assert process.is_alive


def probe_time(shop: Shop) -> object:
    (row,) = toy.rows(shop.heard_in, consumer_state)
    return row["probed_at"]


def test_a_listener_that_paused_itself_stays_so_when_it_starts_again(either_shop: Shop) -> None:
    shop = either_shop
    first = shop.shelf().until_ready()
    blue_toys(shop)
    shop.until(lambda: breaker(shop) == "failing", "the listener to pause itself")
    first.kill()

    shop.shelf(pace="impatient").until_ready()
    make_due(shop)
    probed = probe_time(shop)
    shop.until(lambda: probe_time(shop) != probed, "one more try")
    assert attempts(shop) == [1] * (FAILURES - 1)

    toy.mend_printer(shop.heard_in)
    shop.until_heard(2 * (FAILURES + 5))
